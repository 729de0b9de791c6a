"""Tokens, which are strings or numbers, as arrays: whatever they are given in."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.errors import DTypeError, ShapeError
from denselite.ops.op import Array

__all__ = ["as_tokens"]


def as_tokens(value: Any, who: str, encoding: str = "utf-8") -> Array:
    """Return an array of numbers or of strings.

    Args:
        value: an array, a list, a string or a number.
        who: who asks, for errors.
        encoding: how bytes are read.

    Raises:
        ShapeError: a list whose entries differ in length.
        DTypeError: it holds something else.

    Example:
        >>> as_tokens([["a", b"b"]], "test").tolist()
        [['a', 'b']]
    """
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and array.size:
            array = _texts(array, encoding)
        elif array.dtype.kind == "S":
            array = np.char.decode(array, encoding)
        elif array.dtype.kind == "T":  # NumPy's strings of any length
            array = array.astype(str)
    except UnicodeDecodeError as error:
        raise DTypeError(f"{who} expects bytes to be text in {encoding}: {error}.") from None
    except ValueError:
        raise ShapeError(f"{who} expects one array, got a list of lists that differ in length.") from None
    if array.dtype.kind not in "biufU" and array.size:
        raise DTypeError(f"{who} expects strings or numbers, got an array of dtype {array.dtype}.")
    return array


def _texts(array: Array, encoding: str) -> Array:
    plain = [entry.decode(encoding) if isinstance(entry, bytes) else entry for entry in array.ravel()]
    return np.array(plain).reshape(array.shape) if all(isinstance(entry, str) for entry in plain) else array
