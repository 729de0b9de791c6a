"""Areas under curves, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import metrics
from denselite.errors import ArgumentError, ShapeError

TRUE, SCORES = [0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]


@pytest.mark.parametrize(
    ("curve", "method", "expected"),
    [
        # Counts at -0, 0.5 and 1+: true positives 2, 1, 0 of 2; false positives 2, 0, 0 of 2.
        ("ROC", "interpolation", 0.75),  # one trapezoid: (1 + 0.5) / 2 · 1
        ("ROC", "minoring", 0.5),
        ("ROC", "majoring", 1.0),
        ("PR", "minoring", 0.25),  # precisions 1/2, 1, 0 over recalls 1, 1/2, 0
        ("PR", "majoring", 1.0),
    ],
)
def test_area_of_three_thresholds(curve: Any, method: Any, expected: float) -> None:
    metric = metrics.AUC(num_thresholds=3, curve=curve, summation_method=method)
    assert float(metric(TRUE, SCORES)) == pytest.approx(expected)


def test_perfect_and_reversed_order() -> None:
    for curve in ("ROC", "PR"):
        assert float(metrics.AUC(curve=curve)([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])) == pytest.approx(1.0)
    assert float(metrics.AUC()([1, 1, 0, 0], [0.1, 0.2, 0.8, 0.9])) == pytest.approx(0.0)


def test_logits_are_judged_by_their_sigmoid() -> None:
    logits = np.array([-3.0, 0.5, 2.0, -0.1])
    probabilities = 1 / (1 + np.exp(-logits))
    first = metrics.AUC(from_logits=True)([0, 1, 1, 0], logits)
    assert float(first) == pytest.approx(float(metrics.AUC()([0, 1, 1, 0], probabilities)))


def test_columns_are_curves_of_their_own() -> None:
    true, scores = np.array([[0, 1], [1, 0]]), np.array([[0.1, 0.2], [0.9, 0.8]])
    metric = metrics.AUC(multi_label=True)
    assert metric.variables == []
    assert float(metric(true, scores)) == pytest.approx(0.5)  # one is perfect, one reversed
    assert metric.true_positives.shape == (200, 2)
    assert float(metrics.AUC(multi_label=True, label_weights=[3.0, 1.0])(true, scores)) == pytest.approx(0.75)


def test_given_thresholds_are_kept_sorted_and_framed() -> None:
    metric = metrics.AUC(thresholds=[0.7, 0.2])
    assert metric.thresholds == [-1e-7, 0.2, 0.7, 1 + 1e-7]
    config = metric.get_config()
    assert (config["num_thresholds"], config["thresholds"]) == (4, [0.2, 0.7])
    assert metrics.AUC.from_config(config).get_config() == config
    assert "thresholds" not in metrics.AUC().get_config()


def test_mistakes_are_told() -> None:
    with pytest.raises(ArgumentError, match=r"^AUC\(\) argument 'num_thresholds' should be 2 or more, got 1\.$"):
        metrics.AUC(num_thresholds=1)
    with pytest.raises(ArgumentError, match=r"takes num_labels with multi_label=True only"):
        metrics.AUC(num_labels=3)
    with pytest.raises(ArgumentError, match="argument 'curve' should be 'ROC', 'PR', "):
        metrics.AUC(curve="lift")  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match=r"AUC with multi_label=True expects shapes \(batch, labels\), got 1 axes"):
        metrics.AUC(multi_label=True)(TRUE, SCORES)


def test_label_weights_that_are_no_numbers_or_not_one_for_each_label_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"^AUC\(\) argument 'label_weights': it takes numbers, got \{\}\."):
        metrics.AUC(label_weights={})
    with pytest.raises(ShapeError, match=r"^AUC expects label_weights of shape \(2,\), got \(3,\)\.$"):
        metrics.AUC(multi_label=True, label_weights=[1.0, 2.0, 3.0])(np.eye(2), np.eye(2))
