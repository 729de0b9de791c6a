"""Crossentropies: how surprised the predicted probabilities are by the targets.

From probabilities Keras' numbers come with two safeguards, and so do ours: probabilities over
several classes are divided by their sum, and all are clipped to ``[epsilon, 1 - epsilon]``. From
logits nothing is clipped: the values are exact and finite for every finite logit.
"""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.declared import Fraction, keyword
from denselite.losses.classes import binary_terms, categorical_pair, clipped, shares, smoothed, sparse_pair
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import comparable
from denselite.ops.crossentropy import pick_class, sigmoid_crossentropy

__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "binary_crossentropy",
    "categorical_crossentropy", "sparse_categorical_crossentropy",
]  # fmt: skip


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Return ``mean(-t·log(p) - (1 - t)·log(1 - p))`` over ``axis``: each value is a yes or no of its own.

    Args:
        y_true: targets in [0, 1].
        y_pred: probabilities, or logits.
        from_logits: whether ``y_pred`` are logits, of which ``p`` is the sigmoid.
        label_smoothing: fraction in [0, 1] by which targets are drawn to 0.5.
        axis: the axis of the mean.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> round(float(binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]])[0]), 4)
        0.6931
    """
    t, p = comparable("binary_crossentropy", y_true, y_pred)
    t = smoothed(t, label_smoothing, 2)
    return ops.mean((sigmoid_crossentropy if from_logits else binary_terms)(t, p), axis=axis)


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Any:
    """Return ``-sum(t·log(p))`` over ``axis``: one class of several, targets as one-hot rows.

    Args:
        y_true: targets, probabilities over the classes.
        y_pred: predicted probabilities, or logits.
        from_logits: whether ``y_pred`` are logits, of which ``p`` is the softmax.
        label_smoothing: fraction in [0, 1] by which targets are drawn to equal shares.
        axis: the axis of the classes.

    Shapes:
        both ``(batch, ..., classes)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ, or there is one class only.

    Example:
        >>> round(float(categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])[0]), 4)
        0.6931
    """
    hint = " Use sparse_categorical_crossentropy for integer classes."
    t, p, axis = categorical_pair("categorical_crossentropy", y_true, y_pred, label_smoothing, axis, hint)
    return -ops.sum(t * (ops.log_softmax(p, axis) if from_logits else ops.log(shares(p, axis))), axis)


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """Return ``-log(p[class])``: one class of several, targets as integers.

    Args:
        y_true: classes, integers from 0 (of any dtype).
        y_pred: predicted probabilities, or logits.
        from_logits: whether ``y_pred`` are logits, of which ``p`` is the softmax.
        ignore_class: samples of this class (-1, 255) have loss 0.
        axis: the axis of the classes.

    Shapes:
        ``y_true: (batch, ...)`` or ``(batch, ..., 1)``, ``y_pred: (batch, ..., classes)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes do not fit, or there is one class only.
        DataError: an array of targets holds something that is not a class.

    Example:
        >>> round(float(sparse_categorical_crossentropy([1], [[0.5, 0.5]])[0]), 4)
        0.6931
    """
    who = "sparse_categorical_crossentropy"
    labels, p, counts = sparse_pair(who, y_true, y_pred, axis, ignore_class)
    if from_logits:
        log = pick_class(ops.log_softmax(p), labels)
    else:  # the class is picked before the logarithm: the others do not count
        log = ops.log(clipped(pick_class(p, labels) / ops.sum(p, axis=-1)))
    return -log if counts is None else ops.where(counts, -log, 0.0)


losses.add(binary_crossentropy, "bce", "BCE")
losses.add(categorical_crossentropy)
losses.add(sparse_categorical_crossentropy)
sparse_categorical_crossentropy.takes_classes = True  # type: ignore[attr-defined]  # a wrapper leaves integers be


@losses.add
class BinaryCrossentropy(Loss):
    """``mean(-t·log(p) - (1 - t)·log(1 - p))``: each output is a yes or no of its own.

    Args:
        from_logits: whether predictions are logits, of which ``p`` is the sigmoid.
        label_smoothing: fraction in [0, 1] by which targets are drawn to 0.5.
        axis: the axis of the mean.

    Example:
        >>> round(float(BinaryCrossentropy(from_logits=True)([[1.0, 0.0]], [[0.0, 0.0]])), 4)
        0.6931
    """

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)


@losses.add
class CategoricalCrossentropy(Loss):
    """``-sum(t·log(p))``: one class of several, targets as one-hot rows.

    Args:
        from_logits: whether predictions are logits, of which ``p`` is the softmax.
        label_smoothing: fraction in [0, 1] by which targets are drawn to equal shares.
        axis: the axis of the classes.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return categorical_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)


@losses.add
class SparseCategoricalCrossentropy(Loss):
    """``-log(p[class])``: one class of several, targets as integers.

    Args:
        from_logits: whether predictions are logits, of which ``p`` is the softmax.
        ignore_class: samples of this class do not count; the mean is over the others.
        axis: the axis of the classes.

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
        0.6931
    """

    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = keyword(default=-1, kw_only=True)  # behind the reduction, as in Keras
    name: str | None = keyword(default="sparse_categorical_crossentropy", kw_only=True)
    dtype: Any = keyword(default=None, kw_only=True)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, self.ignore_class, self.axis)

    def _targets(self, y_true: Any) -> Any:
        return y_true  # integers stay what they are

    def _mask(self, y_true: Any) -> Any:
        return None if self.ignore_class is None else ops.not_equal(y_true, self.ignore_class)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.axis == -1:  # Keras 3.15 does not know the key
            del config["axis"]
        return config
