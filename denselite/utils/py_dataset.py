"""The base of data sets that hand out batch ``i`` on request."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

__all__ = ["PyDataset"]


class PyDataset:
    """A data set of ready-made batches: subclass it and write ``__len__`` and ``__getitem__``.

    ``fit`` takes one as ``x``. With ``shuffle`` it asks for the batches in another order each epoch.

    Args:
        workers: accepted for Keras' sake: batches are made one by one, when their turn comes.
        use_multiprocessing: accepted for Keras' sake, as ``workers``.
        max_queue_size: accepted for Keras' sake, as ``workers``.

    Example:
        >>> class Halves(PyDataset):
        ...     def __len__(self):
        ...         return 2
        ...     def __getitem__(self, index):
        ...         return [index], [index / 2]
        >>> list(Halves()), Halves().num_batches
        ([([0], [0.0]), ([1], [0.5])], 2)
    """

    # On the class too: a subclass need not call super().__init__().
    workers = 1
    use_multiprocessing = False
    max_queue_size = 10

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers, self.use_multiprocessing, self.max_queue_size = workers, use_multiprocessing, max_queue_size

    @property
    def num_batches(self) -> int | None:
        """How many batches there are, None for no end; a subclass may write this instead of ``__len__``."""
        if type(self).__len__ is PyDataset.__len__:
            raise NotImplementedError(
                f"{type(self).__name__} has no __len__(): write it, to say how many batches there are."
            )
        return len(self)

    def __len__(self) -> int:
        batches = self.num_batches
        if batches is None:
            raise TypeError(f"{type(self).__name__} has no end, and so no length.")
        return batches

    def __getitem__(self, index: int) -> Any:
        """Return batch ``index``: ``(x, y)`` or ``(x, y, sample_weight)``."""
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__(): write it, to return batch {index}.")

    def __iter__(self) -> Iterator[Any]:
        batches = self.num_batches
        for index in count() if batches is None else range(batches):
            yield self[index]

    def on_epoch_begin(self) -> None:
        """Called by ``fit`` before an epoch."""

    def on_epoch_end(self) -> None:
        """Called by ``fit`` after an epoch."""
