"""One array of the data set and the ways its rows reach a buffer."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["CAST_ONCE_BYTES", "Column"]

CAST_ONCE_BYTES = 1 << 28  # an array in memory up to this size is cast whole before its first shuffled pass


class Column:
    """One array of the data, able to put any of its rows into a buffer without allocating.

    Args:
        array: the data; a memmap is never read whole.
        dtype: what its values become when they can be cast once and for all.
        batch_size: the most rows asked for at a time.
        mapped: whether the data lies in a mapped file.
    """

    __slots__ = ("_staging", "_take", "array", "batch_size", "contiguous", "dtype", "mapped")

    def __init__(self, array: np.ndarray, dtype: np.dtype[Any], batch_size: int, mapped: bool) -> None:
        self.array = np.asarray(array)  # a memmap's own indexing costs microseconds: the plain view has the same pages
        self.dtype, self.batch_size, self.mapped = dtype, batch_size, mapped
        self._staging: np.ndarray | None = None
        self._settle()

    def prepare(self) -> None:
        """Get ready for many gathers: cast and straighten, once, what is in memory and not huge."""
        ready = self.contiguous and self.array.dtype == self.dtype
        if not (ready or self.mapped or self.array.nbytes > CAST_ONCE_BYTES):
            self.array = np.ascontiguousarray(self.array, dtype=self.dtype)
            self._settle()

    def _settle(self) -> None:
        # np.take first copies a source that is strided or misaligned: all of it, every time
        self.contiguous = self.array.flags.c_contiguous and self.array.flags.aligned
        self._take = self.array.take

    def gather(self, rows: np.ndarray, out: np.ndarray) -> None:
        """Put the rows numbered ``rows`` (intp, proven in range) into ``out``."""
        if not self.contiguous:
            np.copyto(out, self.array[rows], casting="unsafe")
        elif out.dtype == self.array.dtype:
            self._take(rows, 0, out, "clip")
        else:
            if self._staging is None:
                self._staging = np.empty((self.batch_size, *self.array.shape[1:]), self.array.dtype)
            staging = self._staging[: len(rows)]
            self._take(rows, 0, staging, "clip")
            np.copyto(out, staging, casting="unsafe")
