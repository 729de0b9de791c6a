"""Losses: what training makes small, as functions (one value a sample) and as classes (one number a batch)."""

from __future__ import annotations

from typing import Any

from denselite import declared
from denselite.declared import function_config
from denselite.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from denselite.losses.focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from denselite.losses.generalized import CategoricalGeneralizedCrossEntropy, categorical_generalized_cross_entropy
from denselite.losses.hinge import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from denselite.losses.loss import Loss, LossFunctionWrapper, losses
from denselite.losses.probabilistic import KLDivergence, Poisson, kl_divergence, poisson
from denselite.losses.regression import (
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from denselite.losses.resolve import resolve_crossentropy
from denselite.losses.robust import Huber, LogCosh, huber, log_cosh
from denselite.losses.segmentation import Dice, Tversky, dice, tversky
from denselite.losses.similarity import CosineSimilarity, cosine_similarity

__all__ = [
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy", "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy", "CategoricalHinge", "CosineSimilarity", "Dice", "Hinge", "Huber",
    "KLDivergence", "LogCosh", "Loss", "LossFunctionWrapper", "MeanAbsoluteError", "MeanAbsolutePercentageError",
    "MeanSquaredError", "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy", "SquaredHinge",
    "Tversky", "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
    "categorical_focal_crossentropy", "categorical_generalized_cross_entropy", "categorical_hinge",
    "cosine_similarity", "deserialize", "dice", "get", "hinge", "huber", "kl_divergence", "log_cosh",
    "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error", "mean_squared_logarithmic_error",
    "poisson", "resolve_crossentropy", "serialize", "sparse_categorical_crossentropy", "squared_hinge", "tversky",
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


def serialize(loss: Any) -> Any:
    """Return ``loss``, an object or a function, as JSON-ready data.

    Example:
        >>> serialize(mean_squared_error)["config"]
        'mean_squared_error'
    """
    written = declared.serialize(loss)
    return function_config(written) if isinstance(written, str) else written


def deserialize(config: Any) -> Any:
    """Return the loss that ``serialize`` described in ``config``."""
    return get(config)


def __getattr__(name: str) -> Any:
    losses.refuse(__name__, name)
