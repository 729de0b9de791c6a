"""``RMSNormalization``: each row with a root mean square of 1."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.declared import NonNegative
from denselite.layers.normalizer import Axes, Normalizer, sorted_axes
from denselite.layers.single import told_shape
from denselite.ops.normalization import inverse_root

__all__ = ["RMSNormalization"]


class RMSNormalization(Normalizer):
    """Compute ``scale · x / sqrt(mean(x²) + epsilon)`` along the axes of one row.

    Args:
        axis: the axis, or a list of them; not the batch.
        epsilon: added to the mean square, 0 or more.

    Shapes:
        any -> the same; ``scale``, which starts with ones, has the sizes along ``axis``.

    Raises:
        ArgumentError: ``axis`` is no integer and no list of them, or ``epsilon`` is negative.
        ShapeError: the input has no such axis, its size is not known, or it is another than the weight's.

    Source: Zhang and Sennrich, 2019.

    Example:
        >>> import numpy as np
        >>> RMSNormalization(epsilon=0.0)(np.array([[2.0, -2.0]])).tolist()
        [[1.0, -1.0]]
    """

    supports_masking = False  # as in Keras

    axis: Axes = -1
    epsilon: NonNegative = 1e-6

    def build(self, input_shape: Any) -> None:
        self.axis = sorted_axes(self.axis)  # as Keras writes it once the layer is built
        self.scale = self.add_weight(self._sizes(input_shape, self.axis), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        axes = self._places(told_shape(inputs), self.axis)
        x = ops.cast(inputs, self.dtype)
        scale = self._laid_out(self.scale, x, self.axis)
        return x * inverse_root(ops.mean(ops.square(x), axes, keepdims=True), self.epsilon) * scale
