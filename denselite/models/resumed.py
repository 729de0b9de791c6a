"""``Resumed``: a ``fit`` that goes on where one before it was interrupted."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from denselite.callbacks import CallbackList
from denselite.data import Source, shuffled
from denselite.program.threads import set_blas

if TYPE_CHECKING:
    from denselite.models.stepping import Stepping

__all__ = ["Resumed"]


class Resumed:
    """What ``fit`` asks about a backup, if ``BackupAndRestore`` has one.

    Args:
        model: the model.
        source: the data.
        reporter: the callbacks.
        shuffle: whether the data is shuffled.

    Raises:
        FormatError: there is a backup, and it cannot be read.
    """

    def __init__(self, model: Stepping, source: Source, reporter: CallbackList, shuffle: bool) -> None:
        self.model, self.source, self.shuffle = model, source, shuffle
        self.callback = reporter.backups
        self.backup = None if self.callback is None else self.callback.find()

    def threads(self) -> AbstractContextManager[None]:
        """Within, BLAS has the threads that it had; sums are rounded by how they are split."""
        return set_blas(None if self.backup is None else self.backup.threads)

    def restore(self) -> bool:
        """Put model, callbacks and data where they were; False if there is no backup.

        Steps are traced again, since seeds are part of them.
        """
        if self.backup is None:
            return False
        self._restore()
        model, position = self.model, self.backup.position
        model._t_steps = {}
        model.stop_training = position.stop
        if self.source.steps is not None:
            age, _ = position.underway
            began = model._t_epochs_done - age - (not position.batch)
            size = self.source.shuffle_size if self.shuffle else None
            order = None if size is None else shuffled(size, model._t_seed, began)
            self.source.go_on(order, position.underway)
        return True

    def epochs(self, first: int, last: int) -> range:
        """Return the epochs that are left of those from ``first`` to before ``last``."""
        if self.backup is None:
            return range(first, last)
        start = self.backup.position.epoch
        return range(start, start if self.model.stop_training else last)

    def within(self, epoch: int) -> int:
        """Return how many batches of an epoch are done.

        What callbacks did when it began, they do not do twice: the state that followed is restored.
        """
        if self.backup is None or (epoch, True) != (self.backup.position.epoch, self.backup.position.batch > 0):
            return 0
        self._restore()
        self.backup.restore_metrics(self.model)
        return self.backup.position.batch

    def _restore(self) -> None:
        assert self.backup is not None
        assert self.callback is not None
        self.backup.restore_model(self.model)
        self.callback.restore_callbacks(self.backup)
