"""Generators and other iterables of batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

import numpy as np

from denselite.data.batch import Batch
from denselite.data.reader import BatchReader
from denselite.data.source import Source, TargetCheck, warn_out_of_data
from denselite.errors import DataError

__all__ = ["IterableSource"]


class IterableSource(Source):
    """Batches in the order, and of the sizes, in which they come.

    The first batch is fetched at once, to learn what batches look like, and is the first to be
    trained on all the same. An iterable starts afresh with each pass; a generator or iterator has
    one pass only.

    Args:
        data: yields batches.
        floatx: what floats are cast to.
        steps: batches in an epoch, or ``None`` for as many as come.

    Raises:
        DataError: there is no batch.
    """

    def __init__(self, data: Iterable[Any], floatx: np.dtype[Any], steps: int | None) -> None:
        iterator = iter(data)
        try:
            first = next(iterator)
        except StopIteration:
            raise DataError(f"x is a {type(data).__name__} that yields no batch. At least one is needed.") from None
        self._reader = BatchReader(first, floatx)
        self._data = data
        self._is_iterator = iterator is data
        self._begun: Iterator[Any] | None = chain([first], iterator)
        self._length = _length(data)
        super().__init__(self._reader.structure, self._reader.specs, None, steps)

    @property
    def pass_length(self) -> int | None:
        """How many batches one pass has: told by ``len``, else counted in the first."""
        return self._length

    def go_on(self, order: np.ndarray | None, underway: tuple[int, int]) -> None:
        """Stand where another source of the same data stood; a generator goes on from where it is itself."""
        if not self._is_iterator:
            super().go_on(order, underway)

    def check_targets(self, checks: Sequence[TargetCheck | None]) -> None:
        """Hold the targets of each batch to ``checks``, one a leaf of y, when it comes."""
        self._reader.checks = checks

    def batches(self, order: np.ndarray | None = None, skip: int = 0) -> Iterator[Batch]:
        """Yield the batches of one epoch; ``order`` is not looked at.

        Raises:
            DataError: batches are to be skipped, and the data is a generator or iterator.
        """
        if skip and self._is_iterator:
            raise DataError(
                f"x is a {type(self._data).__name__}, which cannot be skipped forward to batch {skip}, where an epoch "
                "was interrupted. Give arrays, a PyDataset or an iterable that starts afresh, or back up after whole "
                "epochs: BackupAndRestore(save_freq='epoch')."
            )
        batch = None
        for batch in super().batches(None, skip):
            yield batch
        if batch is None and self.steps is None and not skip:
            warn_out_of_data("before this epoch began")

    def _pass(self, order: np.ndarray | None, skip: int) -> Iterator[Batch]:
        items, self._begun = self._begun or iter(self._data), None
        count = 0
        for count, item in enumerate(islice(items, skip, None), start=skip + 1):
            yield self._reader.read(item, count - 1)
        self._length = self._length or count or None


def _length(data: Any) -> int | None:
    try:
        return len(data) or None
    except (TypeError, NotImplementedError):
        return None
