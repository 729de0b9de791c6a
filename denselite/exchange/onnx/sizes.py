"""Sizes that follow from the batch, while an ONNX file is read: what ``Shape`` returns and is computed from it.

They stand in small arrays of dtype object, where an entry is an integer or a ``Size``; NumPy's functions do the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

import numpy as np

from denselite.errors import UncoveredError
from denselite.ops.op import Array

__all__ = ["SIZED", "UNKNOWN", "Size", "are_sizes", "as_sizes"]


@dataclass(frozen=True, slots=True)
class Size:
    """The integer ``slope * batch + offset``; one of which nothing is known has NaN for both.

    Example:
        >>> (2 * Size(1, 0) + 3) * 2
        Size(slope=4, offset=6)
    """

    slope: float
    offset: float

    @property
    def is_known(self) -> bool:
        """Whether it can be computed from the batch."""
        return not isnan(self.slope)

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Size):
            return _plain(self.slope + other.slope, self.offset + other.offset)
        return Size(self.slope, self.offset + other)

    def __neg__(self) -> Size:
        return Size(-self.slope, -self.offset)

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Size):
            return UNKNOWN
        return _plain(self.slope * other, self.offset * other)

    def __floordiv__(self, other: Any) -> Any:
        if isinstance(other, Size) or not other or self.slope % other or self.offset % other:
            return UNKNOWN
        return _plain(self.slope // other, self.offset // other)

    __radd__, __rmul__ = __add__, __mul__


def _plain(slope: float, offset: float) -> Any:
    return Size(slope, offset) if slope else offset


UNKNOWN = Size(nan, nan)


def are_sizes(value: Any) -> bool:
    """Say whether a value is an array of sizes."""
    return isinstance(value, np.ndarray) and value.dtype == object


def as_sizes(entries: Any) -> Array:
    """Return an array of sizes; of int64 where all of them are integers.

    Example:
        >>> as_sizes([2, 3]).dtype.name, as_sizes([Size(1, 0), 3]).dtype.name
        ('int64', 'object')
    """
    array = np.asarray(entries, object)
    return array if any(isinstance(entry, Size) for entry in array.flat) else array.astype(np.int64)


def _cast(x: Array, dtype: Any) -> Array:
    if np.dtype(dtype) not in (np.int32, np.int64):
        raise UncoveredError("needs a size as a number of another type")
    return x


# What can be done with sizes, by the name of the function in denselite.ops.
SIZED: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "cast": _cast,
    "concatenate": np.concatenate,
    "equal": np.equal,
    "expand_dims": np.expand_dims,
    "floor_divide": np.floor_divide,
    "getitem": lambda x, key: x[key],
    "multiply": np.multiply,
    "prod": lambda x, axis, keepdims: np.multiply.reduce(x, axis, keepdims=keepdims),
    "reshape": np.reshape,
    "squeeze": np.squeeze,
    "subtract": np.subtract,
    "take": np.take,
    "where": np.where,
}
