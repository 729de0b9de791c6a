"""``BatchNormalization``: each feature with mean 0 and deviation 1 over the batch."""

from __future__ import annotations

from typing import Any

from denselite import constraints, initializers, ops, regularizers
from denselite.declared import Fraction, NonNegative
from denselite.errors import ShapeError, UncoveredError
from denselite.layers.key_order import placed_behind
from denselite.layers.normalizer import Normalizer
from denselite.layers.single import told_shape
from denselite.ops.normalization import masked_moments, rescale, standardize

__all__ = ["BatchNormalization"]


class BatchNormalization(Normalizer):
    """Standardize each feature over the batch, then scale and shift it: ``gamma · x̂ + beta``.

    In training ``x̂ = (x - mean) / sqrt(variance + epsilon)`` with the mean and the (population) variance of
    the batch, and ``moving = momentum · moving + (1 - momentum) · batch's`` follows both. Otherwise, and
    always while ``trainable`` is False, ``x̂`` is computed with the moving ones.

    Args:
        axis: the axis of the features.
        momentum: how much of the moving statistics a step keeps, 0 to 1.
        epsilon: added to the variance, 0 or more.
        center: whether there is a ``beta``.
        scale: whether there is a ``gamma``.
        beta_initializer: how ``beta`` starts.
        gamma_initializer: how ``gamma`` starts.
        moving_mean_initializer: how the moving mean starts.
        moving_variance_initializer: how the moving variance starts.
        beta_regularizer: penalty on ``beta``, added to the loss.
        gamma_regularizer: penalty on ``gamma``, added to the loss.
        beta_constraint: what ``beta`` is set to after every update.
        gamma_constraint: what ``gamma`` is set to after every update.
        renorm: not here; False only.
        renorm_clipping: not used without ``renorm``.
        renorm_momentum: not used without ``renorm``.
        synchronized: not here; False only.

    Shapes:
        any -> the same. A ``mask`` given to the call has all axes but the last; entries where it is False do
        not count for mean and variance.

    Raises:
        ArgumentError: ``momentum`` is not between 0 and 1, or ``epsilon`` is negative.
        UncoveredError: ``renorm`` or ``synchronized`` is True.
        ShapeError: the input has no such axis, or another number of features than the weights.

    Source: Ioffe and Szegedy, 2015.

    Example:
        >>> import numpy as np
        >>> BatchNormalization(epsilon=0.0)(np.array([[1.0], [3.0]]), training=True).tolist()
        [[-1.0], [1.0]]
    """

    axis: int = -1
    momentum: Fraction = 0.99
    epsilon: NonNegative = 1e-3
    center: bool = True
    scale: bool = True
    beta_initializer: initializers.Initialized = "zeros"
    gamma_initializer: initializers.Initialized = "ones"
    moving_mean_initializer: initializers.Initialized = "zeros"
    moving_variance_initializer: initializers.Initialized = "ones"
    beta_regularizer: regularizers.Regularized = None
    gamma_regularizer: regularizers.Regularized = None
    beta_constraint: constraints.Constrained = None
    gamma_constraint: constraints.Constrained = None
    renorm: bool = False
    renorm_clipping: dict[str, Any] | None = None
    renorm_momentum: float = 0.99
    synchronized: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        for option in ("renorm", "synchronized"):
            if getattr(self, option):
                raise UncoveredError(f"{self._who}: {option}=True exists in Keras and not in denselite. Leave it out.")

    def build(self, input_shape: Any) -> None:
        shape = self._sizes(input_shape, [self.axis])
        self._add_affine(shape, self.scale, self.center)
        self.moving_mean = self.add_weight(shape, self.moving_mean_initializer, trainable=False, name="moving_mean")
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, trainable=False, name="moving_variance"
        )

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        (axis,) = self._places(told_shape(inputs), [self.axis])
        x = ops.cast(inputs, self.dtype)
        counts = None if mask is None else self._spread(mask, x)
        gamma, beta, mean, variance = (
            None if weight is None else self._laid_out(weight, x, [axis])
            for weight in (self.gamma, self.beta, self.moving_mean, self.moving_variance)
        )
        if training and self.trainable:
            axes = [other for other in range(len(x.shape)) if other != axis]
            if counts is None:
                values, mean, variance = standardize(x, axes, self.epsilon, gamma)
            else:
                mean, variance = masked_moments(x, counts, axes)
                values = rescale(x, mean, variance, self.epsilon, gamma)
            self._follow(self.moving_mean, mean)
            self._follow(self.moving_variance, variance)
        else:
            values = rescale(x, mean, variance, self.epsilon, gamma)
        return values if beta is None else values + beta

    def _follow(self, moving: Any, batch: Any) -> None:
        moving.assign(moving * self.momentum + ops.reshape(batch, moving.shape) * (1.0 - self.momentum))

    def _spread(self, mask: Any, x: Any) -> Any:
        if len(mask.shape) != len(x.shape) - 1:
            raise ShapeError(
                f"{self._who} expects a mask of all axes but the last of input shape {told_shape(x)}, "
                f"got mask shape {told_shape(mask)}."
            )
        return ops.expand_dims(ops.cast(mask, "bool"), -1)

    def get_config(self) -> dict[str, Any]:
        return placed_behind(super().get_config(), "synchronized", "gamma_constraint")
