"""F-scores, intersection over union, R² and top-k accuracy, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import metrics
from denselite.errors import ArgumentError, ShapeError

TRUE = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
SCORES = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.5, 0.4, 0.1], [0.6, 0.3, 0.1]])


@pytest.mark.parametrize(
    ("average", "expected"),
    [
        # Class 0: precision 1/3, recall 1; class 1: 1 and 1/2; class 2: 0 and 0.
        (None, [0.5, 2 / 3, 0.0]),
        ("macro", (0.5 + 2 / 3) / 3),
        ("micro", 0.5),  # 2 right of 4 said and 4 true
        ("weighted", (0.5 * 1 + 2 / 3 * 2) / 4),
    ],
)
def test_f1_of_each_class_and_its_averages(average: Any, expected: Any) -> None:
    np.testing.assert_allclose(metrics.F1Score(average=average)(TRUE, SCORES), expected, rtol=1e-6)


def test_beta_weighs_recall() -> None:
    # β = 2: 5·p·r / (4·p + r) of p = 1/3, r = 1 and of p = 1, r = 1/2.
    found = metrics.FBetaScore(beta=2.0)(TRUE, SCORES)
    np.testing.assert_allclose(found, [5 / 7, 5 / 9, 0.0], rtol=1e-6)


def test_f1_takes_weights_of_rows_and_of_values() -> None:
    weights = np.array([1.0, 2.0, 0.0, 1.0])
    of_rows = metrics.F1Score(average="micro")(TRUE, SCORES, sample_weight=weights)
    of_values = metrics.F1Score(average="micro")(TRUE, SCORES, sample_weight=np.tile(weights[:, None], 3))
    assert float(of_rows) == float(of_values) == pytest.approx(0.75)


def test_row_of_zeros_says_nothing() -> None:
    assert metrics.F1Score()(np.eye(2), np.zeros((2, 2))).tolist() == [0.0, 0.0]


def test_f_scores_want_two_axes() -> None:
    with pytest.raises(
        ShapeError, match=r"F1Score expects .* one shape \(batch, classes\), got targets \(batch,\) and"
    ):
        metrics.F1Score()(np.array([0, 1]), np.eye(2))
    with pytest.raises(ArgumentError, match=r"argument 'beta' should be greater than 0, got 0\.0"):
        metrics.FBetaScore(beta=0.0)


def test_iou_is_the_mean_over_the_classes_that_occur() -> None:
    true, predicted = [0, 0, 1, 1, 5], [0, 1, 1, 1, 0]  # class 5 is none of the three, class 2 does not occur
    assert float(metrics.MeanIoU(3)(true, predicted)) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert float(metrics.IoU(3, [1])(true, predicted)) == pytest.approx(2 / 3)
    assert float(metrics.IoU(3, [2])(true, predicted)) == 0.0
    assert float(metrics.MeanIoU(3, ignore_class=0)(true, predicted)) == pytest.approx(1.0)


def test_iou_weights_count_in_full() -> None:
    """Keras cuts them to whole numbers, so that these are all 0, unless dtype is a float."""
    metric = metrics.IoU(2, [0])
    assert float(metric([0, 0, 1, 1], [0, 1, 0, 1], sample_weight=[0.3, 0.3, 0.3, 0.1])) == pytest.approx(1 / 3)
    np.testing.assert_allclose(metric.total_cm, [[0.3, 0.3], [0.3, 0.1]], rtol=1e-6)
    assert metric.dtype == "int32"


def test_iou_of_maps_counts_each_value() -> None:
    true = np.array([[[0, 1], [1, 1]]])
    assert float(metrics.BinaryIoU([1])(true, true * 0.5)) == pytest.approx(1.0)
    scores = np.moveaxis(np.eye(2)[true], -1, 1)
    assert float(metrics.OneHotIoU(2, [0, 1], axis=1)(scores, scores)) == pytest.approx(1.0)


def test_iou_mistakes_are_told() -> None:
    with pytest.raises(ArgumentError, match=r"IoU\(\) expects target_class_ids from 0 to 1, got \[2\]"):
        metrics.IoU(2, [2])
    with pytest.raises(ShapeError, match=r"MeanIoU expects as many targets as predictions, \(2,\), got \(3,\)"):
        metrics.MeanIoU(2)([0, 1, 1], [0, 1])
    with pytest.raises(ShapeError, match=r"MeanIoU expects a weight for each target, \(2,\), got \(3,\)"):
        metrics.MeanIoU(2)([0, 1], [0, 1], sample_weight=[1, 1, 1])


def test_r2_is_the_explained_share() -> None:
    true, predicted = np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [2.0], [4.0]])
    assert float(metrics.R2Score()(true, predicted)) == 0.5
    assert float(metrics.R2Score()(true, true)) == 1.0
    assert float(metrics.R2Score()(true, np.full((3, 1), 2.0))) == 0.0
    assert float(metrics.R2Score(num_regressors=1)(true, predicted)) == 0.0  # 1 - 0.5·2/1


def test_r2_is_plain_with_too_few_values_to_adjust_it() -> None:
    true, predicted = np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [2.0], [4.0]])
    assert float(metrics.R2Score(num_regressors=2)(true, predicted)) == 0.5
    assert float(metrics.R2Score(num_regressors=9)(true, predicted)) == 0.5


def test_r2_wants_two_axes() -> None:
    with pytest.raises(
        ShapeError, match=r"R2Score expects .* \(batch, outputs\), got targets \(batch,\) and predictions"
    ):
        metrics.R2Score()(np.zeros(3), np.zeros(3))


def test_top_k_of_wrong_shapes_is_told() -> None:
    with pytest.raises(ShapeError, match=r"sparse_top_k_categorical_accuracy expects targets of shape \(batch,\) for"):
        metrics.SparseTopKCategoricalAccuracy()(TRUE, SCORES)
    with pytest.raises(ShapeError, match=r"Use sparse_top_k_categorical_accuracy for integer classes"):
        metrics.TopKCategoricalAccuracy()(np.array([0, 1, 1, 2]), SCORES)
