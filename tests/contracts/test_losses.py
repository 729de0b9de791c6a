"""The laws that every loss keeps. A loss enters by being registered; its case says what it is fed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import losses
from denselite.graph.grouping import regroupable
from denselite.graph.simplify import simplify
from denselite.losses import Loss
from denselite.tensor.variable import Variable
from tests.contracts.part_laws import numeric_gradient, run, trace, value_and_gradient, wide_values

RNG = np.random.default_rng(3)
ROWS, CLASSES = 6, 4
LOGITS = RNG.normal(size=(ROWS, CLASSES))
PROBABILITIES = np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)
LABELS = np.array([0, 3, 1, 1, 2, 0])
ONE_HOT = np.eye(CLASSES)[LABELS]
REAL = RNG.normal(size=(ROWS, CLASSES))
BITS = (RNG.random((ROWS, CLASSES)) < 0.5).astype(float)
WEIGHTS = np.array([0.0, 0.5, 1.0, 2.0, 0.25, 3.0])

# name -> class, arguments, targets, predictions
CASES: dict[str, tuple[str, dict[str, Any], Any, Any]] = {
    "mse": ("MeanSquaredError", {}, REAL, LOGITS),
    "mae": ("MeanAbsoluteError", {}, REAL, LOGITS),
    "bce": ("BinaryCrossentropy", {}, BITS, PROBABILITIES),
    "bce-smooth": ("BinaryCrossentropy", {"label_smoothing": 0.2}, BITS, PROBABILITIES),
    "bce-logits": ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, BITS, LOGITS),
    "cce": ("CategoricalCrossentropy", {}, ONE_HOT, PROBABILITIES),
    "cce-smooth": ("CategoricalCrossentropy", {"label_smoothing": 0.2}, ONE_HOT, PROBABILITIES),
    "cce-logits": ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    "scce": ("SparseCategoricalCrossentropy", {}, LABELS, PROBABILITIES),
    "scce-logits": ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, LOGITS),
    "scce-ignore": ("SparseCategoricalCrossentropy", {"ignore_class": 1}, LABELS, PROBABILITIES),
    "mape": ("MeanAbsolutePercentageError", {}, REAL, LOGITS),
    "msle": ("MeanSquaredLogarithmicError", {}, PROBABILITIES[::-1], PROBABILITIES),
    "cosine": ("CosineSimilarity", {}, REAL, LOGITS),
    "huber": ("Huber", {"delta": 0.7}, REAL, LOGITS),
    "log-cosh": ("LogCosh", {}, REAL, LOGITS),
    "hinge": ("Hinge", {}, BITS, LOGITS),
    "squared-hinge": ("SquaredHinge", {}, 2.0 * BITS - 1.0, LOGITS),
    "categorical-hinge": ("CategoricalHinge", {}, ONE_HOT, LOGITS),
    "kld": ("KLDivergence", {}, PROBABILITIES[::-1], PROBABILITIES),
    "poisson": ("Poisson", {}, 3.0 * BITS, PROBABILITIES),
    "binary-focal": ("BinaryFocalCrossentropy", {"apply_class_balancing": True}, BITS, PROBABILITIES),
    "binary-focal-slow": ("BinaryFocalCrossentropy", {"gamma": 0.5, "label_smoothing": 0.1}, BITS, PROBABILITIES),
    "binary-focal-logits": ("BinaryFocalCrossentropy", {"from_logits": True}, BITS, LOGITS),
    "categorical-focal": ("CategoricalFocalCrossentropy", {"alpha": [0.1, 0.2, 0.3, 0.4]}, ONE_HOT, PROBABILITIES),
    "categorical-focal-none": ("CategoricalFocalCrossentropy", {"gamma": 0.0}, ONE_HOT, PROBABILITIES),
    "categorical-focal-logits": ("CategoricalFocalCrossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    "dice": ("Dice", {"axis": 1}, BITS, PROBABILITIES),
    "tversky": ("Tversky", {"alpha": 0.7, "axis": 1}, BITS, PROBABILITIES),
    "generalized": ("CategoricalGeneralizedCrossEntropy", {}, LABELS, PROBABILITIES),
}
REDUCTIONS = ["sum_over_batch_size", "sum", "mean_with_sample_weight", "none"]

LOOKS_AT_THE_BATCH = {"hinge", "scce-ignore", "squared-hinge"}

every_case = pytest.mark.parametrize("case", CASES)


def make(case: str, dtype: str = "float64", **options: Any) -> tuple[Loss, dict[str, Any]]:
    name, arguments, y, p = CASES[case]
    loss = getattr(losses, name)(**arguments, **options, dtype=dtype)
    return loss, {"y_true": y if y.dtype.kind == "i" else y.astype(dtype), "y_pred": p.astype(dtype)}


def test_cases_here_reach_every_registered_loss() -> None:
    classes = {member.__name__ for member in losses.losses.members.values() if isinstance(member, type)}
    assert {name for name, *_ in CASES.values()} == classes


@every_case
def test_config_goes_round(case: str) -> None:
    loss, _ = make(case, reduction="sum", name="other")
    again = losses.deserialize(losses.serialize(loss))
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    assert again.get_config()["name"] == "other"


@every_case
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_gradient_is_the_slope(case: str, reduction: str, weighted: bool) -> None:
    loss, arrays = make(case, reduction=reduction)
    if weighted:
        arrays["sample_weight"] = WEIGHTS
    _, gradient = value_and_gradient(loss, arrays, "y_pred")
    np.testing.assert_allclose(gradient, numeric_gradient(loss, arrays, "y_pred"), rtol=1e-6, atol=1e-8)


@every_case
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_planned_value_is_the_eager_one(case: str, reduction: str, weighted: bool) -> None:
    loss, arrays = make(case, reduction=reduction)
    if weighted:
        arrays["sample_weight"] = WEIGHTS
    (planned,) = run(trace(loss, arrays), arrays)
    np.testing.assert_allclose(planned, loss(**arrays), rtol=1e-12)


@every_case
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
def test_where_the_grouping_of_rows_is_proved_not_to_matter_it_does_not(case: str, weighted: bool) -> None:
    loss, arrays = make(case)
    if weighted:
        arrays["sample_weight"] = WEIGHTS
    total = Variable(np.zeros((), "f8"), name="total")

    def add(**batch: Any) -> None:
        total.assign(total.value + loss(**batch) * batch["y_pred"].shape[0])

    graph = simplify(trace(add, arrays))
    assert regroupable(graph) == (case not in LOOKS_AT_THE_BATCH)
    found = []
    for sizes in ([ROWS], [1, 3, 2]):
        total.assign(0.0)
        for end, size in zip(np.cumsum(sizes), sizes, strict=True):
            run(graph, {name: array[end - size : end] for name, array in arrays.items()})
        found.append(float(total))
    assert found[1] == pytest.approx(found[0], rel=1e-12) or case in LOOKS_AT_THE_BATCH


@every_case
def test_reductions_follow_from_the_values_of_the_samples(case: str) -> None:
    loss, arrays = make(case, reduction="none")
    values = loss(**arrays)
    counted = np.not_equal(LABELS, getattr(loss, "ignore_class", None) or -1)
    assert values.shape == (ROWS,)
    expected = {
        "sum": values.sum(),
        "sum_over_batch_size": values.sum() / counted.sum(),
        "mean": values.sum() / counted.sum(),
        "mean_with_sample_weight": values.sum() / counted.sum(),
    }
    for reduction, number in expected.items():
        np.testing.assert_allclose(make(case, reduction=reduction)[0](**arrays), number, rtol=1e-12)


@every_case
def test_weights_scale_the_values_of_the_samples(case: str) -> None:
    loss, arrays = make(case, reduction="none")
    values, weighted = loss(**arrays), loss(**arrays, sample_weight=WEIGHTS)
    counted = np.not_equal(LABELS, getattr(loss, "ignore_class", None) or -1)
    np.testing.assert_allclose(weighted, values * WEIGHTS, rtol=1e-12)
    mean, _ = make(case)
    np.testing.assert_allclose(mean(**arrays, sample_weight=WEIGHTS), weighted.sum() / counted.sum(), rtol=1e-12)
    over_weights, _ = make(case, reduction="mean_with_sample_weight")
    expected = weighted.sum() / WEIGHTS[counted].sum()
    np.testing.assert_allclose(over_weights(**arrays, sample_weight=WEIGHTS), expected, rtol=1e-12)


@every_case
def test_a_column_of_weights_is_a_vector_of_weights(case: str) -> None:
    loss, arrays = make(case)
    assert loss(**arrays, sample_weight=WEIGHTS[:, None]) == loss(**arrays, sample_weight=WEIGHTS)


@every_case
def test_float32_step_has_no_float64_arrays(case: str) -> None:
    loss, arrays = make(case, "float32")
    arrays["sample_weight"] = WEIGHTS.astype("float32")
    graph = trace(loss, arrays, "y_pred")
    assert wide_values(graph) == []
    value, gradient = run(graph, arrays)
    assert value.dtype == gradient.dtype == np.float32


@every_case
def test_float64_data_is_computed_in_the_dtype_of_the_loss(case: str) -> None:
    loss, _ = make(case, "float32")
    assert loss(**make(case, "float64")[1]).dtype == np.float32


@pytest.mark.parametrize("case", [case for case in CASES if case not in ("mse", "mae")])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_saturated_predictions_give_finite_values_and_gradients(case: str, dtype: str) -> None:
    loss, arrays = make(case, dtype)
    far = np.array([[1e4, -1e4, 0, 5], [-1e4, 1e4, 1e4, 0], [-1e4] * 4, [1e4] * 4, [0] * 4, [30, -30, 100, -100]])
    if not getattr(loss, "from_logits", False):
        far = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0], [1, 1, 1, 1], [1e-7, 1, 1e-9, 0], [0.5, 0.5, 0, 0]])
    value, gradient = value_and_gradient(loss, {**arrays, "y_pred": far.astype(dtype)}, "y_pred")
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@every_case
def test_batches_of_any_size_share_one_graph(case: str) -> None:
    loss, arrays = make(case)
    graph = trace(loss, arrays, "y_pred")
    for rows in (1, 2, 5):
        part = {name: array[:rows] for name, array in arrays.items()}
        np.testing.assert_allclose(run(graph, part)[0], loss(**part), rtol=1e-12)
