"""Hinge losses as metrics."""

from __future__ import annotations

from typing import Any

from denselite.losses.hinge import categorical_hinge, hinge, squared_hinge
from denselite.metrics.mean import MeanOfSamples
from denselite.metrics.metric import metrics

__all__ = ["CategoricalHinge", "Hinge", "SquaredHinge"]


@metrics.register()
class Hinge(MeanOfSamples):
    """The mean of ``max(1 - t·p, 0)``: targets are -1 or 1; 0 and 1 are taken for these.

    Example:
        >>> float(Hinge()([[-1.0, 1.0]], [[0.5, 0.5]]))
        1.0
    """

    name = "hinge"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return hinge(y_true, y_pred)


@metrics.register()
class SquaredHinge(MeanOfSamples):
    """The mean of ``max(1 - t·p, 0)²``: targets are -1 or 1; 0 and 1 are taken for these.

    Example:
        >>> float(SquaredHinge()([[-1.0, 1.0]], [[0.5, 0.5]]))
        1.25
    """

    name = "squared_hinge"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return squared_hinge(y_true, y_pred)


@metrics.register()
class CategoricalHinge(MeanOfSamples):
    """The mean of ``max(largest wrong score - right score + 1, 0)``: one-hot targets.

    Example:
        >>> float(CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.5, 0.25, 0.125]]))
        1.25
    """

    name = "categorical_hinge"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return categorical_hinge(y_true, y_pred)
