"""``UnitNormalization``: each row with a length of 1."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.layers.normalizer import Axes, Normalizer, sorted_axes
from denselite.layers.single import told_shape

__all__ = ["UnitNormalization"]

_SHORTEST = 1e-12  # what is shorter is divided by this, a row of zeros stays one


class UnitNormalization(Normalizer):
    """Divide each row by its Euclidean norm.

    Args:
        axis: the axis that the norm is taken along, or a list of them.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ``axis`` is no integer and no list of them.
        ShapeError: the input has no such axis.

    Example:
        >>> import numpy as np
        >>> UnitNormalization(dtype="float64")(np.array([[3.0, 4.0]])).round(6).tolist()
        [[0.6, 0.8]]
    """

    _built_at_init = True

    axis: Axes = -1

    def call(self, inputs: Any) -> Any:
        axes = self._places(told_shape(inputs), sorted_axes(self.axis))
        x = ops.cast(inputs, self.dtype)
        squares = ops.sum(ops.square(x), axes, keepdims=True)
        return x * ops.reciprocal(ops.sqrt(ops.maximum(squares, _SHORTEST**2)))
