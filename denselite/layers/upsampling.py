"""Layers that make sequences longer and images larger: ``UpSampling1D`` and ``UpSampling2D``."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import numpy as np

from denselite import ops
from denselite.declared import PositiveInt, Resolves
from denselite.errors import ArgumentError
from denselite.layers.resizing import KERNELS, enlarging
from denselite.layers.spatial import DataFormat, Spatial, pair_of

__all__ = ["UpSampling1D", "UpSampling2D"]


def _interpolation(value: Any) -> str:
    names = ("nearest", *KERNELS)
    if not isinstance(value, str) or value.lower() not in names:
        raise ArgumentError(f"it should be one of {', '.join(map(repr, names))}, got {value!r}.")
    return value.lower()


class UpSampling1D(Spatial):
    """Repeat each entry of sequences.

    Args:
        size: how often, at least 1.

    Shapes:
        ``(batch, length, channels)`` -> ``(batch, length * size, channels)``.

    Raises:
        ArgumentError: ``size`` is no integer above 0.
        ShapeError: the input has another number of axes.

    Example:
        >>> UpSampling1D(2)(np.array([[[1.0], [2.0]]], "float32")).tolist()
        [[[1.0], [1.0], [2.0], [2.0]]]
    """

    _axes = 1

    size: PositiveInt = 2

    def call(self, inputs: Any) -> Any:
        return ops.repeat(inputs, self.size, axis=1)


class UpSampling2D(Spatial):
    """Make images larger, by an integer factor for each of height and width.

    Args:
        size: ``(height, width)`` factors; one integer counts for both.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.
        interpolation: ``"nearest"``, which repeats, ``"bilinear"``, ``"bicubic"``, ``"lanczos3"`` or ``"lanczos5"``.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> one of ``size`` times the height and width.

    Raises:
        ArgumentError: ``size`` is not one or two integers above 0, another argument is not known.
        ShapeError: the input has another number of axes.

    Example:
        >>> image = np.array([[0.0, 1.0]], "float32").reshape(1, 1, 2, 1)
        >>> UpSampling2D((1, 2))(image)[0, :, :, 0].tolist()
        [[0.0, 0.0, 1.0, 1.0]]
        >>> UpSampling2D((1, 2), interpolation="bilinear")(image)[0, :, :, 0].tolist()
        [[0.0, 0.25, 0.75, 1.0]]
    """

    _axes = 2

    size: Annotated[Any, Resolves(partial(pair_of, least=1))] = (2, 2)
    data_format: DataFormat = None
    interpolation: Annotated[Any, Resolves(_interpolation)] = "nearest"

    def call(self, inputs: Any) -> Any:
        for axis, factor in zip(self._places, self.size, strict=True):
            if self.interpolation == "nearest":
                inputs = ops.repeat(inputs, factor, axis)
            else:
                weights = enlarging(inputs.shape[axis], factor, KERNELS[self.interpolation], self.dtype)
                inputs = np.moveaxis(ops.tensordot(weights, inputs, (1, axis)), 0, axis)
        return inputs
