"""Training in a file: all that a ``fit`` which was interrupted needs to go on as if it had not been.

The archive has weights and the optimizer's variables as a model's file has them, the totals of the metrics, and
``backup.json``: the epoch and the batch that come next, the pass that was underway, seeds and counters, and the
states of the callbacks. The architecture is not in it: whoever goes on runs the same program again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, NamedTuple

import numpy as np

from denselite.errors import FormatError
from denselite.ops.op import Array
from denselite.program.threads import blas_setting
from denselite.saving.contents import BACKUP
from denselite.saving.files import replace_file
from denselite.saving.paths import weights_by_path
from denselite.saving.reading import described_by, read_archive
from denselite.saving.text import to_text
from denselite.saving.training import (
    OPTIMIZER,
    optimizer_variables,
    restore_optimizer,
    restore_training,
    training_state,
    updates,
)
from denselite.saving.weights import assign_weights
from denselite.saving.writing import contents_of, write_hashed
from denselite.tensor.variable import Variable

__all__ = ["Backup", "Position", "load_backup", "save_backup"]

_METRICS, _CALLBACKS = "metrics/", "callbacks/"


class Position(NamedTuple):
    """Where training stands.

    Attributes:
        epoch: the epoch that comes next, or goes on.
        batch: its batches that are done.
        underway: of the data's pass, what ``Source.underway`` says.
        stop: whether training was asked to stop.
    """

    epoch: int
    batch: int
    underway: tuple[int, int]
    stop: bool


def save_backup(
    model: Any, path: str, position: Position, states: list[tuple[str, dict[str, Any]]], previous: str | None = None
) -> None:
    """Write a backup, in the place of an older one.

    Args:
        model: the model.
        path: where.
        position: where training stands.
        states: the classes of callbacks and their states.
        previous: where the older one is kept; None not to keep it.
    """
    found = {**weights_by_path(model), **optimizer_variables(model), **_metrics(model)}
    extra: dict[str, Array] = {}
    callbacks = [{"class_name": name, "state": _encode(state, extra)} for name, state in states]
    arrays, contents = contents_of(found, extra)
    contents |= {"updates": updates(model), "training": training_state(model), **position._asdict()}
    contents |= {"callbacks": callbacks, "threads": blas_setting()}
    text = to_text(contents, f"training of model {model.name!r}")
    if previous is not None and os.path.exists(path):
        os.replace(path, previous)
    replace_file(path, lambda file: write_hashed(file, BACKUP, text, arrays))


class Backup:
    """A backup that was read.

    Raises:
        FormatError: it is damaged.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        _, self.contents, self.arrays = read_archive(path, (BACKUP,), allow_nonfinite=True)
        epoch, batch, (age, given), stop = (self.contents[key] for key in Position._fields)
        self.position = Position(epoch, batch, (age, given), stop)
        self.threads = self.contents.get("threads")

    def restore_model(self, model: Any) -> None:
        """Set weights, optimizer, metrics, seeds and counters.

        Raises:
            FormatError: they are those of another model.
        """
        with described_by(self.path, self.arrays):
            kept = (OPTIMIZER, _METRICS, _CALLBACKS)
            weights = {key: array for key, array in self.arrays.items() if not key.startswith(kept)}
            assign_weights(model, weights, self.path, exact=True)
            restore_training(model, self.contents["training"], self.path)
            restore_optimizer(model, self.contents, self.arrays, self.path)

    def restore_metrics(self, model: Any) -> None:
        """Set the totals of the metrics."""
        for key, variable in _metrics(model).items():
            saved = self.arrays.get(key)
            if saved is None or (saved.shape, saved.dtype) != (variable.shape, variable.dtype):
                raise FormatError(f"{self.path} has no total for {variable.path}. Compile the model as it was.")
            variable.assign(saved)

    def restore_callbacks(self, callbacks: Iterable[Any]) -> None:
        """Give every callback the state that was saved of one of its class; without one it keeps its own.

        Raises:
            FormatError: a state is not what a callback of that class takes.
        """
        saved = list(self.contents["callbacks"])
        for callback in callbacks:
            name = type(callback).__name__
            found = next((state for state in saved if state["class_name"] == name), None)
            if found is not None:
                saved.remove(found)
                try:
                    callback.set_state(_decode(found["state"], self.arrays))
                except Exception as error:
                    raise FormatError(
                        f"{self.path}: the state of {name} cannot be restored: {type(error).__name__}: {error}."
                    ) from error


def load_backup(path: str, previous: str) -> Backup | None:
    """Return the latest backup, the one before it if that cannot be read, or None if there is none.

    Raises:
        FormatError: there are some and none can be read.
    """
    there = [name for name in (path, previous) if os.path.exists(name)]
    for name in there[:-1]:
        try:
            return Backup(name)
        except FormatError:
            continue
    return Backup(there[-1]) if there else None


def _metrics(model: Any) -> dict[str, Variable]:
    variables = [variable for metric in model.metrics for variable in metric.variables]
    return {f"{_METRICS}{k}": variable for k, variable in enumerate(variables)}


def _encode(value: Any, arrays: dict[str, Array]) -> Any:
    """Return a state as JSON: arrays by the key they are put under, floats that JSON lacks by name."""
    if isinstance(value, np.ndarray):
        key = f"{_CALLBACKS}{len(arrays)}"
        arrays[key] = value
        return {"__array__": key}
    if isinstance(value, np.generic):
        return _encode(value.item(), arrays)
    if isinstance(value, float) and not isfinite(value):
        return {"__float__": str(value)}
    if isinstance(value, Mapping):
        return {key: _encode(part, arrays) for key, part in value.items()}
    return [_encode(part, arrays) for part in value] if isinstance(value, list | tuple) else value


def _decode(value: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(value, list):
        return [_decode(part, arrays) for part in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"__array__"}:
        return arrays[value["__array__"]]
    if value.keys() == {"__float__"}:
        return float(value["__float__"])
    return {key: _decode(part, arrays) for key, part in value.items()}
