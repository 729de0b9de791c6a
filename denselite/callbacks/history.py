"""The record of a training: every log of every epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from denselite.callbacks.callback import Callback, Logs
from denselite.declared import serialize

__all__ = ["History"]


class History(Callback):
    """Keeps the logs of each epoch; ``fit`` adds one by itself and returns it.

    Attributes:
        history: one list of values a name, ``{"loss": [0.9, 0.5], ...}``.
        epoch: the epochs recorded, counted from 0.

    Both start empty at each training. (Keras empties only ``epoch`` when a ``History`` is used again.)

    Example:
        >>> record = History()
        >>> record.on_epoch_end(0, {"loss": 0.5})
        >>> record.epoch, record.history
        ([0], {'loss': [0.5]})
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[Any]] = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []
        self.history = {}
        if self.model is not None:
            self.model.history = self

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def get_state(self) -> dict[str, Any]:
        return {"epoch": list(self.epoch), "history": serialize(self.history)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.epoch = list(state["epoch"])
        self.history = {name: list(values) for name, values in state["history"].items()}
