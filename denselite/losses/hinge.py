"""Hinge losses: a right answer by a margin costs nothing."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import comparable

__all__ = ["CategoricalHinge", "Hinge", "SquaredHinge", "categorical_hinge", "hinge", "squared_hinge"]


def _shortfall(who: str, y_true: Any, y_pred: Any) -> Any:
    """``max(1 - t·p, 0)``; targets that are all 0 or 1 become -1 and 1."""
    t, p = comparable(who, y_true, y_pred)
    bits = ops.all(ops.equal(t, ops.square(t)))  # only 0 and 1 are their own squares
    t = ops.where(bits, 2.0 * t - 1.0, t)
    return ops.maximum(1.0 - t * p, 0.0)


def hinge(y_true: Any, y_pred: Any) -> Any:
    """Return ``mean(max(1 - y_true·y_pred, 0))`` over the last axis.

    Args:
        y_true: targets -1 and 1; where a whole batch is 0 and 1, 0 counts as -1.
        y_pred: predictions, any numbers.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> hinge([[-1.0, 1.0]], [[0.5, 3.0]]).tolist()
        [0.75]
    """
    return ops.mean(_shortfall("hinge", y_true, y_pred), axis=-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """Return ``mean(max(1 - y_true·y_pred, 0)²)`` over the last axis.

    Args:
        y_true: targets -1 and 1; where a whole batch is 0 and 1, 0 counts as -1.
        y_pred: predictions, any numbers.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> squared_hinge([[-1.0, 1.0]], [[0.5, 3.0]]).tolist()
        [1.125]
    """
    return ops.mean(ops.square(_shortfall("squared_hinge", y_true, y_pred)), axis=-1)


def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """Return ``max(1 + best of the wrong - the right, 0)`` over the last axis.

    The right is ``sum(y_true·y_pred)``, the best of the wrong ``max((1 - y_true)·y_pred)``.

    Args:
        y_true: one-hot rows.
        y_pred: a score for each class.

    Shapes:
        both ``(batch, ..., classes)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Source: Crammer and Singer, 2001, "On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines".

    Example:
        >>> categorical_hinge([[0.0, 1.0, 0.0]], [[0.5, 1.0, 0.25]]).tolist()
        [0.5]
    """
    t, p = comparable("categorical_hinge", y_true, y_pred)
    right, best_wrong = ops.sum(t * p, axis=-1), ops.max((1.0 - t) * p, axis=-1)
    return ops.maximum(best_wrong - right + 1.0, 0.0)


losses.add(hinge)
losses.add(squared_hinge)
losses.add(categorical_hinge)


@losses.add
class Hinge(Loss):
    """``mean(max(1 - y_true·y_pred, 0))``, for targets -1 and 1 (or 0 and 1).

    Example:
        >>> float(Hinge()([[-1.0, 1.0]], [[0.5, 3.0]]))
        0.75
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return hinge(y_true, y_pred)


@losses.add
class SquaredHinge(Loss):
    """``mean(max(1 - y_true·y_pred, 0)²)``, for targets -1 and 1 (or 0 and 1).

    Example:
        >>> float(SquaredHinge()([[-1.0, 1.0]], [[0.5, 3.0]]))
        1.125
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return squared_hinge(y_true, y_pred)


@losses.add
class CategoricalHinge(Loss):
    """How far the right class is from beating each other one by 1: ``max(1 + best of the wrong - the right, 0)``.

    Example:
        >>> float(CategoricalHinge()([[0.0, 1.0, 0.0]], [[0.5, 1.0, 0.25]]))
        0.5
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return categorical_hinge(y_true, y_pred)
