"""``LayerNormalization``: each row with mean 0 and deviation 1."""

from __future__ import annotations

from typing import Any

from denselite import constraints, initializers, ops, regularizers
from denselite.declared import NonNegative, keyword
from denselite.layers.key_order import placed_behind
from denselite.layers.normalizer import Axes, Normalizer, sorted_axes
from denselite.layers.single import told_shape
from denselite.ops.normalization import inverse_root, standardize

__all__ = ["LayerNormalization"]


class LayerNormalization(Normalizer):
    """Standardize along the axes of one row, then scale and shift: ``gamma · (x - mean) / sqrt(var + epsilon) + beta``.

    Args:
        axis: the axis, or a list of them; not the batch.
        epsilon: added to the variance, 0 or more.
        center: whether there is a ``beta``.
        scale: whether there is a ``gamma``.
        beta_initializer: how ``beta`` starts.
        gamma_initializer: how ``gamma`` starts.
        beta_regularizer: penalty on ``beta``, added to the loss.
        gamma_regularizer: penalty on ``gamma``, added to the loss.
        beta_constraint: what ``beta`` is set to after every update.
        gamma_constraint: what ``gamma`` is set to after every update.
        rms_scaling: compute ``gamma · x / sqrt(var + epsilon)`` instead, which is what Keras does by this name;
            for the root mean square there is ``RMSNormalization``.

    Shapes:
        any -> the same; ``gamma`` and ``beta`` have the sizes along ``axis``.

    Raises:
        ArgumentError: ``axis`` is no integer and no list of them, or ``epsilon`` is negative.
        ShapeError: the input has no such axis, its size is not known, or it is another than the weights'.

    Source: Ba, Kiros and Hinton, 2016.

    Example:
        >>> import numpy as np
        >>> LayerNormalization(epsilon=0.0)(np.array([[1.0, 3.0]])).tolist()
        [[-1.0, 1.0]]
    """

    axis: Axes = -1
    epsilon: NonNegative = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: initializers.Initialized = "zeros"
    gamma_initializer: initializers.Initialized = "ones"
    beta_regularizer: regularizers.Regularized = None
    gamma_regularizer: regularizers.Regularized = None
    beta_constraint: constraints.Constrained = None
    gamma_constraint: constraints.Constrained = None
    rms_scaling: bool = keyword(default=False, kw_only=True)

    def build(self, input_shape: Any) -> None:
        self.axis = sorted_axes(self.axis)  # as Keras writes it once the layer is built
        sizes = self._sizes(input_shape, self.axis)
        self._add_affine(sizes, self.scale or self.rms_scaling, self.center and not self.rms_scaling)

    def call(self, inputs: Any) -> Any:
        axes = self._places(told_shape(inputs), self.axis)
        x = ops.cast(inputs, self.dtype)
        if self.rms_scaling:
            values = x * inverse_root(ops.var(x, axes, keepdims=True), self.epsilon)
        else:
            values, _, _ = standardize(x, axes, self.epsilon)
        return self._affine(values, x, self.axis)

    def get_config(self) -> dict[str, Any]:
        return placed_behind(super().get_config(), "rms_scaling", "scale")
