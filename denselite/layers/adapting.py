"""The data that a layer is adapted to, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from denselite.errors import DataError

__all__ = ["batches", "is_whole", "pieces"]

_ENTRIES = 1 << 20  # in a block


def is_whole(data: Any) -> bool:
    """Say whether data is one array, and not batches of it."""
    return hasattr(data, "__array__")


def pieces(array: Any) -> Iterator[Any]:
    """Yield an array in blocks of rows, so that one in a mapped file is never read as a whole."""
    array = array if isinstance(array, np.ndarray) else np.asarray(array)
    if not array.ndim or array.size <= _ENTRIES:
        yield np.asarray(array)
        return
    rows = max(1, _ENTRIES * len(array) // array.size)
    for start in range(0, len(array), rows):
        yield np.asarray(array[start : start + rows])


def batches(data: Any, who: str, steps: int | None = None) -> Iterator[Any]:
    """Yield the inputs of each batch; of batches ``(x, y)`` the first.

    Args:
        data: an iterable of batches, or a data set with a length and batches by index.
        who: whose ``adapt`` it is, for the error.
        steps: how many batches are taken at most.

    Raises:
        DataError: it is none of these.
    """
    for batch in islice(_iterable(data, who), steps):
        yield batch[0] if isinstance(batch, tuple) and batch and hasattr(batch[0], "shape") else batch


def _iterable(data: Any, who: str) -> Iterable[Any]:
    if hasattr(data, "__len__") and hasattr(data, "__getitem__") and not hasattr(data, "__iter__"):
        return (data[k] for k in range(len(data)))
    if not hasattr(data, "__iter__") or isinstance(data, str | bytes):
        raise DataError(f"{who}: adapt() takes an array or batches of arrays, got {data!r:.80}.")
    found: Iterable[Any] = data
    return found
