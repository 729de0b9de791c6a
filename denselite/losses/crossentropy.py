"""Crossentropies: how surprised the predicted probabilities are by the targets.

From probabilities Keras' numbers come with two safeguards, and so do ours: probabilities over
several classes are divided by their sum, and all are clipped to ``[epsilon, 1 - epsilon]``. From
logits nothing is clipped: the values are exact and finite for every finite logit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import ops
from denselite.config import epsilon
from denselite.declared import Fraction
from denselite.errors import DataError, ShapeError
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import as_values, described, expect_same_shape, paired, per_sample
from denselite.ops.crossentropy import pick_class, sigmoid_crossentropy
from denselite.ops.op import as_float
from denselite.ops.shaping import normalize_axis
from denselite.tensor.dtypes import is_float

__all__ = [
    "BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy", "binary_crossentropy",
    "categorical_crossentropy", "sparse_categorical_crossentropy",
]  # fmt: skip


def _clipped(probabilities: Any) -> Any:
    return ops.clip(probabilities, epsilon(), 1.0 - epsilon())


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
    t, p = paired(y_true, y_pred)
    expect_same_shape("binary_crossentropy", t, p)
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + 0.5 * label_smoothing
    if from_logits:
        return ops.mean(sigmoid_crossentropy(t, p), axis=axis)
    p = _clipped(p)
    return ops.mean((t - 1.0) * ops.log(1.0 - p) - t * ops.log(p), axis=axis)


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
    t, p = paired(y_true, y_pred)
    who = "categorical_crossentropy"
    expect_same_shape(who, t, p, " Use sparse_categorical_crossentropy for integer classes.")
    axis = normalize_axis(axis, p.ndim, who)
    classes = _classes(who, p.shape, axis)
    if label_smoothing:
        t = t * (1.0 - label_smoothing) + label_smoothing / classes
    log = ops.log_softmax(p, axis) if from_logits else ops.log(_clipped(p / ops.sum(p, axis, keepdims=True)))
    return -ops.sum(t * log, axis)


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
    p, labels = as_values(y_pred), as_values(y_true)
    p = ops.cast(p, as_float(p.dtype))
    axis = normalize_axis(axis, p.ndim, who)
    classes = _classes(who, p.shape, axis)
    if labels.ndim == p.ndim and labels.shape[axis] == 1:
        labels = ops.squeeze(labels, axis)
    expected = (*p.shape[:axis], *p.shape[axis + 1 :])
    if tuple(labels.shape) != expected:
        given, wanted, predicted = described(labels.shape, expected, p.shape)
        raise ShapeError(
            f"{who} expects targets of shape {wanted} for predictions of shape {predicted}, got {given}. "
            "Use categorical_crossentropy for one-hot targets."
        )
    p = ops.moveaxis(p, axis, -1)
    counts = None if ignore_class is None else ops.not_equal(labels, ignore_class)
    if counts is not None:
        labels = ops.where(counts, labels, 0)
    if isinstance(labels, np.ndarray):
        _expect_classes(who, labels, classes)
    if from_logits:
        log = pick_class(ops.log_softmax(p), labels)
    else:  # the class is picked before the logarithm: the others do not count
        log = ops.log(_clipped(pick_class(p, labels) / ops.sum(p, axis=-1)))
    return -log if counts is None else ops.where(counts, -log, 0.0)


def _classes(who: str, shape: tuple[int, ...], axis: int) -> int:
    if shape[axis] < 2:
        raise ShapeError(
            f"{who} needs two classes or more on axis {axis}, got predictions of shape {per_sample(shape)}. "
            "Use binary_crossentropy for a single yes or no."
        )
    return shape[axis]


def _expect_classes(who: str, labels: Any, classes: int) -> None:
    valid = (labels >= 0) & (labels < classes)
    if is_float(labels.dtype):
        valid &= labels == np.trunc(labels)
    if not valid.all():
        wrong = labels[~valid].ravel()[0]
        raise DataError(f"{who} expects classes 0 to {classes - 1} as targets, got {wrong}.")


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
        reduction: as in ``Loss``.
        name: as in ``Loss``.
        dtype: as in ``Loss``.

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
        reduction: as in ``Loss``.
        name: as in ``Loss``.
        dtype: as in ``Loss``.

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
        reduction: as in ``Loss``.
        name: as in ``Loss``.
        dtype: as in ``Loss``.

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
        0.6931
    """

    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1

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
