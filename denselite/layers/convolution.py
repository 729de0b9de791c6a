"""Convolutions: ``Conv1D`` of sequences and ``Conv2D`` of images."""

from __future__ import annotations

from typing import Any

from denselite import activations, constraints, initializers, ops, regularizers
from denselite.declared import PositiveInt
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.convolving import Convolving
from denselite.layers.spatial import DataFormat

__all__ = ["Conv1D", "Conv2D", "Convolution1D", "Convolution2D"]


class _Conv(Convolving):
    """What is said of convolutions over any number of axes.

    Args:
        filters: number of features, at least 1.
        kernel_size: size of the window, one integer or one for each axis.
        strides: how far windows lie apart, one integer or one for each axis.
        padding: ``"valid"`` for none, ``"same"`` for zeros so that ``ceil(size / stride)`` windows fit, and for
            sequences ``"causal"`` for zeros before, so that no output depends on what comes after it.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.
        dilation_rate: how far the entries of a window lie apart, one integer or one for each axis.
        groups: how many groups channels and features come in, each convolved by itself.
        activation: a name, a callable, or None for none.
        use_bias: whether to add a bias.
        kernel_initializer: how the kernel starts.
        bias_initializer: how the bias starts.
        kernel_regularizer: penalty on the kernel, added to the loss.
        bias_regularizer: penalty on the bias, added to the loss.
        activity_regularizer: penalty on the output, added to the loss.
        kernel_constraint: what the kernel is set to after every update.
        bias_constraint: what the bias is set to after every update.
    """

    filters: PositiveInt
    kernel_size: Any
    strides: Any = 1
    padding: str = "valid"
    data_format: DataFormat = None
    dilation_rate: Any = 1
    groups: PositiveInt = 1
    activation: activations.Activation = None
    use_bias: bool = True
    kernel_initializer: initializers.Initialized = "glorot_uniform"
    bias_initializer: initializers.Initialized = "zeros"
    kernel_regularizer: regularizers.Regularized = None
    bias_regularizer: regularizers.Regularized = None
    activity_regularizer: regularizers.Regularized = None
    kernel_constraint: constraints.Constrained = None
    bias_constraint: constraints.Constrained = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._refuse_strides_of_dilated()
        if self.filters % self.groups:
            raise ArgumentError(
                f"{type(self).__name__}() takes filters that are a multiple of groups, got filters={self.filters} "
                f"and groups={self.groups}."
            )

    def _add_kernels(self, channels: int) -> int:
        if channels % self.groups:
            raise ShapeError(
                f"{self._who} expects channels that are a multiple of groups={self.groups}, got {channels} channels."
            )
        self.kernel = self._add("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        return self.filters

    def _convolve(self, images: Any) -> Any:
        spans = zip(self.kernel_size, self.dilation_rate, strict=True)
        padding = [((k - 1) * apart, 0) for k, apart in spans] if self.padding == "causal" else self.padding
        return ops.conv(images, self.kernel, self.strides, padding, "channels_last", self.dilation_rate)


class Conv1D(_Conv):
    """A convolution of sequences: each output is a weighted sum of the entries in a window.

    Shapes:
        ``(batch, length, channels)`` (or with the channels first) -> ``(batch, windows, filters)``;
        kernel ``(kernel_size, channels / groups, filters)``, bias ``(filters,)``.

    Raises:
        ArgumentError: an argument is out of range, or two do not go together.
        ShapeError: the input has another number of axes or channels, or no window fits.

    Example:
        >>> import numpy as np
        >>> layer = Conv1D(1, 2, padding="causal", kernel_initializer="ones")
        >>> layer(np.array([[[1.0], [2.0], [3.0]]], "float32")).ravel().tolist()
        [1.0, 3.0, 5.0]
    """

    _axes = 1
    _paddings = ("valid", "same", "causal")


class Conv2D(_Conv):
    """A convolution of images: each output is a weighted sum of the entries in a window.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> ``(batch, rows, columns, filters)``;
        kernel ``(*kernel_size, channels / groups, filters)``, bias ``(filters,)``.

    Raises:
        ArgumentError: an argument is out of range, or two do not go together.
        ShapeError: the input has another number of axes or channels, or no window fits.

    Source: LeCun et al., 1989, "Backpropagation Applied to Handwritten Zip Code Recognition".

    Example:
        >>> import numpy as np
        >>> layer = Conv2D(4, 3, padding="same")
        >>> layer(np.ones((2, 5, 5, 1), "float32")).shape
        (2, 5, 5, 4)
    """

    _axes = 2

    strides = (1, 1)
    dilation_rate = (1, 1)


Convolution1D = Conv1D
Convolution2D = Conv2D
