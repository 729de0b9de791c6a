"""Layers that give the entries of each row other places: ``Permute`` and ``RepeatVector``."""

from __future__ import annotations

from typing import Annotated, Any

from denselite import ops
from denselite.declared import PositiveInt, Resolves
from denselite.errors import ArgumentError
from denselite.layers.input_spec import InputSpec
from denselite.layers.single import Single

__all__ = ["Permute", "RepeatVector"]


def _dims(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or not all(value.count(axis) == 1 for axis in range(1, len(value) + 1)):
        raise ArgumentError(f"it holds each axis once, counted from 1, the first behind the batch, got {value!r}.")
    return tuple(value)


class Permute(Single):
    """Put the axes of each row in another order.

    Args:
        dims: for each axis of the output the axis of the input that goes there, counted from 1.

    Shapes:
        ``(batch, ...)`` -> the same sizes in another order.

    Raises:
        ArgumentError: ``dims`` does not hold each of 1, 2, ... once.
        ShapeError: the input has another number of axes.

    Example:
        >>> import numpy as np
        >>> Permute((2, 1))(np.array([[[1.0, 2.0, 3.0]]], "float32")).tolist()
        [[[1.0], [2.0], [3.0]]]
    """

    dims: Annotated[tuple[int, ...], Resolves(_dims)]

    def __post_init__(self) -> None:
        super().__post_init__()
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        return ops.transpose(inputs, (0, *self.dims))


class RepeatVector(Single):
    """Make each row a sequence of ``n`` equal ones.

    Args:
        n: how often, at least 1.

    Shapes:
        ``(batch, features)`` -> ``(batch, n, features)``.

    Raises:
        ArgumentError: ``n`` is no integer above 0.
        ShapeError: the input has another number of axes.

    Example:
        >>> import numpy as np
        >>> RepeatVector(2)(np.array([[1.0, 2.0]], "float32")).tolist()
        [[[1.0, 2.0], [1.0, 2.0]]]
    """

    n: PositiveInt

    def __post_init__(self) -> None:
        super().__post_init__()
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        return ops.repeat(ops.expand_dims(inputs, 1), self.n, axis=1)
