"""Crossentropies that leave easy samples to themselves: their terms shrink with a power of what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import ops
from denselite.declared import Fraction, NonNegative
from denselite.errors import ShapeError
from denselite.losses.classes import binary_terms, categorical_pair, shares, smoothed
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import comparable

__all__ = [
    "BinaryFocalCrossentropy", "CategoricalFocalCrossentropy", "binary_focal_crossentropy",
    "categorical_focal_crossentropy", "power",
]  # fmt: skip

PerClass = float | list[float] | tuple[float, ...]


def power(base: Any, exponent: float) -> Any:
    """Return ``base^exponent`` for a base in [0, 1], with a finite gradient also where an exponent < 1 has none."""
    if exponent < 1:
        base = ops.maximum(base, float(np.finfo(base.dtype).tiny))
    return ops.power(base, exponent)


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Return ``mean((1 - q)^gamma · -log(q))`` over ``axis``, ``q`` being the probability of the right answer.

    Args:
        y_true: targets in [0, 1].
        y_pred: probabilities, or logits.
        apply_class_balancing: whether to multiply by ``alpha`` where the target is 1, by ``1 - alpha`` where it is 0.
        alpha: weight of the targets that are 1.
        gamma: how much easy samples lose; 0 for none.
        from_logits: whether ``y_pred`` are logits.
        label_smoothing: fraction in [0, 1] by which targets are drawn to 0.5.
        axis: the axis of the mean.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Source:
        Lin et al., 2017, "Focal Loss for Dense Object Detection".

    Example:
        >>> round(float(binary_focal_crossentropy([[1.0]], [[0.5]])[0]), 4)  # log(2) / 4
        0.1733
    """
    t, p = comparable("binary_focal_crossentropy", y_true, y_pred)
    t = smoothed(t, label_smoothing, 2)
    p = ops.sigmoid(p) if from_logits else p
    right = t * p + (1.0 - t) * (1.0 - p)
    focal = power(1.0 - right, gamma) * binary_terms(t, p)
    if apply_class_balancing:
        focal = (t * alpha + (1.0 - t) * (1.0 - alpha)) * focal
    return ops.mean(focal, axis=axis)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: PerClass = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """Return ``sum(alpha · (1 - p)^gamma · -t·log(p))`` over ``axis``.

    Args:
        y_true: targets, probabilities over the classes.
        y_pred: predicted probabilities, or logits.
        alpha: weight of all classes, or one for each (of the last axis).
        gamma: how much easy samples lose; 0 for none.
        from_logits: whether ``y_pred`` are logits.
        label_smoothing: fraction in [0, 1] by which targets are drawn to equal shares.
        axis: the axis of the classes.

    Shapes:
        both ``(batch, ..., classes)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ, or there is one class only.

    Source:
        Lin et al., 2017, "Focal Loss for Dense Object Detection".

    Example:
        >>> round(float(categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]], alpha=1.0)[0]), 4)  # log(2) / 4
        0.1733
    """
    t, p, axis = categorical_pair("categorical_focal_crossentropy", y_true, y_pred, label_smoothing, axis)
    p = shares(ops.softmax(p, axis) if from_logits else p, axis)
    factors = np.asarray(alpha, p.dtype)
    if factors.shape not in ((), (1,), (p.shape[-1],)):
        given, expected = factors.shape, (p.shape[-1],)
        raise ShapeError(f"categorical_focal_crossentropy expects alpha of shape () or {expected}, got {given}.")
    return -ops.sum(factors * power(1.0 - p, gamma) * (t * ops.log(p)), axis)


losses.add(binary_focal_crossentropy)
losses.add(categorical_focal_crossentropy)


@losses.add
class BinaryFocalCrossentropy(Loss):
    """``BinaryCrossentropy`` with each term multiplied by ``(1 - q)^gamma``, ``q`` being how sure the right answer was.

    Args:
        apply_class_balancing: whether to multiply by ``alpha`` where the target is 1, by ``1 - alpha`` where it is 0.
        alpha: weight of the targets that are 1.
        gamma: how much easy samples lose, 0 or more.
        from_logits: whether predictions are logits.
        label_smoothing: fraction in [0, 1] by which targets are drawn to 0.5.
        axis: the axis of the mean.

    Example:
        >>> round(float(BinaryFocalCrossentropy()([[1.0]], [[0.5]])), 4)  # log(2) / 4
        0.1733
    """

    apply_class_balancing: bool = False
    alpha: float = 0.25
    gamma: NonNegative = 2.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return binary_focal_crossentropy(
            y_true, y_pred, self.apply_class_balancing, self.alpha, self.gamma, self.from_logits, self.label_smoothing,
            self.axis,
        )  # fmt: skip


@losses.add
class CategoricalFocalCrossentropy(Loss):
    """``CategoricalCrossentropy`` with each term multiplied by ``alpha · (1 - p)^gamma``.

    Args:
        alpha: weight of all classes, or one for each (of the last axis).
        gamma: how much easy samples lose, 0 or more.
        from_logits: whether predictions are logits.
        label_smoothing: fraction in [0, 1] by which targets are drawn to equal shares.
        axis: the axis of the classes.

    Example:
        >>> round(float(CategoricalFocalCrossentropy(alpha=1.0)([[0.0, 1.0]], [[0.5, 0.5]])), 4)  # log(2) / 4
        0.1733
    """

    alpha: PerClass = 0.25
    gamma: NonNegative = 2.0
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return categorical_focal_crossentropy(
            y_true, y_pred, self.alpha, self.gamma, self.from_logits, self.label_smoothing, self.axis
        )
