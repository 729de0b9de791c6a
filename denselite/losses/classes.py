"""What losses over classes share: targets and probabilities checked, smoothed and clipped."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import ops
from denselite.errors import DataError, ShapeError
from denselite.losses.ranks import as_values, comparable, described, per_sample
from denselite.ops.crossentropy import binary_terms, clipped, shares
from denselite.ops.op import as_float
from denselite.ops.shaping import normalize_axis
from denselite.tensor.dtypes import is_float

__all__ = ["binary_terms", "categorical_pair", "clipped", "shares", "smoothed", "sparse_pair"]


def categorical_pair(
    who: str, y_true: Any, y_pred: Any, label_smoothing: float, axis: int, hint: str = ""
) -> tuple[Any, Any, int]:
    """Return targets (smoothed), predictions, both floats of one shape, and the axis of the classes from the front.

    Raises:
        ShapeError: the shapes differ, or there is one class only.
    """
    t, p = comparable(who, y_true, y_pred, hint)
    axis = normalize_axis(axis, p.ndim, who)
    return smoothed(t, label_smoothing, _classes(who, p.shape, axis)), p, axis


def smoothed(t: Any, label_smoothing: float, classes: int) -> Any:
    """Return targets drawn to equal shares of the classes."""
    return t * (1.0 - label_smoothing) + label_smoothing / classes if label_smoothing else t


def sparse_pair(
    who: str, y_true: Any, y_pred: Any, axis: int = -1, ignore_class: int | None = None
) -> tuple[Any, Any, Any]:
    """Return classes (0 for the ignored one), predictions with the classes last, and which samples count (None: all).

    Raises:
        ShapeError: the shapes do not fit, or there is one class only.
        DataError: an array of targets holds something that is not a class.
    """
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
    counts = None if ignore_class is None else ops.not_equal(labels, ignore_class)
    if counts is not None:
        labels = ops.where(counts, labels, 0)
    if isinstance(labels, np.ndarray):
        _expect_classes(who, labels, classes)
    return labels, ops.moveaxis(p, axis, -1), counts


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
