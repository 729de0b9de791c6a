"""``Single``: what layers of one input have in common, which is what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.errors import ArgumentError, DTypeError, ShapeError
from denselite.layers.layer import Layer
from denselite.tensor.symbols import Tensor

__all__ = ["Single", "check_numbers", "told_shape"]


class Single(Layer):
    """A layer of one input; nested lists of numbers are taken as an array.

    Raises:
        ArgumentError: the input is no array.
        ShapeError: the input has no batch axis.
        DTypeError: the input does not hold numbers.
    """

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Apply the layer to an array, a tensor or a Keras tensor."""
        if not hasattr(inputs, "shape"):
            inputs = self._as_array(inputs)
        if not len(inputs.shape):
            raise ShapeError(f"{self._who} expects an input with a batch axis, got a single number. Write [[number]].")
        check_numbers(self._who, inputs)
        return super().__call__(inputs, *args, **kwargs)

    @property
    def _who(self) -> str:
        return f"{type(self).__name__} {self.name!r}"

    def _as_array(self, inputs: Any) -> Any:
        if hasattr(inputs, "__array__"):
            return np.asarray(inputs)
        if _is_numbers(inputs):
            try:
                return np.asarray(inputs, self.dtype)
            except ValueError:
                raise ShapeError(f"{self._who} expects rows of one length, got a list of lists that differ.") from None
        hint = f" Call it once for each of the {len(inputs)}." if isinstance(inputs, list | tuple) and inputs else ""
        raise ArgumentError(f"{self._who} expects one array, got {_told(inputs)}.{hint}")


def check_numbers(who: str, array: Any) -> None:
    """Raise unless an array, a tensor or a Keras tensor holds real numbers.

    Raises:
        DTypeError: it holds something else.
    """
    if np.dtype(array.dtype).kind not in "biuf":
        raise DTypeError(
            f"{who} expects numbers, got an array of dtype {array.dtype}. Convert it with astype('float32')."
        )


def told_shape(array: Any) -> tuple[int | None, ...]:
    """Return a shape as messages tell it: in a trace the batch is a probe of no meaning to anyone."""
    shape = tuple(array.shape)
    return (None, *shape[1:]) if isinstance(array, Tensor) else shape


def _is_numbers(value: Any) -> bool:
    """Whether a value is a number, or a nested list of nothing else."""
    return all(map(_is_numbers, value)) if isinstance(value, list | tuple) else isinstance(value, int | float)


def _told(value: Any) -> str:
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return "None" if value is None else repr(value)[:80]
