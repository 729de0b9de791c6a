"""What is right and wrong about yes and no: counts, precision and recall at thresholds."""

from __future__ import annotations

from typing import Any

from denselite.declared import NonNegativeInt, PositiveInt
from denselite.losses.reduction import divide_no_nan
from denselite.metrics.metric import metrics
from denselite.metrics.thresholds import NEVER, AnyThresholds, ConfusionCounts, Thresholds

__all__ = ["FalseNegatives", "FalsePositives", "Precision", "Recall", "TrueNegatives", "TruePositives"]


def _at(thresholds: Any, default: float) -> Thresholds:
    found = default if thresholds is None else thresholds
    return Thresholds(found if isinstance(found, list) else [found])


class _OneCount(ConfusionCounts):
    """A count at each threshold.

    Args:
        thresholds: in [0, 1], one or a list, each of which gets a number; 0.5 by default.

    Shapes:
        ``y_true`` and ``y_pred`` of one shape -> ``()``, or ``(thresholds,)`` for a list.
    """

    thresholds: AnyThresholds = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._thresholds = _at(self.thresholds, 0.5)
        self.accumulator = self.add_variable((len(self._thresholds.values),), name="accumulator")
        setattr(self, self._kinds[0], self.accumulator)

    def result(self) -> Any:
        return self._of_each_threshold(self.accumulator * 1.0)


@metrics.register()
class TruePositives(_OneCount):
    """How many (or the weight of those) that are yes are predicted so: ``y_pred > threshold``.

    Example:
        >>> float(TruePositives()([0, 1, 1, 1], [0.1, 0.2, 0.7, 0.9]))
        2.0
    """

    _kinds = ("true_positives",)


@metrics.register()
class TrueNegatives(_OneCount):
    """How many (or the weight of those) that are no are predicted so: not ``y_pred > threshold``.

    Example:
        >>> float(TrueNegatives()([0, 0, 1, 1], [0.1, 0.6, 0.7, 0.2]))
        1.0
    """

    _kinds = ("true_negatives",)


@metrics.register()
class FalsePositives(_OneCount):
    """How many (or the weight of those) that are no are predicted as yes: ``y_pred > threshold``.

    Example:
        >>> float(FalsePositives()([0, 0, 0, 1], [0.1, 0.6, 0.7, 0.2]))
        2.0
    """

    _kinds = ("false_positives",)


@metrics.register()
class FalseNegatives(_OneCount):
    """How many (or the weight of those) that are yes are predicted as no: not ``y_pred > threshold``.

    Example:
        >>> FalseNegatives(thresholds=[0.25, 0.5])([1, 1, 1, 0], [0.1, 0.3, 0.7, 0.2]).tolist()
        [1.0, 2.0]
    """

    _kinds = ("false_negatives",)


class _Share(ConfusionCounts):
    """The share of the true positives among these and one kind of mistakes."""

    _direction = "up"
    thresholds: AnyThresholds = None
    top_k: PositiveInt | None = None
    class_id: NonNegativeInt | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._thresholds = _at(self.thresholds, 0.5 if self.top_k is None else NEVER)
        self._add_counts()

    def result(self) -> Any:
        right, wrong = (getattr(self, kind).value for kind in self._kinds)
        return self._of_each_threshold(divide_no_nan(right, right + wrong))


@metrics.register()
class Precision(_Share):
    """The share of the right ones among what is predicted as yes: ``TP / (TP + FP)``; 0 where nothing is.

    Args:
        thresholds: what ``y_pred`` must exceed to be a yes: in [0, 1], one or a list, each of which
            gets a number; 0.5 by default, none with ``top_k``. 0 is right for logits.
        top_k: only the ``top_k`` largest of a row can be a yes.
        class_id: only the column of this class counts.

    Shapes:
        ``y_true`` and ``y_pred`` of one shape -> ``()``, or ``(thresholds,)`` for a list.

    Raises:
        ShapeError: the shapes differ, or ``class_id`` has no column.

    Example:
        >>> float(Precision()([0, 1, 1, 1], [0.9, 0.2, 0.7, 0.9])) == 2 / 3
        True
    """

    _kinds = ("true_positives", "false_positives")


@metrics.register()
class Recall(_Share):
    """The share of those predicted as yes among what is a yes: ``TP / (TP + FN)``; 0 where nothing is.

    Args:
        thresholds: what ``y_pred`` must exceed to be a yes: in [0, 1], one or a list, each of which
            gets a number; 0.5 by default, none with ``top_k``. 0 is right for logits.
        top_k: only the ``top_k`` largest of a row can be a yes.
        class_id: only the column of this class counts.

    Shapes:
        ``y_true`` and ``y_pred`` of one shape -> ``()``, or ``(thresholds,)`` for a list.

    Raises:
        ShapeError: the shapes differ, or ``class_id`` has no column.

    Example:
        >>> float(Recall()([0, 1, 1, 1, 1], [0.9, 0.2, 0.7, 0.9, 0.6]))
        0.75
    """

    _kinds = ("true_positives", "false_negatives")
