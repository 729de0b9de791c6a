"""Metrics between numbers."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.losses.ranks import expect_same_shape, paired
from denselite.losses.regression import mean_absolute_error, mean_squared_error
from denselite.metrics.mean import MeanOfSamples
from denselite.metrics.metric import metrics

__all__ = ["MeanAbsoluteError", "MeanSquaredError", "RootMeanSquaredError"]


@metrics.register("mse", "MSE")
class MeanSquaredError(MeanOfSamples):
    """The mean of ``(y_true - y_pred)²``.

    Args:
        name: as in ``Metric``.
        dtype: as in ``Metric``.

    Example:
        >>> float(MeanSquaredError()([[0.0, 1.0]], [[1.0, 3.0]]))
        2.5
    """

    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return mean_squared_error(y_true, y_pred)


@metrics.register("mae", "MAE")
class MeanAbsoluteError(MeanOfSamples):
    """The mean of ``|y_true - y_pred|``.

    Args:
        name: as in ``Metric``.
        dtype: as in ``Metric``.

    Example:
        >>> float(MeanAbsoluteError()([[0.0, 1.0]], [[1.0, 3.0]]))
        1.5
    """

    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return mean_absolute_error(y_true, y_pred)


@metrics.register()
class RootMeanSquaredError(MeanOfSamples):
    """The square root of the mean of ``(y_true - y_pred)²``.

    Args:
        name: as in ``Metric``.
        dtype: as in ``Metric``.

    Example:
        >>> float(RootMeanSquaredError()([[0.0, 0.0]], [[3.0, 3.0]]))
        3.0
    """

    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        y_true, y_pred = paired(y_true, y_pred)
        expect_same_shape("root_mean_squared_error", y_true, y_pred)
        return ops.square(y_true - y_pred)

    def result(self) -> Any:
        return ops.sqrt(super().result())
