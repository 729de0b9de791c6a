"""Accuracies: how often a prediction is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from denselite import ops
from denselite.errors import ShapeError
from denselite.losses.ranks import as_values, described, expect_same_shape, same_rank
from denselite.losses.resolve import kind_of_targets
from denselite.metrics.mean import MeanOfSamples, functions
from denselite.metrics.metric import metrics

__all__ = [
    "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "SparseCategoricalAccuracy", "binary_accuracy",
    "categorical_accuracy", "resolve_accuracy", "sparse_categorical_accuracy",
]  # fmt: skip


def _equal(y_true: Any, y_pred: Any) -> Any:
    y_true, y_pred = same_rank(y_true, y_pred)
    expect_same_shape("accuracy", y_true, y_pred)
    return ops.equal(y_true, y_pred)


def _binary(y_true: Any, y_pred: Any, threshold: float) -> Any:
    y_true, y_pred = same_rank(y_true, y_pred)
    expect_same_shape("binary_accuracy", y_true, y_pred)
    return ops.equal(y_true, ops.greater(y_pred, threshold))


def _categorical(y_true: Any, y_pred: Any) -> Any:
    expect_same_shape("categorical_accuracy", y_true, y_pred, " Use sparse_categorical_accuracy for integer classes.")
    return ops.equal(ops.argmax(y_true, axis=-1), ops.argmax(y_pred, axis=-1))


def _sparse(y_true: Any, y_pred: Any) -> Any:
    if y_true.ndim == y_pred.ndim and y_true.shape[-1] == 1:
        y_true = ops.squeeze(y_true, -1)
    if tuple(y_true.shape) != tuple(y_pred.shape[:-1]):
        given, wanted, predicted = described(y_true.shape, y_pred.shape[:-1], y_pred.shape)
        raise ShapeError(
            f"sparse_categorical_accuracy expects targets of shape {wanted} for predictions of shape {predicted}, "
            f"got {given}. Use categorical_accuracy for one-hot targets."
        )
    return ops.equal(y_true, ops.argmax(y_pred, axis=-1))


@functions.add
def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """Return 1 where ``y_pred > threshold`` says the same as ``y_true`` (0 or 1), else 0.

    Args:
        y_true: zeros and ones.
        y_pred: probabilities.
        threshold: what a yes must exceed.

    Shapes:
        both ``(batch, ...)`` -> the same.

    Example:
        >>> binary_accuracy([1.0, 0.0], [0.9, 0.6]).tolist()
        [1.0, 0.0]
    """
    return ops.cast(_binary(as_values(y_true), as_values(y_pred), threshold), None)


@functions.add
def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return 1 where the largest of ``y_pred`` is at the largest of ``y_true``, else 0.

    Shapes:
        both ``(batch, ..., classes)`` -> ``(batch, ...)``.

    Example:
        >>> categorical_accuracy([[0.0, 1.0], [1.0, 0.0]], [[0.1, 0.9], [0.2, 0.8]]).tolist()
        [1.0, 0.0]
    """
    return ops.cast(_categorical(as_values(y_true), as_values(y_pred)), None)


@functions.add
def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """Return 1 where the largest of the predictions is at the class ``y_true``, else 0.

    Shapes:
        ``y_true: (batch, ...)`` or ``(batch, ..., 1)``, ``y_pred: (batch, ..., classes)`` -> ``(batch, ...)``.

    Example:
        >>> sparse_categorical_accuracy([1, 0], [[0.1, 0.9], [0.2, 0.8]]).tolist()
        [1.0, 0.0]
    """
    return ops.cast(_sparse(as_values(y_true), as_values(y_pred)), None)


@metrics.register()
class Accuracy(MeanOfSamples):
    """How often predictions equal targets: ``mean(y_true == y_pred)``.

    Example:
        >>> float(Accuracy()([1.0, 2.0], [1.0, 3.0]))
        0.5
    """

    name = "accuracy"
    _direction = "up"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return _equal(y_true, y_pred)


@metrics.register()
class BinaryAccuracy(MeanOfSamples):
    """How often ``y_pred > threshold`` says the same as a target of 0 or 1.

    Args:
        threshold: what a yes must exceed.

    Example:
        >>> float(BinaryAccuracy()([1.0, 0.0], [0.9, 0.6]))
        0.5
    """

    name = "binary_accuracy"
    _direction = "up"
    threshold: float = 0.5

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return _binary(y_true, y_pred, self.threshold)


@metrics.register()
class CategoricalAccuracy(MeanOfSamples):
    """How often ``argmax(y_pred) == argmax(y_true)``: one-hot targets.

    Example:
        >>> float(CategoricalAccuracy()([[0.0, 1.0], [1.0, 0.0]], [[0.1, 0.9], [0.2, 0.8]]))
        0.5
    """

    name = "categorical_accuracy"
    _direction = "up"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return _categorical(y_true, y_pred)


@metrics.register()
class SparseCategoricalAccuracy(MeanOfSamples):
    """How often ``argmax(y_pred) == y_true``: integer targets.

    Example:
        >>> float(SparseCategoricalAccuracy()([1, 0], [[0.1, 0.9], [0.2, 0.8]]))
        0.5
    """

    name = "sparse_categorical_accuracy"
    _direction = "up"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return _sparse(y_true, y_pred)


def resolve_accuracy(y_true_shape: Sequence[int | None], y_pred_shape: Sequence[int | None]) -> Any:
    """Return the metric class that ``"accuracy"`` (or ``"acc"``) stands for.

    Args:
        y_true_shape: shape of the targets; the batch size may be None.
        y_pred_shape: shape of the predictions.

    Example:
        >>> resolve_accuracy((None,), (None, 10)).__name__
        'SparseCategoricalAccuracy'
    """
    return {
        "binary": BinaryAccuracy,
        "sparse": SparseCategoricalAccuracy,
        "one-hot": CategoricalAccuracy,
    }[kind_of_targets(y_true_shape, y_pred_shape)]
