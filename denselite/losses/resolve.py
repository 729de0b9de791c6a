"""What ``"crossentropy"`` and ``"accuracy"`` mean follows from the shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from denselite.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)

__all__ = ["kind_of_targets", "resolve_crossentropy"]

Size = int | None


def kind_of_targets(
    y_true_shape: Sequence[Size], y_pred_shape: Sequence[Size]
) -> Literal["binary", "sparse", "one-hot"]:
    """Return what targets of one shape are for predictions of another, by Keras' rule.

    Args:
        y_true_shape: shape of the targets; the batch size may be None.
        y_pred_shape: shape of the predictions.

    Example:
        >>> kind_of_targets((None,), (None, 1)), kind_of_targets((None,), (None, 10)), kind_of_targets((8, 10), (8, 10))
        ('binary', 'sparse', 'one-hot')
    """
    if y_pred_shape[-1] == 1:
        return "binary"
    if len(y_true_shape) < len(y_pred_shape) or y_true_shape[-1] == 1:
        return "sparse"
    return "one-hot"


def resolve_crossentropy(y_true_shape: Sequence[Size], y_pred_shape: Sequence[Size]) -> Any:
    """Return the loss function that ``"crossentropy"`` (or ``"ce"``) stands for.

    Args:
        y_true_shape: shape of the targets; the batch size may be None.
        y_pred_shape: shape of the predictions.
    """
    return {
        "binary": binary_crossentropy,
        "sparse": sparse_categorical_crossentropy,
        "one-hot": categorical_crossentropy,
    }[kind_of_targets(y_true_shape, y_pred_shape)]
