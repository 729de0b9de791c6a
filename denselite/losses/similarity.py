"""The loss between directions."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import comparable

__all__ = ["CosineSimilarity", "cosine_similarity"]


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Return the cosine of the angle between targets and predictions, negative: -1 where they point the same way.

    A vector of zeros has the similarity 0 and, unlike in Keras, a finite gradient.

    Args:
        y_true: targets.
        y_pred: predictions.
        axis: the axis that vectors lie along.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> cosine_similarity([[0.0, 2.0], [1.0, 0.0]], [[0.0, 0.5], [-3.0, 0.0]]).tolist()
        [-1.0, 1.0]
    """
    y_true, y_pred = comparable("cosine_similarity", y_true, y_pred)
    return -ops.sum(ops.normalize(y_true, axis) * ops.normalize(y_pred, axis), axis)


losses.add(cosine_similarity)


@losses.add
class CosineSimilarity(Loss):
    """Minus the cosine of the angle between the two: ``-sum(y_true·y_pred) / (|y_true|·|y_pred|)``.

    Args:
        axis: the axis that vectors lie along. It is part of the config, which in Keras 3.15 it is not.

    Example:
        >>> float(CosineSimilarity()([[0.0, 2.0]], [[0.0, 0.5]]))
        -1.0
    """

    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return cosine_similarity(y_true, y_pred, self.axis)
