"""Go on with a training that was interrupted, exactly where it was."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from denselite.callbacks.callback import Callback, Logs
from denselite.callbacks.frequency import Frequency
from denselite.declared import Declared
from denselite.errors import ArgumentError

if TYPE_CHECKING:
    from denselite.saving.backups import Backup

__all__ = ["BackupAndRestore"]


class BackupAndRestore(Declared, Callback):
    """Backs training up, so that the same program, started again after it was killed, goes on where it was.

    What comes out is what would have come out of one run, to the bit: weights, the optimizer's state, schedules,
    shuffles, dropout masks, the history and what other callbacks have counted. A backup is one file, replaced as a
    whole. It is made after all other callbacks were called, and removed when training ends.

    Args:
        backup_dir: the folder for backups, of this training alone; it is made if needed.
        save_freq: ``"epoch"``, or a number of batches, counted on across epochs. Within an epoch the data has to
            be such that batches can be skipped: a generator is refused when training goes on.
        double_checkpoint: keep the backup before the last one too, for a disk that loses files.
        delete_checkpoint: remove the backups when training has ended.

    Raises:
        ArgumentError: ``backup_dir`` is empty.

    Example:
        >>> BackupAndRestore("backup", save_freq=100)
        BackupAndRestore(backup_dir='backup', save_freq=100)
    """

    backup_dir: str | os.PathLike[str]
    save_freq: Frequency = "epoch"
    double_checkpoint: bool = False
    delete_checkpoint: bool = True

    _runs_last = True

    def __post_init__(self) -> None:
        self.backup_dir = os.fspath(self.backup_dir)
        if not self.backup_dir:
            raise ArgumentError(f"{type(self).__name__} expects backup_dir to be the path of a folder, got ''.")
        self._latest = os.path.join(self.backup_dir, "latest.npz")
        self._previous = os.path.join(self.backup_dir, "previous.npz")
        self._epoch = self._since_backup = 0
        self._last_batch = -1

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch
        self._last_batch = -1

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            return
        self._since_backup += batch - self._last_batch  # a step may hold several
        self._last_batch = batch
        if self._since_backup >= self.save_freq:
            self._since_backup = 0
            self._save(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch + 1, 0)

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.delete_checkpoint:
            for path in (self._latest, self._previous):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(path)
            with contextlib.suppress(OSError):  # there is something else in it
                os.rmdir(self.backup_dir)

    def _save(self, epoch: int, batch: int) -> None:
        from denselite.saving.backups import Position, save_backup

        os.makedirs(self.backup_dir, exist_ok=True)
        position = Position(epoch, batch, self._source.underway, bool(self.model.stop_training))
        states = [(type(peer).__name__, peer.get_state()) for peer in self._peers]
        save_backup(self.model, self._latest, position, states, self._previous if self.double_checkpoint else None)

    def find(self) -> Backup | None:
        """Return the backup to go on from, if there is one.

        Raises:
            FormatError: there is one, and it cannot be read.
        """
        from denselite.saving.backups import load_backup

        return load_backup(self._latest, self._previous)

    def restore_callbacks(self, backup: Backup) -> None:
        """Give every callback its state."""
        backup.restore_callbacks(self._peers)

    def get_state(self) -> dict[str, Any]:
        return {"since_backup": self._since_backup, "last_batch": self._last_batch}

    def set_state(self, state: Any) -> None:
        self._since_backup, self._last_batch = state["since_backup"], state["last_batch"]

    def _idle(self) -> tuple[Callable[..., Any], ...]:
        return (BackupAndRestore.on_train_batch_end,) if self.save_freq == "epoch" else ()

    def _meet(self, peers: Sequence[Callback], source: Any) -> None:
        self._peers, self._source = peers, source
