"""Crossentropies as metrics."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.declared import Fraction
from denselite.losses.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from denselite.losses.ranks import as_values
from denselite.losses.reduction import masked_weight
from denselite.metrics.mean import MeanOfSamples
from denselite.metrics.metric import metrics

__all__ = ["BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]


@metrics.register("bce", "BCE")
class BinaryCrossentropy(MeanOfSamples):
    """The mean of ``-t·log(p) - (1 - t)·log(1 - p)``.

    Args:
        from_logits: whether predictions are logits.
        label_smoothing: fraction in [0, 1] by which targets are drawn to 0.5.

    Example:
        >>> round(float(BinaryCrossentropy()([[1.0, 0.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    name = "binary_crossentropy"
    _direction = "down"
    from_logits: bool = False
    label_smoothing: Fraction = 0.0

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return binary_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing)


@metrics.register()
class CategoricalCrossentropy(MeanOfSamples):
    """The mean of ``-sum(t·log(p))``: one-hot targets.

    Args:
        from_logits: whether predictions are logits.
        label_smoothing: fraction in [0, 1] by which targets are drawn to equal shares.
        axis: the axis of the classes.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    name = "categorical_crossentropy"
    _direction = "down"
    from_logits: bool = False
    label_smoothing: Fraction = 0.0
    axis: int = -1

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return categorical_crossentropy(y_true, y_pred, self.from_logits, self.label_smoothing, self.axis)


@metrics.register()
class SparseCategoricalCrossentropy(MeanOfSamples):
    """The mean of ``-log(p[class])``: integer targets.

    Args:
        from_logits: whether predictions are logits.
        ignore_class: samples of this class do not count. (In Keras they count as 0 when nothing is weighted.)
        axis: the axis of the classes.

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
        0.6931
    """

    name = "sparse_categorical_crossentropy"
    _direction = "down"
    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, self.ignore_class, self.axis)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_true, y_pred = as_values(y_true), as_values(y_pred)
        if self.ignore_class is not None:
            sample_weight = masked_weight(sample_weight, ops.not_equal(y_true, self.ignore_class), self.dtype)
        super().update_state(y_true, y_pred, sample_weight)
