"""The best of one rate where another is good enough, over thresholds from 0 to 1."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.declared import Fraction, NonNegativeInt, PositiveInt
from denselite.losses.reduction import divide_no_nan
from denselite.metrics.metric import metrics
from denselite.metrics.thresholds import ConfusionCounts, Thresholds, even_thresholds

__all__ = ["PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity"]


_RATES = {  # the first over the sum of both
    "precision": ("true_positives", "false_positives"),
    "recall": ("true_positives", "false_negatives"),
    "sensitivity": ("true_positives", "false_negatives"),
    "specificity": ("true_negatives", "false_positives"),
}


class _OperatingPoint(ConfusionCounts):
    """Base: subclasses declare the rate that is asked for and which one is to be the best.

    Args:
        num_thresholds: how many thresholds from 0 to 1 are tried; one is 0.5.
        class_id: only the column of this class counts.
    """

    _direction = "up"
    _best = _asked = ""
    num_thresholds = 200  # not annotated: subclasses declare the arguments in Keras' order

    def __post_init__(self) -> None:
        super().__post_init__()
        self._thresholds = Thresholds(even_thresholds(self.num_thresholds) if self.num_thresholds > 1 else [0.5])
        self._add_counts()

    def _rate(self, name: str) -> Any:
        right, wrong = (getattr(self, kind).value for kind in _RATES[name])
        return divide_no_nan(right, right + wrong)

    def result(self) -> Any:
        enough = ops.greater_equal(self._rate(self._asked), getattr(self, self._asked))
        return ops.max(ops.where(enough, self._rate(self._best), 0.0))


@metrics.register()
class SensitivityAtSpecificity(_OperatingPoint):
    """The best sensitivity, ``TP / (TP + FN)``, where specificity, ``TN / (TN + FP)``, is at least as asked.

    Args:
        specificity: what is asked, in [0, 1].

    Example:
        >>> float(SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    _best, _asked = "sensitivity", "specificity"
    specificity: Fraction
    num_thresholds: PositiveInt = 200
    class_id: NonNegativeInt | None = None


@metrics.register()
class SpecificityAtSensitivity(_OperatingPoint):
    """The best specificity, ``TN / (TN + FP)``, where sensitivity, ``TP / (TP + FN)``, is at least as asked.

    Args:
        sensitivity: what is asked, in [0, 1].

    Example:
        >>> float(SpecificityAtSensitivity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])) == 2 / 3
        True
    """

    _best, _asked = "specificity", "sensitivity"
    sensitivity: Fraction
    num_thresholds: PositiveInt = 200
    class_id: NonNegativeInt | None = None


@metrics.register()
class PrecisionAtRecall(_OperatingPoint):
    """The best precision, ``TP / (TP + FP)``, where recall, ``TP / (TP + FN)``, is at least as asked.

    Args:
        recall: what is asked, in [0, 1].

    Example:
        >>> float(PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    _best, _asked = "precision", "recall"
    recall: Fraction
    num_thresholds: PositiveInt = 200
    class_id: NonNegativeInt | None = None


@metrics.register()
class RecallAtPrecision(_OperatingPoint):
    """The best recall, ``TP / (TP + FN)``, where precision, ``TP / (TP + FP)``, is at least as asked.

    Args:
        precision: what is asked, in [0, 1].

    Example:
        >>> float(RecallAtPrecision(0.8)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
        0.5
    """

    _best, _asked = "recall", "precision"
    precision: Fraction
    num_thresholds: PositiveInt = 200
    class_id: NonNegativeInt | None = None
