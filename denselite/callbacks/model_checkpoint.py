"""Save the model while it trains."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from denselite.callbacks.callback import Callback, Logs
from denselite.callbacks.frequency import Frequency
from denselite.callbacks.lines import print_line
from denselite.callbacks.monitor import Mode, Monitor
from denselite.declared import Declared
from denselite.errors import ArgumentError, UnknownNameError, suggestion

__all__ = ["ModelCheckpoint"]

_WEIGHTS = (".weights.npz", ".weights.h5")


class ModelCheckpoint(Declared, Callback):
    """Saves the model, or its weights, after each epoch or every few batches.

    An existing file is overwritten and missing folders are made. The best value is kept from one
    training to the next.

    Args:
        filepath: where to save, ending in ``.npz``, ``.json`` or ``.keras``, or in ``.weights.npz``
            or ``.weights.h5`` with ``save_weights_only``. ``{epoch}`` and the names of logs are
            filled in, as in ``"{epoch:02d}-{val_loss:.2f}.npz"`` (the first epoch is 1), and
            ``{batch}`` with an integer ``save_freq``.
        monitor: the log that ``save_best_only`` watches. One that is never logged is an error, and
            in an epoch without it nothing is saved (Keras warns and saves).
        verbose: 1 prints a line at each save.
        save_best_only: save only when ``monitor`` improved. A NaN is no improvement.
        save_weights_only: save the weights alone.
        mode: ``"min"``, ``"max"``, or ``"auto"`` to go by the name.
        save_freq: ``"epoch"``, or a number of batches, counted on across epochs.
        initial_value_threshold: the value that the first save has to beat.

    Raises:
        ArgumentError: ``filepath`` has another ending, or ``save_best_only`` watches a validation
            log at batches, where there is none.

    Example:
        >>> ModelCheckpoint("best.npz", save_best_only=True)
        ModelCheckpoint(filepath='best.npz', save_best_only=True)
    """

    filepath: str | os.PathLike[str]
    monitor: str = "val_loss"
    verbose: int | bool = 0
    save_best_only: bool = False
    save_weights_only: bool = False
    mode: Mode = "auto"
    save_freq: Frequency = "epoch"
    initial_value_threshold: float | None = None

    def __post_init__(self) -> None:
        self.filepath = os.fspath(self.filepath)
        _check_ending(type(self).__name__, self.filepath, self.save_weights_only)
        if self.save_best_only and self.save_freq != "epoch" and self.monitor.startswith("val_"):
            raise ArgumentError(
                f"{type(self).__name__} has save_freq={self.save_freq} and monitor={self.monitor!r}, and batches have "
                "no validation logs. Use save_freq='epoch', or a training log such as monitor='loss'."
            )
        self.best = self.initial_value_threshold
        self._monitor = Monitor(type(self).__name__, self.monitor, self.mode)
        self._epoch = 0
        self._batches_since_save = 0
        self._last_batch = -1

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            return
        new_epoch = batch <= self._last_batch
        self._batches_since_save += batch + 1 if new_epoch else batch - self._last_batch  # a step may hold several
        self._last_batch = batch
        if self._batches_since_save >= self.save_freq:
            self._batches_since_save = 0
            self._consider({"batch": batch + 1, **(logs or {})})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch
        if self.save_freq == "epoch":
            self._consider(logs or {})

    def get_state(self) -> dict[str, Any]:
        return {"best": self.best, "batches_since_save": self._batches_since_save, "last_batch": self._last_batch}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.best = state["best"]
        self._batches_since_save, self._last_batch = state["batches_since_save"], state["last_batch"]

    def _consider(self, logs: Mapping[str, Any]) -> None:
        if not self.save_best_only:
            self._save(logs, "saved the model")
            return
        value = self._monitor.value(logs)
        if value is None:
            return
        before = "nothing" if self.best is None else f"{self.best:.5f}"
        if self._monitor.improves(value, self.best, self.model):
            self._save(logs, f"{self.monitor} improved from {before} to {value:.5f}, saved the model")
            self.best = value
        elif self.verbose:
            print_line(f"Epoch {self._epoch + 1}: {self.monitor} did not improve from {before}")

    def _save(self, logs: Mapping[str, Any], what: str) -> None:
        path = self._path(logs)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        save = self.model.save_weights if self.save_weights_only else self.model.save
        save(path)
        if self.verbose:
            print_line(f"Epoch {self._epoch + 1}: {what} to {path}")

    def _path(self, logs: Mapping[str, Any]) -> str:
        values = {**logs, "epoch": self._epoch + 1}
        self._check_placeholders(list(values))
        return str(self.filepath).format(**values)

    def _expect_logs(self, names: Sequence[str], certain: bool) -> None:
        if self.save_best_only:
            self._monitor.expect(names, certain, self.model)
        if certain:
            self._check_placeholders(["epoch", *names] if self.save_freq == "epoch" else ["epoch", "batch", *names])

    def _idle(self) -> tuple[Callable[..., Any], ...]:
        return (ModelCheckpoint.on_train_batch_end,) if self.save_freq == "epoch" else ()

    def _check_placeholders(self, known: Sequence[str]) -> None:
        from string import Formatter

        for _, name, _, _ in Formatter().parse(str(self.filepath)):
            if name is not None and name not in known:
                raise UnknownNameError(
                    f"{type(self).__name__} cannot fill {{{name}}} in filepath={self.filepath!r}."
                    f"{suggestion(name, known)} It can be filled with: {', '.join(known)}."
                )


def _check_ending(owner: str, path: str, weights_only: bool) -> None:
    if weights_only:
        if not path.endswith(_WEIGHTS):
            raise ArgumentError(
                f"{owner} with save_weights_only=True needs a filepath that ends in '.weights.npz' or '.weights.h5', "
                f"got {path!r}."
            )
    elif path.endswith(_WEIGHTS):
        raise ArgumentError(
            f"{owner} got filepath={path!r}, whose ending means weights alone. "
            "Pass save_weights_only=True, or end the filepath in '.npz', '.json' or '.keras'."
        )
    elif not path.endswith((".json", ".npz", ".keras")):
        raise ArgumentError(f"{owner} needs a filepath that ends in '.npz', '.json' or '.keras', got {path!r}.")
