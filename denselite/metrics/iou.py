"""Intersection over union: how well predicted classes cover the true ones, from a confusion matrix."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from denselite import ops
from denselite.config import epsilon
from denselite.declared import NonNegativeInt, PositiveInt, keyword
from denselite.errors import ArgumentError, ShapeError
from denselite.losses.ranks import as_values, described
from denselite.metrics.metric import Metric, metrics
from denselite.ops.bins import bin_sums
from denselite.tensor.room import claim

__all__ = ["BinaryIoU", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"]

Classes = list[NonNegativeInt] | tuple[NonNegativeInt, ...]


class _IoU(Metric):
    """Base: subclasses declare the arguments in Keras' order, what follows ``name`` and ``dtype`` there by ``keyword``.

    Weights count in full. (Keras cuts them to whole numbers unless ``dtype`` is a float.)
    """

    _direction = "up"
    num_classes = 2  # not annotated: no arguments of this class
    target_class_ids = cast(Classes, None)  # all of them
    ignore_class = cast("int | None", None)
    sparse_y_true = True
    sparse_y_pred = True
    axis = -1

    def __post_init__(self) -> None:
        self.dtype = "int32" if self.dtype is None else self.dtype
        super().__post_init__()
        claim(type(self).__name__, (self.num_classes,), 40)
        self._targets = list(range(self.num_classes) if self.target_class_ids is None else self.target_class_ids)
        if not self._targets or max(self._targets) >= self.num_classes:
            raise ArgumentError(
                f"{type(self).__name__}() expects target_class_ids from 0 to {self.num_classes - 1}, "
                f"got {self.target_class_ids}."
            )
        self.total_cm = self.add_variable((self.num_classes, self.num_classes), name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        true, predicted = self._classes(y_true, self.sparse_y_true), self._classes(y_pred, self.sparse_y_pred)
        if true.shape != predicted.shape:
            given, expected = described(true.shape, predicted.shape)
            raise ShapeError(f"{type(self).__name__} expects as many targets as predictions, {expected}, got {given}.")
        counts = ops.logical_and(self._is_class(true), self._is_class(predicted))
        if self.ignore_class is not None:
            counts = ops.logical_and(counts, ops.not_equal(true, self.ignore_class))
        places = ops.where(counts, true * self.num_classes + predicted, 0)
        found = bin_sums(self._weighted(counts, sample_weight), places, self.num_classes**2)
        self.total_cm.assign_add(ops.reshape(found, (self.num_classes, self.num_classes)))

    def _classes(self, values: Any, sparse: bool) -> Any:
        """The classes as one row of integers."""
        values = as_values(values)
        return ops.ravel(ops.cast(values if sparse else ops.argmax(values, self.axis), np.intp))

    def _weighted(self, counts: Any, sample_weight: Any) -> Any:
        if sample_weight is None:
            return ops.cast(counts, np.intp)
        weight = ops.ravel(as_values(sample_weight))
        if weight.shape not in ((1,), counts.shape):
            given, expected = described(weight.shape, counts.shape)
            raise ShapeError(f"{type(self).__name__} expects a weight for each target, {expected}, got {given}.")
        return ops.where(counts, weight, 0)

    def _is_class(self, values: Any) -> Any:
        return ops.logical_and(ops.greater_equal(values, 0), ops.less(values, self.num_classes))

    def result(self) -> Any:
        matrix = self.total_cm.value
        both = ops.sum(matrix * np.eye(self.num_classes), 0)
        either = ops.sum(matrix, 0) + ops.sum(matrix, 1) - both
        both, either = (ops.take(values, np.asarray(self._targets)) for values in (both, either))
        seen = ops.greater(either, 0.0)
        each = ops.where(seen, both / (either + epsilon()), 0.0)
        return ops.sum(each) / (ops.sum(seen) + epsilon())


@metrics.register()
class IoU(_IoU):
    """The mean over chosen classes of ``intersection / union`` of where they are and are predicted.

    Args:
        num_classes: how many classes there are; what is none of them does not count.
        target_class_ids: the classes chosen.
        dtype: taken for Keras' sake; ``int32`` by default.
        ignore_class: samples of this class do not count.
        sparse_y_true: targets are integers; False: one-hot.
        sparse_y_pred: predictions are integers; False: scores, of which the largest counts.
        axis: the axis of the classes, of what is not sparse.

    Shapes:
        as many targets as predictions, in any shape -> ``()``.

    Raises:
        ArgumentError: a target class is none of the classes.
        ShapeError: there are more or fewer targets than predictions.

    Source: Jaccard, 1912, "The Distribution of the Flora in the Alpine Zone".

    Example:
        >>> round(float(IoU(2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    num_classes: PositiveInt
    target_class_ids: Classes
    ignore_class: int | None = keyword(default=None, kw_only=True)
    sparse_y_true: bool = keyword(default=True, kw_only=True)
    sparse_y_pred: bool = keyword(default=True, kw_only=True)
    axis: int = keyword(default=-1, kw_only=True)


@metrics.register()
class BinaryIoU(_IoU):
    """The mean of ``intersection / union`` of yes and no: ``y_pred >= threshold`` is a yes.

    Args:
        target_class_ids: which count: 0 (no), 1 (yes) or both.
        threshold: the least that is a yes.
        dtype: taken for Keras' sake; ``int32`` by default.

    Shapes:
        as many targets as predictions, in any shape -> ``()``.

    Example:
        >>> round(float(BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
        0.3333
    """

    target_class_ids: Classes = (0, 1)
    threshold: float = 0.5

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(y_true, ops.greater_equal(as_values(y_pred), self.threshold), sample_weight)


@metrics.register()
class MeanIoU(_IoU):
    """The mean over all classes of ``intersection / union`` of where they are and are predicted.

    Args:
        num_classes: how many classes there are; what is none of them does not count.
        dtype: taken for Keras' sake; ``int32`` by default.
        ignore_class: samples of this class do not count.
        sparse_y_true: targets are integers; False: one-hot.
        sparse_y_pred: predictions are integers; False: scores, of which the largest counts.
        axis: the axis of the classes, of what is not sparse.

    Shapes:
        as many targets as predictions, in any shape -> ``()``.

    Example:
        >>> round(float(MeanIoU(2)([0, 0, 1, 1], [0, 1, 0, 1])), 4)
        0.3333
    """

    num_classes: PositiveInt
    ignore_class: int | None = keyword(default=None, kw_only=True)
    sparse_y_true: bool = keyword(default=True, kw_only=True)
    sparse_y_pred: bool = keyword(default=True, kw_only=True)
    axis: int = keyword(default=-1, kw_only=True)


@metrics.register()
class OneHotIoU(_IoU):
    """``IoU`` of one-hot targets: ``intersection / union`` over chosen classes.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes chosen.
        dtype: taken for Keras' sake; ``int32`` by default.
        ignore_class: samples of this class do not count.
        sparse_y_pred: predictions are integers; False: scores, of which the largest counts.
        axis: the axis of the classes.

    Shapes:
        both ``(..., classes)`` -> ``()``.

    Example:
        >>> metric = OneHotIoU(2, target_class_ids=[0, 1])
        >>> round(float(metric([[1, 0], [0, 1]], [[0.8, 0.2], [0.6, 0.4]])), 4)
        0.25
    """

    sparse_y_true = False
    num_classes: PositiveInt
    target_class_ids: Classes
    ignore_class: int | None = keyword(default=None, kw_only=True)
    sparse_y_pred: bool = keyword(default=False, kw_only=True)
    axis: int = keyword(default=-1, kw_only=True)


@metrics.register()
class OneHotMeanIoU(_IoU):
    """``MeanIoU`` of one-hot targets: ``intersection / union`` over all classes.

    Args:
        num_classes: how many classes there are.
        dtype: taken for Keras' sake; ``int32`` by default.
        ignore_class: samples of this class do not count.
        sparse_y_pred: predictions are integers; False: scores, of which the largest counts.
        axis: the axis of the classes.

    Shapes:
        both ``(..., classes)`` -> ``()``.

    Example:
        >>> round(float(OneHotMeanIoU(2)([[1, 0], [0, 1]], [[0.8, 0.2], [0.6, 0.4]])), 4)
        0.25
    """

    sparse_y_true = False
    num_classes: PositiveInt
    ignore_class: int | None = keyword(default=None, kw_only=True)
    sparse_y_pred: bool = keyword(default=False, kw_only=True)
    axis: int = keyword(default=-1, kw_only=True)
