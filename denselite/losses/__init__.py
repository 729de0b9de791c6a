"""Losses: what training makes small, as functions (one value a sample) and as classes (one number a batch)."""

from __future__ import annotations

from typing import Any

from denselite.declared import serialize
from denselite.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from denselite.losses.loss import Loss, LossFunctionWrapper, losses
from denselite.losses.regression import MeanAbsoluteError, MeanSquaredError, mean_absolute_error, mean_squared_error
from denselite.losses.resolve import resolve_crossentropy

__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "Loss", "LossFunctionWrapper", "MeanAbsoluteError",
    "MeanSquaredError", "SparseCategoricalCrossentropy", "binary_crossentropy", "categorical_crossentropy",
    "deserialize", "get", "mean_absolute_error", "mean_squared_error", "resolve_crossentropy", "serialize",
    "sparse_categorical_crossentropy",
]  # fmt: skip


def get(identifier: Any) -> Any:
    """Return a loss for a name, a config, a class or a callable; None stays None.

    A function's name gives the function, a class's name an object, as in Keras.

    Raises:
        UnknownNameError: no loss goes by that name.
        UncoveredError: Keras has it, denselite does not.
        ArgumentError: ``identifier`` is none of these.

    Example:
        >>> get("mse").__name__, get("MeanSquaredError").name
        ('mean_squared_error', 'mean_squared_error')
    """
    return losses.get(identifier)


def deserialize(config: Any) -> Any:
    """Return the loss that ``serialize`` described."""
    return get(config)


def __getattr__(name: str) -> Any:
    losses.refuse(__name__, name)
