"""Arrays as a source of batches: shuffled rows are gathered straight into the step's buffers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from denselite.data.arrays import is_mapped
from denselite.data.batch import Batch, GatheredBatch, SlicedBatch
from denselite.data.column import Column
from denselite.data.layout import Layout
from denselite.data.source import Source, Spec, TargetCheck
from denselite.errors import ArgumentError

__all__ = ["ArraySource", "permutation"]


class ArraySource(Source):
    """Rows of arrays that all have the same length.

    Args:
        layout: the arrays, their names and what they become in a batch.
        batch_size: rows in a batch; the last one may have fewer.
        steps: batches in an epoch, or ``None`` for all of them.
    """

    lasting = True
    num_samples: int

    def __init__(self, layout: Layout, batch_size: int, steps: int | None) -> None:
        size = min(batch_size, layout.rows)
        leaves = list(zip(layout.arrays, layout.dtypes, strict=True))
        super().__init__(layout.structure, [Spec(array.shape[1:], dtype) for array, dtype in leaves], size, steps)
        self._layout = layout
        self.num_samples = self._rows = layout.rows
        self._size = size
        self._names = layout.names
        self._columns = [Column(array, dtype, size, is_mapped(array)) for array, dtype in leaves]

    def resized(self, batch_size: int) -> ArraySource:
        """Return the same rows in batches of another size, all of them."""
        return ArraySource(self._layout, batch_size, None)

    def within(self, leaf: int, count: int) -> bool:
        """Say whether all values of a leaf are from 0 to below ``count``."""
        array = self._layout.arrays[leaf]
        return bool(array.min() >= 0 and array.max() < count)

    @property
    def shuffle_size(self) -> int:
        """How many samples an order has to permute."""
        return self._rows

    @property
    def pass_length(self) -> int:
        """How many batches one pass over the data has."""
        return -(-self._rows // self._size)

    def check_targets(self, checks: Sequence[TargetCheck | None]) -> None:
        """Hold the targets to ``checks``, one a leaf of y: now, and all rows of them."""
        for leaf, check in enumerate(checks, start=self.structure.x.num_leaves):
            if check:
                check(self._columns[leaf].array, self._names[leaf])

    def _pass(self, order: np.ndarray | None, skip: int) -> Iterator[Batch]:
        first = skip * self._size
        return self._slices(first) if order is None else self._gathers(permutation(order, self._rows), first)

    def _slices(self, first: int) -> Iterator[Batch]:
        columns, size, end = self._columns, self._size, self._rows
        for start in range(first, end, size):
            yield SlicedBatch(columns, start, min(size, end - start))

    def _gathers(self, rows: np.ndarray, first: int) -> Iterator[Batch]:
        for column in self._columns:
            column.prepare()
        columns, size = self._columns, self._size
        for start in range(first, len(rows), size):
            yield GatheredBatch(columns, rows[start : start + size])


def permutation(order: np.ndarray, count: int) -> np.ndarray:
    """Return ``order`` as row numbers that can be gathered without another look.

    Raises:
        ArgumentError: it is not ``count`` integers from 0 to ``count - 1``.
    """
    order = np.asarray(order)
    if order.shape != (count,) or order.dtype.kind not in "iu" or order.min() < 0 or order.max() >= count:
        raise ArgumentError(
            f"An order is {count} integers from 0 to {count - 1}, got shape {order.shape} and dtype {order.dtype}."
        )
    return np.ascontiguousarray(order, dtype=np.intp)
