"""Metrics: what is told about training beside the loss."""

from __future__ import annotations

from typing import Any

from denselite.declared import serialize
from denselite.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)
from denselite.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    resolve_accuracy,
    sparse_categorical_accuracy,
)
from denselite.metrics.crossentropy import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from denselite.metrics.mean import Mean, MeanMetricWrapper, Sum
from denselite.metrics.metric import Metric, metrics
from denselite.metrics.regression import MeanAbsoluteError, MeanSquaredError, RootMeanSquaredError

__all__ = [
    "Accuracy", "BinaryAccuracy", "BinaryCrossentropy", "CategoricalAccuracy", "CategoricalCrossentropy", "Mean",
    "MeanAbsoluteError", "MeanMetricWrapper", "MeanSquaredError", "Metric", "RootMeanSquaredError",
    "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy", "Sum", "binary_accuracy", "binary_crossentropy",
    "categorical_accuracy", "categorical_crossentropy", "deserialize", "get", "mean_absolute_error",
    "mean_squared_error", "resolve_accuracy", "serialize", "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
]  # fmt: skip


def get(identifier: Any) -> Any:
    """Return a metric for a name, a config, a class or a callable; None stays None.

    A name always gives an object, as in Keras, except for ``"accuracy"``: what that means follows
    from the shapes (``resolve_accuracy``).

    Raises:
        UnknownNameError: no metric goes by that name.
        UncoveredError: Keras has it, denselite does not.
        ArgumentError: ``identifier`` is none of these.

    Example:
        >>> get("mse").name
        'mean_squared_error'
    """
    return metrics.get(identifier)


def deserialize(config: Any) -> Any:
    """Return the metric that ``serialize`` described."""
    return get(config)


def __getattr__(name: str) -> Any:
    metrics.refuse(__name__, name)
