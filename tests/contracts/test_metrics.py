"""The laws that every metric keeps. A metric enters by being registered; its case says what it is fed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import metrics
from denselite.errors import StateError
from denselite.graph.dims import is_static
from denselite.graph.grouping import regroupable
from denselite.graph.simplify import simplify
from denselite.losses import mean_absolute_error
from denselite.metrics import Metric
from tests.contracts.part_laws import run, trace

RNG = np.random.default_rng(4)
ROWS = 9
SCORES = RNG.random((ROWS, 3))
LABELS = RNG.integers(0, 3, ROWS)
ONE_HOT = np.eye(3)[LABELS]
WEIGHTS = RNG.random(ROWS)
ROUND = np.round(SCORES, 1)  # some lie on thresholds
PAIR = {"y_true": ONE_HOT, "y_pred": ROUND}
LABEL_PAIR = {"y_true": LABELS, "y_pred": LABELS[::-1].copy()}

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
    "mape": ("MeanAbsolutePercentageError", {}, {"y_true": SCORES + 1.0, "y_pred": ONE_HOT}),
    "msle": ("MeanSquaredLogarithmicError", {}, PAIR),
    "logcosh": ("LogCoshError", {}, PAIR),
    "cosine": ("CosineSimilarity", {}, PAIR),
    "kld": ("KLDivergence", {}, PAIR),
    "poisson": ("Poisson", {}, PAIR),
    "hinge": ("Hinge", {}, {"y_true": 2.0 * ONE_HOT - 1.0, "y_pred": SCORES}),
    "squared-hinge": ("SquaredHinge", {}, {"y_true": 2.0 * ONE_HOT - 1.0, "y_pred": SCORES}),
    "categorical-hinge": ("CategoricalHinge", {}, PAIR),
    "pearson": ("PearsonCorrelation", {}, {"y_true": ONE_HOT, "y_pred": SCORES}),
    "concordance": ("ConcordanceCorrelation", {}, PAIR),
    "top-k": ("TopKCategoricalAccuracy", {"k": 2}, PAIR),
    "sparse-top-k": ("SparseTopKCategoricalAccuracy", {"k": 2}, {"y_true": LABELS, "y_pred": ROUND}),
    "sparse-top-k-ids": (
        "SparseTopKCategoricalAccuracy",
        {"k": 2, "from_sorted_ids": True},
        {"y_true": LABELS, "y_pred": np.argsort(-SCORES)},
    ),
    "r2": ("R2Score", {"class_aggregation": None}, PAIR),
    "r2-variance": ("R2Score", {"class_aggregation": "variance_weighted_average"}, PAIR),
    "true-positives": ("TruePositives", {}, PAIR),
    "true-negatives": ("TrueNegatives", {"thresholds": [0.7, 0.3, 0.35]}, PAIR),
    "false-positives": ("FalsePositives", {"thresholds": [0.25, 0.5, 0.75]}, PAIR),
    "false-negatives": ("FalseNegatives", {}, {"y_true": ONE_HOT[:, 0], "y_pred": ROUND[:, :1]}),
    "precision": ("Precision", {}, PAIR),
    "precision-top-k": ("Precision", {"top_k": 2, "class_id": 1}, PAIR),
    "recall": ("Recall", {"thresholds": [0.1, 0.2, 0.6]}, PAIR),
    "precision-at-recall": ("PrecisionAtRecall", {"recall": 0.5}, PAIR),
    "recall-at-precision": ("RecallAtPrecision", {"precision": 0.2, "num_thresholds": 5}, PAIR),
    "sensitivity": ("SensitivityAtSpecificity", {"specificity": 0.1, "class_id": 0}, PAIR),
    "specificity": ("SpecificityAtSensitivity", {"sensitivity": 0.1, "num_thresholds": 1}, PAIR),
    "auc": ("AUC", {}, PAIR),
    "auc-pr": ("AUC", {"curve": "PR", "thresholds": [0.2, 0.3, 0.9]}, PAIR),
    "auc-gain": ("AUC", {"curve": "PRGAIN", "summation_method": "majoring", "label_weights": [1.0, 2.0, 3.0]}, PAIR),
    "auc-labels": ("AUC", {"multi_label": True, "from_logits": True, "num_thresholds": 9}, PAIR),
    "f1": ("F1Score", {}, PAIR),
    "f1-weighted": ("F1Score", {"average": "weighted", "threshold": 0.5}, PAIR),
    "fbeta": ("FBetaScore", {"beta": 2.0, "average": "micro"}, PAIR),
    "iou": ("IoU", {"num_classes": 2, "target_class_ids": [0, 1]}, LABEL_PAIR),
    "binary-iou": ("BinaryIoU", {"threshold": 0.4}, {"y_true": ONE_HOT[:, 0], "y_pred": SCORES[:, 0]}),
    "mean-iou": ("MeanIoU", {"num_classes": 3, "ignore_class": 1}, LABEL_PAIR),
    "one-hot-iou": ("OneHotIoU", {"num_classes": 3, "target_class_ids": [2]}, PAIR),
    "one-hot-mean-iou": ("OneHotMeanIoU", {"num_classes": 3}, PAIR),
}

# Their state takes its shape from a first batch.
LAZY = {"r2", "r2-variance", "auc-labels", "f1", "f1-weighted", "fbeta"}

COMPUTES_LABELS = {"scce-ignore"}
LOOKS_AT_ALL_LABELS = {"hinge", "squared-hinge"}  # are they 0 and 1, or -1 and 1?

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
    np.testing.assert_allclose(planned.result(), eager.result(), rtol=1e-12)


@every_case
@weighted_or_not
def test_it_is_proved_not_to_matter_how_rows_are_grouped(case: str, weighted: bool) -> None:
    metric, arrays = make(case)
    graph = simplify(trace(metric.update_state, part(arrays, slice(None), weighted)))
    assert regroupable(graph) == (case not in LOOKS_AT_ALL_LABELS | COMPUTES_LABELS)


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
def test_fresh_metric_gives_zero_or_says_that_it_saw_nothing(case: str) -> None:
    metric, arrays = make(case)
    if case in LAZY:
        with pytest.raises(StateError, match=r"has seen no batch yet\. Call update_state\(\) first\.$"):
            metric.result()
    else:
        assert not np.any(metric.result())
    metric.update_state(**arrays)
    assert np.any(metric.result())


@every_case
def test_reset_metric_starts_anew(case: str) -> None:
    metric, arrays = make(case)
    first = metric(**arrays)
    metric.reset_state()
    assert not any(np.any(variable) for variable in metric.variables)
    np.testing.assert_array_equal(metric(**arrays), first)


@every_case
def test_result_is_no_view_of_the_state(case: str) -> None:
    metric, arrays = make(case)
    first = metric(**arrays)
    before = np.copy(first)
    metric.update_state(**{key: values[:4] for key, values in arrays.items()})
    np.testing.assert_array_equal(first, before)


@every_case
def test_stateless_calls_give_the_same_and_leave_the_metric_as_it_is(case: str) -> None:
    metric, arrays = make(case)
    metric.update_state(**arrays)
    before = [variable.numpy() for variable in metric.variables]
    zeros = metric.stateless_reset_state()
    after = metric.stateless_update_state(zeros, **arrays)
    np.testing.assert_allclose(metric.stateless_result(after), metric.result(), rtol=1e-15)
    for variable, kept, once in zip(metric.variables, before, after, strict=True):
        np.testing.assert_array_equal(variable, kept)
        np.testing.assert_array_equal(once, kept)


@every_case
@weighted_or_not
def test_float32_step_has_no_float64_arrays_of_the_size_of_a_batch(case: str, weighted: bool) -> None:
    metric, arrays = make(case, "float32")
    if weighted:
        arrays["sample_weight"] = WEIGHTS.astype("float32")
    graph = trace(metric.update_state, arrays)
    wide = [f"{v.op.name} {v.shape}" for v in graph.values if v.dtype == np.float64 and not is_static(v.shape)]
    assert wide == []


@every_case
def test_state_is_float64_and_not_trainable(case: str) -> None:
    metric, arrays = make(case, "float32")
    metric.update_state(**arrays)
    assert metric.variables
    assert {variable.dtype.name for variable in metric.variables} == {"float64"}
    assert not any(variable.trainable for variable in metric.variables)
    assert metric.get_config()["dtype"] == "float32"
