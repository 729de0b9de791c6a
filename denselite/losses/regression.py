"""Losses between numbers: how far off a prediction is, absolutely, squared or as a share."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.config import epsilon
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import comparable

__all__ = [
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError", "MeanSquaredLogarithmicError",
    "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error",
]  # fmt: skip


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
    y_true, y_pred = comparable("mean_squared_error", y_true, y_pred)
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
    y_true, y_pred = comparable("mean_absolute_error", y_true, y_pred)
    return ops.mean(ops.absolute(y_true - y_pred), axis=-1)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """Return ``100 · mean(|y_true - y_pred| / max(|y_true|, epsilon))`` over the last axis.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 5.0]]).tolist()
        [37.5]
    """
    y_true, y_pred = comparable("mean_absolute_percentage_error", y_true, y_pred)
    share = (y_true - y_pred) / ops.maximum(ops.absolute(y_true), epsilon())
    return 100.0 * ops.mean(ops.absolute(share), axis=-1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """Return ``mean((log(1 + y_true) - log(1 + y_pred))²)`` over the last axis.

    What is less than ``epsilon``, negative numbers too, counts as ``epsilon``.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> round(float(mean_squared_logarithmic_error([[0.0]], [[1.0]])[0]), 4)  # log(2)²
        0.4805
    """
    y_true, y_pred = comparable("mean_squared_logarithmic_error", y_true, y_pred)
    log_true, log_pred = (ops.log(ops.maximum(y, epsilon()) + 1.0) for y in (y_true, y_pred))
    return ops.mean(ops.square(log_pred - log_true), axis=-1)


losses.add(mean_squared_error, "mse", "MSE")
losses.add(mean_absolute_error, "mae", "MAE")
losses.add(mean_absolute_percentage_error, "mape", "MAPE")
losses.add(mean_squared_logarithmic_error, "msle", "MSLE")


@losses.add
class MeanSquaredError(Loss):
    """``mean((y_true - y_pred)²)``.

    Example:
        >>> float(MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]))
        2.5
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return mean_squared_error(y_true, y_pred)


@losses.add
class MeanAbsoluteError(Loss):
    """``mean(|y_true - y_pred|)``.

    Example:
        >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
        1.5
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return mean_absolute_error(y_true, y_pred)


@losses.add
class MeanAbsolutePercentageError(Loss):
    """``100 · mean(|y_true - y_pred| / |y_true|)``; targets nearer to 0 than ``epsilon`` count as ``epsilon``.

    Example:
        >>> float(MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 5.0]]))
        37.5
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return mean_absolute_percentage_error(y_true, y_pred)


@losses.add
class MeanSquaredLogarithmicError(Loss):
    """``mean((log(1 + y_true) - log(1 + y_pred))²)``: for positive numbers of any size, by their ratio.

    Example:
        >>> round(float(MeanSquaredLogarithmicError()([[0.0]], [[1.0]])), 4)  # log(2)²
        0.4805
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return mean_squared_logarithmic_error(y_true, y_pred)
