"""Initializers that draw nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

import numpy as np

from denselite.declared import Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.initializers.initializer import Initializer, initializers
from denselite.ops.op import Array
from denselite.tensor.dtypes import standardize_dtype

__all__ = ["Constant", "Identity", "Ones", "Zeros"]


@initializers.register("zero")
class Zeros(Initializer):
    """Zeros.

    Example:
        >>> Zeros()((2,)).tolist()
        [0.0, 0.0]
    """

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Array:
        return np.zeros(shape, standardize_dtype(dtype))


@initializers.register("one")
class Ones(Initializer):
    """Ones.

    Example:
        >>> Ones()((2,)).tolist()
        [1.0, 1.0]
    """

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Array:
        return np.ones(shape, standardize_dtype(dtype))


def _value(value: Any) -> Any:
    try:
        numbers = np.asarray(value).dtype.kind in "biuf"
    except ValueError:  # rows of different lengths
        numbers = False
    if not numbers:
        raise ArgumentError(f"it takes a number or an array of numbers, got {value!r}.")
    return value


@initializers.register()
class Constant(Initializer):
    """One value everywhere, or an array of values.

    Args:
        value: a number, or an array that broadcasts to the shape asked for.

    Raises:
        ArgumentError: ``value`` holds no numbers.
        ShapeError: (when called) the array does not broadcast to the shape.

    Example:
        >>> Constant(0.5)((2,)).tolist()
        [0.5, 0.5]
    """

    value: Annotated[Any, Resolves(_value)] = 0.0

    _broadcasts = True

    @classmethod
    def of_shape(cls, value: Any) -> Self:
        """Return an initializer for weights of the array's own shape and no other."""
        made = cls(value)
        made._broadcasts = False
        return made

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Array:
        made, given = np.empty(shape, standardize_dtype(dtype)), np.shape(self.value)
        if not self._broadcasts and made.shape != given:
            raise ShapeError(
                f"An array of shape {given} cannot be the first value of a weight of shape {made.shape}. "
                "Give one of that shape, or Constant(array) to repeat it."
            )
        try:
            made[...] = self.value
        except ValueError:
            raise ShapeError(
                f"Constant has a value of shape {given}, which does not fit a weight of shape {made.shape}."
            ) from None
        return made

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        value = config.get("value", 0.0)
        if isinstance(value, Mapping):  # how `serialize` writes an array
            value = np.array(value["config"]["value"], value["config"]["dtype"])
        return cls(value)


@initializers.register("IdentityInitializer")
class Identity(Initializer):
    """The identity matrix, for square or oblong matrices.

    Args:
        gain: number on the diagonal. It is part of the config, which in Keras 3.15 it is not.

    Raises:
        ShapeError: (when called) the shape is not that of a matrix.

    Example:
        >>> Identity(2.0)((2, 3)).tolist()
        [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    """

    gain: float = 1.0

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Array:
        if len(shape) != 2:
            raise ShapeError(f"Identity makes matrices, got shape {tuple(shape)}.")
        found = standardize_dtype(dtype)
        made: Array = np.eye(*shape, dtype=found) * found.type(self.gain)
        return made
