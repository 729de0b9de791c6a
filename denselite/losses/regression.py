"""Losses between numbers."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import expect_same_shape, paired

__all__ = ["MeanAbsoluteError", "MeanSquaredError", "mean_absolute_error", "mean_squared_error"]


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """Return ``mean((y_true - y_pred)²)`` over the last axis.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]]).tolist()
        [2.5]
    """
    y_true, y_pred = paired(y_true, y_pred)
    expect_same_shape("mean_squared_error", y_true, y_pred)
    return ops.mean(ops.square(y_pred - y_true), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """Return ``mean(|y_true - y_pred|)`` over the last axis.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]]).tolist()
        [1.5]
    """
    y_true, y_pred = paired(y_true, y_pred)
    expect_same_shape("mean_absolute_error", y_true, y_pred)
    return ops.mean(ops.absolute(y_pred - y_true), axis=-1)


losses.add(mean_squared_error, "mse", "MSE")
losses.add(mean_absolute_error, "mae", "MAE")


@losses.add
class MeanSquaredError(Loss):
    """``mean((y_true - y_pred)²)``.

    Args:
        reduction: as in ``Loss``.
        name: as in ``Loss``.
        dtype: as in ``Loss``.

    Example:
        >>> float(MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]))
        2.5
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return mean_squared_error(y_true, y_pred)


@losses.add
class MeanAbsoluteError(Loss):
    """``mean(|y_true - y_pred|)``.

    Args:
        reduction: as in ``Loss``.
        name: as in ``Loss``.
        dtype: as in ``Loss``.

    Example:
        >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
        1.5
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return mean_absolute_error(y_true, y_pred)
