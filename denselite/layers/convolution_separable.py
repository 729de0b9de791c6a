"""Separable convolutions, of each channel and then across them: ``SeparableConv1D`` and ``SeparableConv2D``."""

from __future__ import annotations

from typing import Any

from denselite import activations, constraints, initializers, ops, regularizers
from denselite.declared import PositiveInt
from denselite.layers.convolving import Convolving
from denselite.layers.key_order import placed_behind
from denselite.layers.spatial import DataFormat

__all__ = ["SeparableConv1D", "SeparableConv2D", "SeparableConvolution1D", "SeparableConvolution2D"]


class _SeparableConv(Convolving):
    """What is said of separable convolutions over any number of axes.

    Args:
        filters: number of features, at least 1.
        kernel_size: size of the window, one integer or one for each axis.
        strides: how far windows lie apart, one integer or one for each axis.
        padding: ``"valid"`` for none, ``"same"`` for zeros so that ``ceil(size / stride)`` windows fit.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.
        dilation_rate: how far the entries of a window lie apart, one integer or one for each axis.
        depth_multiplier: how many sums of each channel are mixed, at least 1.
        activation: a name, a callable, or None for none.
        use_bias: whether to add a bias.
        depthwise_initializer: how the kernel of the channels starts.
        pointwise_initializer: how the kernel that mixes them starts.
        bias_initializer: how the bias starts.
        depthwise_regularizer: penalty on the kernel of the channels, added to the loss.
        pointwise_regularizer: penalty on the kernel that mixes them, added to the loss.
        bias_regularizer: penalty on the bias, added to the loss.
        activity_regularizer: penalty on the output, added to the loss.
        depthwise_constraint: what the kernel of the channels is set to after every update.
        pointwise_constraint: what the kernel that mixes them is set to after every update.
        bias_constraint: what the bias is set to after every update.
    """

    filters: PositiveInt
    kernel_size: Any
    strides: Any = 1
    padding: str = "valid"
    data_format: DataFormat = None
    dilation_rate: Any = 1
    depth_multiplier: PositiveInt = 1
    activation: activations.Activation = None
    use_bias: bool = True
    depthwise_initializer: initializers.Initialized = "glorot_uniform"
    pointwise_initializer: initializers.Initialized = "glorot_uniform"
    bias_initializer: initializers.Initialized = "zeros"
    depthwise_regularizer: regularizers.Regularized = None
    pointwise_regularizer: regularizers.Regularized = None
    bias_regularizer: regularizers.Regularized = None
    activity_regularizer: regularizers.Regularized = None
    depthwise_constraint: constraints.Constrained = None
    pointwise_constraint: constraints.Constrained = None
    bias_constraint: constraints.Constrained = None

    def _add_kernels(self, channels: int) -> int:
        ones = (1,) * self._axes
        self.depthwise_kernel = self._add(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier), "depthwise"
        )
        self.pointwise_kernel = self._add(
            "pointwise_kernel", (*ones, channels * self.depth_multiplier, self.filters), "pointwise"
        )
        return self.filters

    def _convolve(self, images: Any) -> Any:
        return ops.separable_conv(
            images, self.depthwise_kernel, self.pointwise_kernel, self.strides, self.padding, "channels_last",
            self.dilation_rate,
        )  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        return placed_behind(super().get_config(), "depth_multiplier", "dtype")


class SeparableConv1D(_SeparableConv):
    """A convolution of each channel of sequences by itself, and then a mixture of the channels of each entry.

    Shapes:
        ``(batch, length, channels)`` (or with the channels first) -> ``(batch, windows, filters)``; depthwise kernel
        ``(kernel_size, channels, depth_multiplier)``, pointwise kernel ``(1, channels * depth_multiplier, filters)``,
        bias ``(filters,)``.

    Raises:
        ArgumentError: an argument is out of range.
        ShapeError: the input has another number of axes or channels, or no window fits.

    Source: Chollet, 2016, "Xception: Deep Learning with Depthwise Separable Convolutions".

    Example:
        >>> import numpy as np
        >>> layer = SeparableConv1D(1, 2, depthwise_initializer="ones", pointwise_initializer="ones")
        >>> layer(np.array([[[1.0, 10.0], [2.0, 20.0]]], "float32")).tolist()
        [[[33.0]]]
    """

    _axes = 1


class SeparableConv2D(_SeparableConv):
    """A convolution of each channel of images by itself, and then a mixture of the channels of each entry.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> ``(batch, rows, columns, filters)``;
        depthwise kernel ``(*kernel_size, channels, depth_multiplier)``, pointwise kernel
        ``(1, 1, channels * depth_multiplier, filters)``, bias ``(filters,)``.

    Raises:
        ArgumentError: an argument is out of range.
        ShapeError: the input has another number of axes or channels, or no window fits.

    Source: Chollet, 2016, "Xception: Deep Learning with Depthwise Separable Convolutions".

    Example:
        >>> import numpy as np
        >>> SeparableConv2D(4, 3)(np.ones((2, 5, 5, 3), "float32")).shape
        (2, 3, 3, 4)
    """

    _axes = 2

    strides = (1, 1)
    dilation_rate = (1, 1)


SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D
