"""Metrics between numbers."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.losses.ranks import comparable
from denselite.losses.regression import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from denselite.losses.robust import log_cosh
from denselite.losses.similarity import cosine_similarity
from denselite.metrics.mean import MeanOfSamples
from denselite.metrics.metric import metrics

__all__ = [
    "CosineSimilarity", "LogCoshError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "RootMeanSquaredError",
]  # fmt: skip


@metrics.register("mse", "MSE")
class MeanSquaredError(MeanOfSamples):
    """The mean of ``(y_true - y_pred)²``.

    Example:
        >>> float(MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]))
        2.5
    """

    name = "mean_squared_error"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return mean_squared_error(y_true, y_pred)


@metrics.register("mae", "MAE")
class MeanAbsoluteError(MeanOfSamples):
    """The mean of ``|y_true - y_pred|``.

    Example:
        >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
        1.5
    """

    name = "mean_absolute_error"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return mean_absolute_error(y_true, y_pred)


@metrics.register()
class RootMeanSquaredError(MeanOfSamples):
    """The square root of the mean of ``(y_true - y_pred)²``.

    Example:
        >>> float(RootMeanSquaredError()([[0.0, 0.0]], [[3.0, 3.0]]))
        3.0
    """

    name = "root_mean_squared_error"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        y_true, y_pred = comparable("root_mean_squared_error", y_true, y_pred)
        return ops.square(y_true - y_pred)

    def result(self) -> Any:
        return ops.sqrt(super().result())


@metrics.register("mape", "MAPE")
class MeanAbsolutePercentageError(MeanOfSamples):
    """The mean of ``100·|y_true - y_pred| / |y_true|``.

    Example:
        >>> float(MeanAbsolutePercentageError(dtype="float64")([[1.0, 4.0]], [[2.0, 2.0]]))
        75.0
    """

    name = "mean_absolute_percentage_error"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return mean_absolute_percentage_error(y_true, y_pred)


@metrics.register("msle", "MSLE")
class MeanSquaredLogarithmicError(MeanOfSamples):
    """The mean of ``(log(1 + y_true) - log(1 + y_pred))²``.

    Example:
        >>> round(float(MeanSquaredLogarithmicError()([[0.0, 1.0]], [[1.0, 1.0]])), 4)
        0.2402
    """

    name = "mean_squared_logarithmic_error"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return mean_squared_logarithmic_error(y_true, y_pred)


@metrics.register()
class LogCoshError(MeanOfSamples):
    """The mean of ``log(cosh(y_pred - y_true))``.

    Example:
        >>> round(float(LogCoshError()([[0.0, 1.0]], [[1.0, 1.0]])), 4)
        0.2169
    """

    name = "logcosh"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return log_cosh(y_true, y_pred)


@metrics.register()
class CosineSimilarity(MeanOfSamples):
    """The mean cosine of the angle between the two: ``sum(y_true·y_pred) / (|y_true|·|y_pred|)``.

    Args:
        axis: the axis of the vectors.

    Example:
        >>> round(float(CosineSimilarity()([[3.0, 4.0]], [[4.0, 3.0]])), 4)
        0.96
    """

    name = "cosine_similarity"
    _direction = "up"
    axis: int = -1

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return -cosine_similarity(y_true, y_pred, self.axis)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.axis == -1:  # Keras writes no axis; another than the usual one must not be lost
            del config["axis"]
        return config
