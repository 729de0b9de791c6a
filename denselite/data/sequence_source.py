"""Data sets that hand out batch ``i`` on request, as ``keras.utils.PyDataset`` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from denselite.data.array_source import permutation
from denselite.data.batch import Batch
from denselite.data.reader import BatchReader
from denselite.data.source import Source, TargetCheck
from denselite.errors import DataError

__all__ = ["SequenceSource"]


class BatchSequence(Protocol):
    """``len(it)`` batches, ``it[i]`` is one; ``on_epoch_begin()`` and ``on_epoch_end()`` are called if it has them."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any: ...


class SequenceSource(Source):
    """Batches by number; an order shuffles the batches, not what is in them.

    Batch 0 is fetched at once, to learn what batches look like, and used when its turn first comes.

    Args:
        data: has ``len`` batches.
        floatx: what floats are cast to.
        steps: batches in an epoch, or ``None`` for all of them.

    Raises:
        DataError: its length is 0.
    """

    def __init__(self, data: BatchSequence, floatx: np.dtype[Any], steps: int | None) -> None:
        if len(data) == 0:
            raise DataError(f"x is a {type(data).__name__} of length 0. At least one batch is needed.")
        self._first: tuple[Any, ...] = (data[0],)
        self._reader = BatchReader(self._first[0], floatx)
        self._data = data
        super().__init__(self._reader.structure, self._reader.specs, None, steps)

    @property
    def pass_length(self) -> int:
        """How many batches there are."""
        return len(self._data)

    @property
    def shuffle_size(self) -> int:
        """How many batches an order has to permute."""
        return len(self._data)

    def check_targets(self, checks: Sequence[TargetCheck | None]) -> None:
        """Hold the targets of each batch to ``checks``, one a leaf of y, when it comes."""
        self._reader.checks = checks

    def batches(self, order: np.ndarray | None = None, skip: int = 0) -> Iterator[Batch]:
        """Yield the batches of one epoch, between the data set's own epoch hooks."""
        self._call("on_epoch_begin")
        yield from super().batches(order, skip)
        self._call("on_epoch_end")

    def _call(self, hook: str) -> None:
        getattr(self._data, hook, lambda: None)()

    def _pass(self, order: np.ndarray | None, skip: int) -> Iterator[Batch]:
        count = len(self._data)
        for number in (range(count) if order is None else permutation(order, count).tolist())[skip:]:
            yield self._reader.read(self._fetch(number), number)

    def _fetch(self, number: int) -> Any:
        if number == 0 and self._first:
            (item,), self._first = self._first, ()
            return item
        return self._data[number]
