"""Accuracies that are content with the class among the ``k`` likeliest."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.declared import PositiveInt
from denselite.errors import ShapeError
from denselite.losses.ranks import as_values, described, expect_same_shape
from denselite.metrics.mean import MeanOfSamples, functions
from denselite.metrics.metric import metrics

__all__ = [
    "SparseTopKCategoricalAccuracy", "TopKCategoricalAccuracy", "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]  # fmt: skip


@functions.add
def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """Return 1 where the largest of ``y_true`` is at one of the ``k`` largest of ``y_pred``, else 0.

    Shapes:
        both ``(batch, ..., classes)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> top_k_categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]], k=2).tolist()
        [1.0, 0.0]
    """
    y_true, y_pred = as_values(y_true), as_values(y_pred)
    hint = " Use sparse_top_k_categorical_accuracy for integer classes."
    expect_same_shape("top_k_categorical_accuracy", y_true, y_pred, hint)
    return ops.cast(ops.in_top_k(ops.argmax(y_true, axis=-1), y_pred, k), None)


@functions.add
def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    """Return 1 where the class ``y_true`` is among the ``k`` largest of the predictions, else 0.

    Args:
        y_true: classes, integers from 0.
        y_pred: a score for each class.
        k: how many are looked at.
        from_sorted_ids: predictions are classes, the likeliest first, instead of scores.

    Shapes:
        ``y_true: (batch, ...)`` or ``(batch, ..., 1)``, ``y_pred: (batch, ..., classes)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> sparse_top_k_categorical_accuracy([2, 1], [[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]], k=2).tolist()
        [1.0, 0.0]
    """
    y_true, y_pred = as_values(y_true), as_values(y_pred)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        given, wanted, predicted = described(y_true.shape, y_pred.shape[:-1], y_pred.shape)
        raise ShapeError(
            f"sparse_top_k_categorical_accuracy expects targets of shape {wanted} for predictions of shape "
            f"{predicted}, got {given}. Use top_k_categorical_accuracy for one-hot targets."
        )
    if from_sorted_ids:
        found = ops.any(ops.equal(ops.expand_dims(y_true, -1), y_pred[..., :k]), axis=-1)
    else:
        found = ops.in_top_k(y_true, y_pred, k)
    return ops.cast(found, None)


@metrics.register()
class TopKCategoricalAccuracy(MeanOfSamples):
    """How often ``y_pred[argmax(y_true)]`` is among the ``k`` largest predictions: one-hot targets.

    Args:
        k: how many are looked at.

    Example:
        >>> float(TopKCategoricalAccuracy(2)([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]], [[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]]))
        0.5
    """

    _direction = "up"
    k: PositiveInt = 5
    name: str | None = "top_k_categorical_accuracy"
    dtype: Any = None

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return top_k_categorical_accuracy(y_true, y_pred, self.k)


@metrics.register()
class SparseTopKCategoricalAccuracy(MeanOfSamples):
    """How often ``y_pred[y_true]`` is among the ``k`` largest predictions: integer targets.

    Args:
        k: how many are looked at.
        from_sorted_ids: predictions are classes, the likeliest first, instead of scores.

    Example:
        >>> float(SparseTopKCategoricalAccuracy(2)([2, 1], [[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]]))
        0.5
    """

    _direction = "up"
    k: PositiveInt = 5
    name: str | None = "sparse_top_k_categorical_accuracy"
    dtype: Any = None
    from_sorted_ids: bool = False

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return sparse_top_k_categorical_accuracy(y_true, y_pred, self.k, self.from_sorted_ids)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if not self.from_sorted_ids:  # Keras writes the key where it is True
            del config["from_sorted_ids"]
        return config
