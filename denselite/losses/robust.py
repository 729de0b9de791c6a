"""Losses between numbers that outliers do not rule: squares near 0, straight lines beyond."""

from __future__ import annotations

from math import log
from typing import Any

from denselite import ops
from denselite.declared import NonNegative
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import comparable

__all__ = ["Huber", "LogCosh", "huber", "log_cosh"]


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Return the mean over the last axis of ``e²/2`` where ``|e| <= delta``, and ``delta·|e| - delta²/2`` beyond.

    Args:
        y_true: targets.
        y_pred: predictions; ``e`` is their difference.
        delta: where the parabola turns into a line.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Source:
        Huber, 1964, "Robust Estimation of a Location Parameter".

    Example:
        >>> huber([[0.0], [0.0]], [[1.0], [3.0]]).tolist()
        [0.5, 2.5]
    """
    y_true, y_pred = comparable("huber", y_true, y_pred)
    error = y_pred - y_true
    limited = ops.clip(error, -delta, delta)  # both branches in one: c·(e - c/2)
    return ops.mean(limited * (error - 0.5 * limited), axis=-1)


def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """Return ``mean(log(cosh(y_true - y_pred)))`` over the last axis: about ``e²/2``, then about ``|e| - log(2)``.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> [round(float(value), 2) for value in log_cosh([[0.0], [0.0]], [[1.0], [1000.0]])]
        [0.43, 999.31]
    """
    y_true, y_pred = comparable("log_cosh", y_true, y_pred)
    error = y_pred - y_true
    return ops.mean(error + ops.softplus(-2.0 * error) - log(2.0), axis=-1)


losses.add(huber)
losses.add(log_cosh)


@losses.add
class Huber(Loss):
    """``mean(e²/2)`` for errors up to ``delta``, and a straight line beyond.

    Args:
        delta: where the parabola turns into a line, 0 or more. It is part of the config, which in Keras 3.15 it is not.

    Example:
        >>> float(Huber()([[0.0, 0.0]], [[1.0, 3.0]]))
        1.5
    """

    name = "huber_loss"  # Keras' exception to the rule

    delta: NonNegative = 1.0

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return huber(y_true, y_pred, self.delta)


@losses.add
class LogCosh(Loss):
    """``mean(log(cosh(y_true - y_pred)))``: a smooth ``Huber``.

    Example:
        >>> round(float(LogCosh()([[0.0]], [[1.0]])), 4)
        0.4338
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return log_cosh(y_true, y_pred)
