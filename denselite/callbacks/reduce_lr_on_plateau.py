"""Lower the learning rate when a log has stopped improving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from denselite.callbacks.callback import Callback, Logs
from denselite.callbacks.lines import print_line
from denselite.callbacks.monitor import Mode, Monitor
from denselite.declared import Declared, Interval, NonNegative, NonNegativeInt

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(Declared, Callback):
    """Multiplies the learning rate by ``factor`` after ``patience`` epochs in which ``monitor`` did not improve.

    Each epoch logs its ``learning_rate``, as it was before it is lowered. An epoch without the value
    (one without validation) is not counted. A NaN is no improvement.

    Args:
        monitor: the log to watch. One that is never logged is an error (in Keras a warning).
        factor: what the learning rate is multiplied by, less than 1.
        patience: epochs without improvement after which to lower it; 0 and 1 both lower it at the first.
        verbose: 1 prints a line when it is lowered.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to go by the name.
        min_delta: a change not larger than this is no improvement.
        cooldown: epochs after it was lowered in which nothing is counted.
        min_lr: it is never lowered beyond this.

    Attributes:
        best: best value so far.
        wait: epochs since the last improvement.
        cooldown_counter: epochs that are left of a cooldown.

    Raises:
        ScheduledRateError: the optimizer has a schedule of its own, when it should be lowered.

    Example:
        >>> ReduceLROnPlateau("loss", factor=0.5, patience=3)
        ReduceLROnPlateau(monitor='loss', factor=0.5, patience=3)
    """

    monitor: str = "val_loss"
    factor: Annotated[float, Interval(ge=0, lt=1)] = 0.1
    patience: NonNegativeInt = 10
    verbose: int | bool = 0
    mode: Mode = "auto"
    min_delta: float = 1e-4
    cooldown: NonNegativeInt = 0
    min_lr: NonNegative = 0.0

    _logged = ("learning_rate",)

    def __post_init__(self) -> None:
        self._monitor = Monitor(type(self).__name__, self.monitor, self.mode, self.min_delta)
        self._reset()

    def _reset(self) -> None:
        self.best: float | None = None
        self.wait = 0
        self.cooldown_counter = 0

    def in_cooldown(self) -> bool:
        """Say whether epochs are not counted yet."""
        return self.cooldown_counter > 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = {} if logs is None else logs
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)
        value = self._monitor.value(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._monitor.improves(value, self.best, self.model):
            self.best = value
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._lower(epoch)

    def _lower(self, epoch: int) -> None:
        optimizer = self.model.optimizer
        rate = float(optimizer.learning_rate)
        if rate > np.float32(self.min_lr):  # a rate that was set to min_lr is its float32
            lowered = max(rate * self.factor, self.min_lr)
            optimizer.learning_rate = lowered
            self.cooldown_counter = self.cooldown
            self.wait = 0
            if self.verbose:
                print_line(f"Epoch {epoch + 1}: {type(self).__name__} reducing learning rate to {lowered}.")

    def get_state(self) -> dict[str, Any]:
        return {"best": self.best, "wait": self.wait, "cooldown_counter": self.cooldown_counter}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.best, self.wait, self.cooldown_counter = state["best"], state["wait"], state["cooldown_counter"]

    def _expect_logs(self, names: Sequence[str], certain: bool) -> None:
        self._monitor.expect(names, certain, self.model)
