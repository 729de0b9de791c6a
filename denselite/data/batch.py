"""One batch: its size, and how its rows get into the buffers that a step reads.

The buffers belong to whoever trains: one a leaf, in the order of ``Source.specs``, each
C-contiguous with shape ``(batch.size, *shape)``. Their dtype may differ from the source's; values
are cast on the way in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from denselite.data.column import Column

__all__ = ["Batch", "GatheredBatch", "ReadyBatch", "SlicedBatch"]


class Batch(Protocol):
    """What a source yields; it stays valid until the next one is asked for."""

    @property
    def size(self) -> int:
        """How many samples it holds."""

    def write(self, buffers: Sequence[np.ndarray]) -> None:
        """Put the rows into ``buffers``, one a leaf."""

    def lying(self) -> list[np.ndarray]:
        """Return the rows of each leaf where they lie; none where they lie apart."""


class GatheredBatch:
    """Rows picked by number."""

    __slots__ = ("_columns", "_rows", "size")

    def __init__(self, columns: Sequence[Column], rows: np.ndarray) -> None:
        self._columns, self._rows, self.size = columns, rows, len(rows)

    def write(self, buffers: Sequence[np.ndarray]) -> None:
        """Put the rows into ``buffers``, one a leaf."""
        for column, out in zip(self._columns, buffers, strict=True):
            column.gather(self._rows, out)

    def lying(self) -> list[np.ndarray]:
        """Return nothing: they lie apart."""
        return []


class SlicedBatch:
    """Rows that follow one another."""

    __slots__ = ("_columns", "_start", "size")

    def __init__(self, columns: Sequence[Column], start: int, size: int) -> None:
        self._columns, self._start, self.size = columns, start, size

    def write(self, buffers: Sequence[np.ndarray]) -> None:
        """Put the rows into ``buffers``, one a leaf."""
        for rows, out in zip(self.lying(), buffers, strict=True):
            np.copyto(out, rows, casting="unsafe")

    def lying(self) -> list[np.ndarray]:
        """Return the rows of each leaf where they lie."""
        return [column.array[self._start : self._start + self.size] for column in self._columns]


class ReadyBatch:
    """Arrays that came as a batch."""

    __slots__ = ("arrays", "size")

    def __init__(self, arrays: Sequence[np.ndarray], size: int) -> None:
        self.arrays, self.size = arrays, size

    def write(self, buffers: Sequence[np.ndarray]) -> None:
        """Put the arrays into ``buffers``, one a leaf."""
        for array, out in zip(self.arrays, buffers, strict=True):
            np.copyto(out, array, casting="unsafe")

    def lying(self) -> list[np.ndarray]:
        """Return the arrays themselves."""
        return list(self.arrays)
