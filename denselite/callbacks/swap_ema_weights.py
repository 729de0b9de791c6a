"""Judge a model by the running averages of its weights, and go on training with the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from denselite.callbacks.callback import Callback, Logs
from denselite.declared import Declared
from denselite.errors import ArgumentError

__all__ = ["SwapEMAWeights"]


class SwapEMAWeights(Declared, Callback):
    """The model holds the running averages of its weights while it is validated, evaluated or asked to predict.

    It takes an optimizer with ``use_ema=True``, which keeps the averages. However an evaluation ends, the
    weights come back.

    Args:
        swap_on_epoch: the model holds the averages from ``on_epoch_end`` to ``on_epoch_begin`` too, for
            callbacks after this one, such as ``ModelCheckpoint``.

    Raises:
        ArgumentError: (when training, evaluation or prediction starts) the optimizer keeps no averages.

    Example:
        >>> SwapEMAWeights(swap_on_epoch=True)
        SwapEMAWeights(swap_on_epoch=True)
    """

    swap_on_epoch: bool = False

    def __post_init__(self) -> None:
        self._training = False
        self._weights: dict[Any, np.ndarray[Any, Any]] | None = None  # while the model holds the averages

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._averages()
        self._training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._weights = None  # the averages are the model's weights now

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._put_back()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._swap()

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._swap()

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._put_back()

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._swap()

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._put_back()

    def get_state(self) -> dict[str, Any]:
        return {"weights": None if self._weights is None else list(self._weights.values())}

    def set_state(self, state: Mapping[str, Any]) -> None:
        saved = state["weights"]
        self._weights = None if saved is None else dict(zip(self._averages(), map(np.array, saved), strict=True))

    def _release(self) -> None:
        if not self._training:  # what fit leaves are the averages, also when it raised
            self._put_back()
        self._training, self._weights = False, None

    def _averages(self) -> dict[Any, Any]:
        optimizer = self.model.optimizer
        if optimizer is None or not optimizer.use_ema:
            raise ArgumentError(
                f"{type(self).__name__} needs an optimizer with use_ema=True, which keeps the averages it swaps in, "
                f"got {optimizer!r}."
            )
        averages: dict[Any, Any] = optimizer.averages
        return averages

    def _swap(self) -> None:
        if self._weights is not None:
            return
        averages = self._averages()
        self._weights = {v: v.numpy() for v in averages}
        for v, average in averages.items():
            v.assign(average)

    def _put_back(self) -> None:
        for v, weight in (self._weights or {}).items():
            v.assign(weight)
        self._weights = None
