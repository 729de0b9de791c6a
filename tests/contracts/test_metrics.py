"""The laws that every metric keeps. A metric enters by being registered; its case says what it is fed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import metrics
from denselite.losses import mean_absolute_error
from denselite.metrics import Metric
from tests.contracts.part_laws import run, trace, wide_values

RNG = np.random.default_rng(4)
ROWS = 9
SCORES = RNG.random((ROWS, 3))
LABELS = RNG.integers(0, 3, ROWS)
ONE_HOT = np.eye(3)[LABELS]
WEIGHTS = RNG.random(ROWS)

# name -> class, arguments, what `update_state` gets
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "sum": ("Sum", {}, {"values": SCORES}),
    "mean": ("Mean", {}, {"values": SCORES}),
    "wrapper": ("MeanMetricWrapper", {"fn": mean_absolute_error}, {"y_true": ONE_HOT, "y_pred": SCORES}),
    "accuracy": ("Accuracy", {}, {"y_true": LABELS, "y_pred": LABELS[::-1].copy()}),
    "binary-accuracy": ("BinaryAccuracy", {"threshold": 0.4}, {"y_true": ONE_HOT, "y_pred": SCORES}),
    "binary-accuracy-column": ("BinaryAccuracy", {}, {"y_true": ONE_HOT[:, 0], "y_pred": SCORES[:, :1]}),
    "categorical-accuracy": ("CategoricalAccuracy", {}, {"y_true": ONE_HOT, "y_pred": SCORES}),
    "sparse-accuracy": ("SparseCategoricalAccuracy", {}, {"y_true": LABELS, "y_pred": SCORES}),
    "sparse-accuracy-column": ("SparseCategoricalAccuracy", {}, {"y_true": LABELS[:, None], "y_pred": SCORES}),
    "mse": ("MeanSquaredError", {}, {"y_true": ONE_HOT, "y_pred": SCORES}),
    "mae": ("MeanAbsoluteError", {}, {"y_true": ONE_HOT, "y_pred": SCORES}),
    "rmse": ("RootMeanSquaredError", {}, {"y_true": ONE_HOT, "y_pred": SCORES}),
    "bce": ("BinaryCrossentropy", {"label_smoothing": 0.1}, {"y_true": ONE_HOT, "y_pred": SCORES}),
    "cce": ("CategoricalCrossentropy", {"from_logits": True}, {"y_true": ONE_HOT, "y_pred": SCORES}),
    "scce": ("SparseCategoricalCrossentropy", {}, {"y_true": LABELS, "y_pred": SCORES}),
    "scce-ignore": ("SparseCategoricalCrossentropy", {"ignore_class": 2}, {"y_true": LABELS, "y_pred": SCORES}),
}

every_case = pytest.mark.parametrize("case", CASES)
weighted_or_not = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])


def make(case: str, dtype: str = "float64") -> tuple[Metric, dict[str, Any]]:
    name, arguments, arrays = CASES[case]
    cast = {key: a.astype(dtype) if a.dtype.kind == "f" else a for key, a in arrays.items()}
    return getattr(metrics, name)(**arguments, dtype=dtype), cast


def part(arrays: dict[str, Any], rows: slice, weighted: bool) -> dict[str, Any]:
    cut = {key: a[rows] for key, a in arrays.items()}
    return {**cut, "sample_weight": WEIGHTS[rows]} if weighted else cut


def test_cases_here_reach_every_registered_metric() -> None:
    assert {name for name, *_ in CASES.values()} == {cls.__name__ for cls in metrics.metrics.members.values()}


@every_case
def test_config_goes_round(case: str) -> None:
    metric, arrays = make(case)
    again = metrics.deserialize(metrics.serialize(metric))
    assert type(again) is type(metric)
    assert again.get_config() == metric.get_config()
    np.testing.assert_allclose(again(**arrays), metric(**arrays), rtol=1e-15)


@every_case
@weighted_or_not
def test_result_over_batches_is_the_result_of_all_rows(case: str, weighted: bool) -> None:
    whole, arrays = make(case)
    whole.update_state(**part(arrays, slice(None), weighted))
    batched, _ = make(case)
    for rows in (slice(0, 4), slice(4, 8), slice(8, 9)):
        batched.update_state(**part(arrays, rows, weighted))
    np.testing.assert_allclose(batched.result(), whole.result(), rtol=1e-12)


@every_case
@weighted_or_not
def test_planned_update_is_the_eager_one_for_every_batch_size(case: str, weighted: bool) -> None:
    eager, arrays = make(case)
    planned, _ = make(case)
    graph = trace(planned.update_state, part(arrays, slice(None), weighted))
    for rows in (slice(0, 4), slice(4, 8), slice(8, 9)):
        batch = part(arrays, rows, weighted)
        eager.update_state(**batch)
        run(graph, batch)
    for ours, theirs in zip(planned.variables, eager.variables, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)
    assert float(planned.result()) == pytest.approx(float(eager.result()), rel=1e-12)


@every_case
def test_weights_of_one_change_nothing(case: str) -> None:
    plain, arrays = make(case)
    weighted, _ = make(case)
    plain.update_state(**arrays)
    weighted.update_state(**arrays, sample_weight=np.ones(ROWS))
    np.testing.assert_allclose(weighted.result(), plain.result(), rtol=1e-12)


@every_case
def test_rows_of_weight_zero_do_not_count(case: str) -> None:
    metric, arrays = make(case)
    metric.update_state(**arrays, sample_weight=(np.arange(ROWS) < 5) * 1.0)
    other, _ = make(case)
    other.update_state(**part(arrays, slice(0, 5), weighted=False))
    np.testing.assert_allclose(metric.result(), other.result(), rtol=1e-12)


@every_case
def test_fresh_and_reset_metrics_give_zero(case: str) -> None:
    metric, arrays = make(case)
    assert float(metric.result()) == 0.0
    metric.update_state(**arrays)
    assert float(metric.result()) != 0.0
    metric.reset_state()
    assert float(metric.result()) == 0.0


@every_case
@weighted_or_not
def test_float32_step_has_no_float64_arrays(case: str, weighted: bool) -> None:
    metric, arrays = make(case, "float32")
    if weighted:
        arrays["sample_weight"] = WEIGHTS.astype("float32")
    assert wide_values(trace(metric.update_state, arrays)) == []


@every_case
def test_state_is_float64_and_not_trainable(case: str) -> None:
    metric, _ = make(case, "float32")
    assert metric.variables
    assert {variable.dtype.name for variable in metric.variables} == {"float64"}
    assert not any(variable.trainable for variable in metric.variables)
    assert metric.get_config()["dtype"] == "float32"
