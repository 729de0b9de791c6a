"""Losses by overlap, for masks: what is predicted and wanted, over what is either."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.config import epsilon
from denselite.declared import keyword
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import comparable

__all__ = ["Dice", "Tversky", "dice", "tversky"]

Axes = int | list[int] | tuple[int, ...] | None


def dice(y_true: Any, y_pred: Any, axis: Axes = None) -> Any:
    """Return ``1 - 2·sum(t·p) / (sum(t) + sum(p))``.

    Args:
        y_true: targets in [0, 1].
        y_pred: predictions in [0, 1].
        axis: the axes that are summed over; all of them, the batch's too, when None.

    Shapes:
        both ``(batch, ...)`` -> what ``axis`` leaves, ``()`` by default.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> round(float(dice([[1.0, 1.0]], [[0.0, 1.0]])), 4)
        0.3333
    """
    t, p = comparable("dice", y_true, y_pred)
    return 1.0 - 2.0 * ops.sum(t * p, axis) / (ops.sum(t, axis) + ops.sum(p, axis) + epsilon())


def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Axes = None) -> Any:
    """Return ``1 - both / (both + alpha·missed + beta·invented)``.

    ``both`` is ``sum(t·p)``, ``missed`` is ``sum(t·(1 - p))`` and ``invented`` is ``sum((1 - t)·p)``.

    Args:
        y_true: targets ``t`` in [0, 1].
        y_pred: predictions ``p`` in [0, 1].
        alpha: weight of what was wanted and not predicted.
        beta: weight of what was predicted and not wanted.
        axis: the axes that are summed over; all of them, the batch's too, when None.

    Shapes:
        both ``(batch, ...)`` -> what ``axis`` leaves, ``()`` by default.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Source:
        Salehi et al., 2017, "Tversky loss function for image segmentation using 3D fully convolutional deep networks".

    Example:
        >>> round(float(tversky([[1.0, 1.0]], [[1.0, 0.0]], alpha=3.0)), 4)
        0.75
    """
    t, p = comparable("tversky", y_true, y_pred)
    both = ops.sum(t * p, axis)
    missed, invented = ops.sum(t, axis) - both, ops.sum(p, axis) - both
    return 1.0 - both / (both + alpha * missed + beta * invented + epsilon())


losses.add(dice)
losses.add(tversky)


@losses.add
class Dice(Loss):
    """``1 - 2·sum(t·p) / (sum(t) + sum(p))``.

    Args:
        axis: the axes that are summed over; all of them, the batch's too, when None.

    Example:
        >>> round(float(Dice()([[1.0, 1.0]], [[0.0, 1.0]])), 4)
        0.3333
    """

    axis: Axes = keyword(default=None, kw_only=True)
    dtype: Any = keyword(default=None, kw_only=True)  # behind the axis, as in Keras

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return dice(y_true, y_pred, self.axis)


@losses.add
class Tversky(Loss):
    """``1 - both / (both + alpha·missed + beta·invented)``; with 0.5 and 0.5 it is ``Dice``.

    Args:
        alpha: weight of what was wanted and not predicted.
        beta: weight of what was predicted and not wanted.
        axis: the axes that are summed over; all of them, the batch's too, when None.

    Example:
        >>> round(float(Tversky(alpha=3.0)([[1.0, 1.0]], [[1.0, 0.0]])), 4)
        0.75
    """

    alpha: float = 0.5
    beta: float = 0.5
    axis: Axes = keyword(default=None, kw_only=True)
    dtype: Any = keyword(default=None, kw_only=True)  # behind the axis, as in Keras

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return tversky(y_true, y_pred, self.alpha, self.beta, self.axis)
