"""Stop training when a log has stopped improving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from denselite.callbacks.callback import Callback, Logs
from denselite.callbacks.lines import print_line
from denselite.callbacks.monitor import Mode, Monitor
from denselite.declared import Declared, NonNegativeInt

__all__ = ["EarlyStopping"]


class EarlyStopping(Declared, Callback):
    """Stops training after ``patience`` epochs in which ``monitor`` did not improve.

    An epoch without the value (one without validation) is not counted. Training never stops at
    epoch 0. A NaN is no improvement.

    Args:
        monitor: the log to watch. One that is never logged is an error (in Keras a warning).
        min_delta: a change not larger than this is no improvement.
        patience: epochs without improvement after which to stop; 0 and 1 both stop at the first.
        verbose: 1 prints what was done at the end of training.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to go by the name.
        baseline: an improvement resets the patience only if it beats this value too.
        restore_best_weights: end with the weights of the best epoch, stopped early or not.
        start_from_epoch: epochs before this one, counted from 0, are not watched.

    Attributes:
        best: best value so far.
        best_epoch: its epoch, counted from 0.
        best_weights: its weights, with ``restore_best_weights``.
        stopped_epoch: the epoch that stopped training, else 0.
        wait: epochs since the last improvement.

    Example:
        >>> EarlyStopping("val_accuracy", patience=3)
        EarlyStopping(monitor='val_accuracy', patience=3)
    """

    monitor: str = "val_loss"
    min_delta: float = 0
    patience: NonNegativeInt = 0
    verbose: int | bool = 0
    mode: Mode = "auto"
    baseline: float | None = None
    restore_best_weights: bool = False
    start_from_epoch: NonNegativeInt = 0

    def __post_init__(self) -> None:
        self._monitor = Monitor(type(self).__name__, self.monitor, self.mode, self.min_delta)
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best: float | None = None
        self.best_epoch = 0
        self.best_weights: list[np.ndarray[Any, Any]] | None = None

    def get_monitor_value(self, logs: Logs) -> float | None:
        """Return the value to watch; override it to watch something computed from ``logs``."""
        return self._monitor.value(logs)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        value = self.get_monitor_value(logs or {})
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)
        self.wait += 1
        if self._improves(value, self.best):
            self.best = value
            self._keep(epoch)
            if self.baseline is None or self._improves(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.verbose and self.stopped_epoch > 0:
            print_line(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                print_line(f"Restoring the weights of the best epoch: {self.best_epoch + 1}")
            self.model.set_weights(self.best_weights)

    def get_state(self) -> dict[str, Any]:
        return {
            "wait": self.wait,
            "stopped_epoch": self.stopped_epoch,
            "best": self.best,
            "best_epoch": self.best_epoch,
            "best_weights": self.best_weights,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        for name in ("wait", "stopped_epoch", "best", "best_epoch"):
            setattr(self, name, state[name])
        saved = state["best_weights"]
        self.best_weights = None if saved is None else [np.array(weight) for weight in saved]

    def _improves(self, value: float, reference: float | None) -> bool:
        return self._monitor.improves(value, reference, self.model)

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def _expect_logs(self, names: Sequence[str], certain: bool) -> None:
        self._monitor.expect(names, certain, self.model)
