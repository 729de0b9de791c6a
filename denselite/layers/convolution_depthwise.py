"""Depthwise convolutions, of each channel by itself: ``DepthwiseConv1D`` and ``DepthwiseConv2D``."""

from __future__ import annotations

from typing import Any

from denselite import activations, constraints, initializers, ops, regularizers
from denselite.declared import PositiveInt
from denselite.layers.convolving import Convolving
from denselite.layers.key_order import placed_behind
from denselite.layers.spatial import DataFormat

__all__ = ["DepthwiseConv1D", "DepthwiseConv2D"]


class _DepthwiseConv(Convolving):
    """What is said of depthwise convolutions over any number of axes.

    Args:
        kernel_size: size of the window, one integer or one for each axis.
        strides: how far windows lie apart, one integer or one for each axis.
        padding: ``"valid"`` for none, ``"same"`` for zeros so that ``ceil(size / stride)`` windows fit.
        depth_multiplier: how many features each channel gets, at least 1.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.
        dilation_rate: how far the entries of a window lie apart, one integer or one for each axis.
        activation: a name, a callable, or None for none.
        use_bias: whether to add a bias.
        depthwise_initializer: how the kernel starts.
        bias_initializer: how the bias starts.
        depthwise_regularizer: penalty on the kernel, added to the loss.
        bias_regularizer: penalty on the bias, added to the loss.
        activity_regularizer: penalty on the output, added to the loss.
        depthwise_constraint: what the kernel is set to after every update.
        bias_constraint: what the bias is set to after every update.
    """

    kernel_size: Any
    strides: Any = 1
    padding: str = "valid"
    depth_multiplier: PositiveInt = 1
    data_format: DataFormat = None
    dilation_rate: Any = 1
    activation: activations.Activation = None
    use_bias: bool = True
    depthwise_initializer: initializers.Initialized = "glorot_uniform"
    bias_initializer: initializers.Initialized = "zeros"
    depthwise_regularizer: regularizers.Regularized = None
    bias_regularizer: regularizers.Regularized = None
    activity_regularizer: regularizers.Regularized = None
    depthwise_constraint: constraints.Constrained = None
    bias_constraint: constraints.Constrained = None

    def _add_kernels(self, channels: int) -> int:
        self.kernel = self._add("kernel", (*self.kernel_size, channels, self.depth_multiplier), "depthwise")
        return channels * self.depth_multiplier

    def _convolve(self, images: Any) -> Any:
        return ops.depthwise_conv(images, self.kernel, self.strides, self.padding, "channels_last", self.dilation_rate)

    def get_config(self) -> dict[str, Any]:
        return placed_behind(super().get_config(), "depth_multiplier", "dtype")


class DepthwiseConv1D(_DepthwiseConv):
    """A convolution of each channel of sequences by itself.

    Shapes:
        ``(batch, length, channels)`` (or with the channels first) -> ``(batch, windows, channels * depth_multiplier)``;
        kernel ``(kernel_size, channels, depth_multiplier)``, bias ``(channels * depth_multiplier,)``.

    Raises:
        ArgumentError: an argument is out of range.
        ShapeError: the input has another number of axes or channels, or no window fits.

    Example:
        >>> import numpy as np
        >>> layer = DepthwiseConv1D(2, depthwise_initializer="ones")
        >>> layer(np.array([[[1.0, 10.0], [2.0, 20.0]]], "float32")).tolist()
        [[[3.0, 30.0]]]
    """

    _axes = 1


class DepthwiseConv2D(_DepthwiseConv):
    """A convolution of each channel of images by itself.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> ``(batch, rows, columns, channels *
        depth_multiplier)``; kernel ``(*kernel_size, channels, depth_multiplier)``, bias
        ``(channels * depth_multiplier,)``.

    Raises:
        ArgumentError: an argument is out of range.
        ShapeError: the input has another number of axes or channels, or no window fits.

    Source: Howard et al., 2017, "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications".

    Example:
        >>> import numpy as np
        >>> DepthwiseConv2D(3, depth_multiplier=2)(np.ones((2, 5, 5, 4), "float32")).shape
        (2, 3, 3, 8)
    """

    _axes = 2

    strides = (1, 1)
    dilation_rate = (1, 1)
