"""``GroupNormalization``: each row's channels in groups, each group with mean 0 and deviation 1."""

from __future__ import annotations

from typing import Any

from denselite import constraints, initializers, ops, regularizers
from denselite.declared import NonNegative
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.normalizer import Normalizer
from denselite.layers.single import told_shape
from denselite.ops.normalization import standardize

__all__ = ["GroupNormalization"]


class GroupNormalization(Normalizer):
    """Standardize each group of a row's channels, over all other axes too; then ``gamma · x̂ + beta`` by channel.

    Args:
        groups: how many; -1 for one a channel (instance normalization).
        axis: the axis of the channels; not the batch.
        epsilon: added to the variance, 0 or more.
        center: whether there is a ``beta``.
        scale: whether there is a ``gamma``.
        beta_initializer: how ``beta`` starts.
        gamma_initializer: how ``gamma`` starts.
        beta_regularizer: penalty on ``beta``, added to the loss.
        gamma_regularizer: penalty on ``gamma``, added to the loss.
        beta_constraint: what ``beta`` is set to after every update.
        gamma_constraint: what ``gamma`` is set to after every update.

    Shapes:
        any -> the same; ``gamma`` and ``beta``: ``(channels,)``.

    Raises:
        ArgumentError: ``groups`` is neither positive nor -1, or ``epsilon`` is negative.
        ShapeError: the channels cannot be split into that many groups of one size, the input has no such axis, or
            another number of channels than the weights.

    Source: Wu and He, 2018.

    Example:
        >>> import numpy as np
        >>> GroupNormalization(2, epsilon=0.0)(np.array([[1.0, 3.0, 10.0, 30.0]])).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]
    """

    groups: int = 32
    axis: int = -1
    epsilon: NonNegative = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: initializers.Initialized = "zeros"
    gamma_initializer: initializers.Initialized = "ones"
    beta_regularizer: regularizers.Regularized = None
    gamma_regularizer: regularizers.Regularized = None
    beta_constraint: constraints.Constrained = None
    gamma_constraint: constraints.Constrained = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.groups < 1 and self.groups != -1:
            raise ArgumentError(
                f"{self._who} expects groups greater than 0, or -1 for one a channel, got {self.groups}."
            )

    def build(self, input_shape: Any) -> None:
        (channels,) = self._sizes(input_shape, [self.axis])
        if self.groups == -1:
            self.groups = channels  # as Keras writes it once the layer is built
        if channels % self.groups:
            raise ShapeError(
                f"{self._who} cannot split {channels} channels (axis {self.axis} of input shape {input_shape}) into "
                f"{self.groups} groups. Take a number of groups that divides {channels}."
            )
        self._add_affine((channels,), self.scale, self.center)

    def call(self, inputs: Any) -> Any:
        (axis,) = self._places(told_shape(inputs), [self.axis])
        x = ops.cast(inputs, self.dtype)
        shape = tuple(x.shape)
        split = (*shape[:axis], self.groups, shape[axis] // self.groups, *shape[axis + 1 :])
        axes = [other for other in range(1, len(split)) if other != axis]
        values, _, _ = standardize(ops.reshape(x, split), axes, self.epsilon)
        return self._affine(ops.reshape(values, shape), x, [axis])
