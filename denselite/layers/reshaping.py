"""Layers that give each row another shape: ``Flatten`` and ``Reshape``."""

from __future__ import annotations

from math import prod
from typing import Annotated, Any

import numpy as np

from denselite import ops
from denselite.declared import Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.single import Single
from denselite.layers.spatial import DataFormat
from denselite.tensor.dtypes import is_integer

__all__ = ["Flatten", "Reshape"]


def _shape(value: Any) -> tuple[int, ...]:
    sizes = value if isinstance(value, list | tuple) else (value,)
    if not all(_is_size(size) for size in sizes) or list(sizes).count(-1) > 1:
        raise ArgumentError(f"a target shape holds positive sizes and at most one -1, got {value!r}.")
    return tuple(int(size) for size in sizes)


def _is_size(value: Any) -> bool:
    return is_integer(value) and (value == -1 or bool(value > 0))


class Flatten(Single):
    """Make all axes but the batch one axis.

    Args:
        data_format: ``"channels_last"`` or ``"channels_first"``, whose channels are moved last first; None for
            ``config.image_data_format()``.

    Shapes:
        ``(batch, ...)`` -> ``(batch, features)``; ``(batch,)`` -> ``(batch, 1)``.

    Raises:
        ArgumentError: ``data_format`` is another.

    Example:
        >>> Flatten()(np.ones((2, 3, 4), "float32")).shape
        (2, 12)
    """

    data_format: DataFormat = None

    def call(self, inputs: Any) -> Any:
        if self.data_format == "channels_first" and len(inputs.shape) > 2:
            inputs = np.moveaxis(inputs, 1, -1)
        return ops.reshape(inputs, (inputs.shape[0], prod(inputs.shape[1:])))


class Reshape(Single):
    """Give each row another shape.

    Args:
        target_shape: sizes without the batch; one may be -1 and takes what is left.

    Shapes:
        ``(batch, ...)`` -> ``(batch, *target_shape)``.

    Raises:
        ArgumentError: ``target_shape`` holds something else than positive sizes and one -1.
        ShapeError: the number of elements of a row differs.

    Example:
        >>> Reshape((2, -1))(np.ones((1, 6), "float32")).shape
        (1, 2, 3)
    """

    _built_at_init = True

    target_shape: Annotated[tuple[int, ...], Resolves(_shape)]

    def call(self, inputs: Any) -> Any:
        row, known = prod(inputs.shape[1:]), prod(size for size in self.target_shape if size != -1)
        if row % known if -1 in self.target_shape else row != known:
            raise ShapeError(
                f"Reshape {self.name!r} cannot give rows of shape {tuple(inputs.shape[1:])} ({row} elements) "
                f"the shape {self.target_shape}."
            )
        shape = tuple(row // known if size == -1 else size for size in self.target_shape)
        return ops.reshape(inputs, (inputs.shape[0], *shape))
