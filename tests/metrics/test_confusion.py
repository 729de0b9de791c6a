"""Counts at thresholds, precision, recall and operating points, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import metrics
from denselite.errors import ArgumentError, ShapeError
from denselite.graph.graph import BATCH, trace_graph
from denselite.metrics.thresholds import Thresholds, even_thresholds

# Above 0.5: a right yes, a wrong yes; not above: a right no, two wrong ones.
TRUE = [1, 0, 0, 1, 1]
SCORES = [0.9, 0.6, 0.2, 0.5, 0.1]
KINDS = {"TruePositives": 1.0, "FalsePositives": 1.0, "TrueNegatives": 1.0, "FalseNegatives": 2.0}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_is_counted(name: str) -> None:
    assert float(getattr(metrics, name)()(TRUE, SCORES)) == KINDS[name]


def test_weights_count_instead_of_samples() -> None:
    assert float(metrics.FalseNegatives()(TRUE, SCORES, sample_weight=[9, 9, 9, 0.5, 2])) == 2.5


def test_thresholds_keep_their_order() -> None:
    assert metrics.TruePositives(thresholds=[0.95, 0.0, 0.3])(TRUE, SCORES).tolist() == [0.0, 3.0, 2.0]


@pytest.mark.parametrize("values", [[0.5], [0.2, 0.6], [0.6, 0.2, 0.5], even_thresholds(3), even_thresholds(11)])
def test_every_way_of_counting_agrees_with_comparing(values: list[float]) -> None:
    scores = np.array([0.05, 0.2, 0.33, 0.5, 0.61, 0.99, 1.5, -0.5])
    expected = [sum(score > value for value in values) for score in scores]
    assert Thresholds(values).exceeded_by(scores).tolist()[:6] == expected[:6]


def test_scores_beyond_the_ends_fall_into_the_outer_bins() -> None:
    scores = np.array([-np.inf, -1.0, np.nan, 0.0, 1.0, 7.0, np.inf])
    assert Thresholds(even_thresholds(5)).exceeded_by(scores).tolist() == [0, 0, 0, 0, 4, 4, 4]
    ends = [-1e-7, 0.25, 0.5, 0.75, 1 + 1e-7]
    assert Thresholds(ends, open_ends=True).exceeded_by(scores).tolist() == [1, 1, 1, 1, 4, 4, 4]


def test_more_samples_than_float32_counts_are_counted() -> None:
    metric = metrics.TruePositives(dtype="float32")
    many = (1 << 24) + 1
    metric.update_state(np.broadcast_to(np.float32(1), many), np.broadcast_to(np.float32(1), many))
    assert float(metric.result()) == many


def test_precision_and_recall_are_zero_without_a_yes() -> None:
    assert float(metrics.Precision()([0, 1], [0.1, 0.2])) == 0.0
    assert float(metrics.Recall()([0, 0], [0.9, 0.9])) == 0.0


def test_top_k_takes_the_first_of_equals_and_no_threshold() -> None:
    metric = metrics.Recall(top_k=2)
    assert float(metric([[0, 0, 1], [1, 0, 0]], [[0.1, 0.1, 0.1], [-5.0, -6.0, -7.0]])) == 0.5


def test_class_id_looks_at_one_column() -> None:
    assert float(metrics.Precision(class_id=1)([[0, 1], [0, 0]], [[0.9, 0.9], [0.9, 0.8]])) == 0.5


def test_weights_may_be_one_a_row_or_one_a_value() -> None:
    true, scores = [[0, 1], [1, 1]], [[0.9, 0.9], [0.9, 0.9]]
    assert float(metrics.Precision()(true, scores, sample_weight=[1, 3])) == 7 / 8
    assert float(metrics.Precision()(true, scores, sample_weight=[[2, 1], [0, 1]])) == 2 / 4
    assert float(metrics.Precision()(true, scores, sample_weight=2)) == 3 / 4


def test_operating_points_choose_the_best_that_is_good_enough() -> None:
    # Thresholds 0, 0.5, 1; recalls 2/2, 1/2, 0; precisions 2/4, 1/2, 0.
    data = [0, 1, 0, 1], [0.2, 0.4, 0.6, 0.8]
    assert float(metrics.PrecisionAtRecall(0.5, num_thresholds=3)(*data)) == 0.5
    assert float(metrics.RecallAtPrecision(0.5, num_thresholds=3)(*data)) == 1.0
    assert float(metrics.RecallAtPrecision(0.6, num_thresholds=3)(*data)) == 0.0
    assert float(metrics.SensitivityAtSpecificity(0.5, num_thresholds=3)(*data)) == 0.5
    assert float(metrics.SpecificityAtSensitivity(0.6, num_thresholds=3)(*data)) == 0.0


@pytest.mark.parametrize(("count", "most"), [(1, 22), (200, 24)])
def test_update_is_a_few_calls_however_many_thresholds(count: int, most: int) -> None:
    metric: Any = metrics.SensitivityAtSpecificity(0.5, num_thresholds=count)
    specs: Any = {"y": ((BATCH,), np.dtype("float32")), "p": ((BATCH,), np.dtype("float32"))}
    graph = trace_graph(lambda _, inputs: metric.update_state(inputs["y"], inputs["p"]) or [], specs)
    from denselite.program.program import Program

    with Program(graph).lease(32) as step:
        assert len(step.calls) <= most


@pytest.mark.parametrize("thresholds", [1.5, [0.5, -0.1], [], "high", [None], [[0.1], [0.2]]])
def test_thresholds_are_numbers_from_0_to_1(thresholds: Any) -> None:
    with pytest.raises(ArgumentError, match=r"Precision\(\) argument 'thresholds': Thresholds are numbers in \[0, 1\]"):
        metrics.Precision(thresholds=thresholds)


def test_thresholds_may_be_an_array() -> None:
    assert metrics.Precision(thresholds=np.array([0.25, 0.5])).get_config()["thresholds"] == [0.25, 0.5]


def test_what_does_not_fit_is_told() -> None:
    with pytest.raises(ShapeError, match=r"Precision compares .* predictions' shape \(batch, 3\), got \(batch,\)"):
        metrics.Precision()(np.zeros(4), np.zeros((4, 3)))
    with pytest.raises(
        ShapeError, match=r"Recall with class_id=2 needs .* \(batch, 3 classes or more\), got \(batch, 2\)"
    ):
        metrics.Recall(class_id=2)(np.zeros((4, 2)), np.zeros((4, 2)))
    with pytest.raises(ShapeError, match=r"sample_weight of shape \(3, 1\) does not fit predictions of shape \(4, 2\)"):
        metrics.Recall()(np.zeros((4, 2)), np.zeros((4, 2)), sample_weight=np.ones(3))
    with pytest.raises(ArgumentError, match=r"argument 'recall' should be less than or equal to 1, got 1\.5"):
        metrics.PrecisionAtRecall(1.5)
