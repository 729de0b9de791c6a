"""Transposed convolutions, which make sequences and images larger: ``Conv1DTranspose`` and ``Conv2DTranspose``."""

from __future__ import annotations

from typing import Any

from denselite import activations, constraints, initializers, ops, regularizers
from denselite.declared import PositiveInt
from denselite.errors import ArgumentError
from denselite.layers.convolving import Convolving
from denselite.layers.spatial import DataFormat
from denselite.tensor.dtypes import is_integer

__all__ = ["Conv1DTranspose", "Conv2DTranspose", "Convolution1DTranspose", "Convolution2DTranspose"]


class _ConvTranspose(Convolving):
    """What is said of transposed convolutions over any number of axes.

    Args:
        filters: number of features, at least 1.
        kernel_size: size of the window, one integer or one for each axis.
        strides: how far windows lie apart in the output, one integer or one for each axis.
        padding: ``"valid"`` keeps all that a window reaches, ``"same"`` gives ``size * stride``.
        output_padding: how much is added behind, one integer or one for each axis, less than the stride; None for
            what ``padding`` says.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.
        dilation_rate: how far the entries of a window lie apart, one integer or one for each axis.
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
    output_padding: Any = None
    data_format: DataFormat = None
    dilation_rate: Any = 1
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
        if self.output_padding is None:
            return
        given = self.output_padding
        added = tuple(given) if isinstance(given, list | tuple) else (given,) * self._axes
        if len(added) != self._axes or not all(
            is_integer(more) and 0 <= more < step for more, step in zip(added, self.strides, strict=True)
        ):
            raise ArgumentError(
                f"{type(self).__name__}() takes an output_padding of integers less than the strides {self.strides}, "
                f"got {given!r}."
            )
        self.output_padding = added

    def _add_kernels(self, channels: int) -> int:
        self.kernel = self._add("kernel", (*self.kernel_size, self.filters, channels))
        return self.filters

    def _convolve(self, images: Any) -> Any:
        return ops.conv_transpose(
            images, self.kernel, self.strides, self.padding, self.output_padding, "channels_last", self.dilation_rate
        )


class Conv1DTranspose(_ConvTranspose):
    """A transposed convolution of sequences: each entry is spread over a window of a longer sequence.

    Shapes:
        ``(batch, length, channels)`` (or with the channels first) -> ``(batch, longer, filters)``;
        kernel ``(kernel_size, filters, channels)``, bias ``(filters,)``.

    Raises:
        ArgumentError: an argument is out of range, or two do not go together.
        ShapeError: the input has another number of axes or channels.

    Source: Zeiler et al., 2010, "Deconvolutional Networks".

    Example:
        >>> import numpy as np
        >>> layer = Conv1DTranspose(1, 2, strides=2, kernel_initializer="ones")
        >>> layer(np.array([[[1.0], [2.0]]], "float32")).ravel().tolist()
        [1.0, 1.0, 2.0, 2.0]
    """

    _axes = 1


class Conv2DTranspose(_ConvTranspose):
    """A transposed convolution of images: each entry is spread over a window of a larger image.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> ``(batch, rows, columns, filters)``;
        kernel ``(*kernel_size, filters, channels)``, bias ``(filters,)``.

    Raises:
        ArgumentError: an argument is out of range, or two do not go together.
        ShapeError: the input has another number of axes or channels.

    Source: Zeiler et al., 2010, "Deconvolutional Networks".

    Example:
        >>> import numpy as np
        >>> Conv2DTranspose(4, 3, strides=2, padding="same")(np.ones((2, 5, 5, 1), "float32")).shape
        (2, 10, 10, 4)
    """

    _axes = 2

    strides = (1, 1)
    dilation_rate = (1, 1)


Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
