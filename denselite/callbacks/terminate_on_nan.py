"""Stop training when the loss is no number any more."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from denselite.callbacks.callback import Callback, Logs
from denselite.callbacks.lines import print_line
from denselite.declared import Declared
from denselite.errors import DivergenceError

__all__ = ["TerminateOnNaN"]


class TerminateOnNaN(Declared, Callback):
    """Stops training after the batch in which the loss becomes NaN or infinite.

    After each batch it looks at one number, the total that the logged loss is the mean of.

    Args:
        raise_error: raise instead, so that ``on_train_end`` of other callbacks is not called.

    Raises:
        DivergenceError: with ``raise_error``.

    Example:
        >>> TerminateOnNaN(raise_error=True)
        TerminateOnNaN(raise_error=True)
    """

    raise_error: bool = False

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or isfinite(loss):
            return
        if self.raise_error:
            raise DivergenceError(
                f"The loss is {loss} at batch {batch}. A smaller learning rate, or clipnorm=, keeps it finite; "
                "so do inputs that are scaled and without NaN."
            )
        print_line(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True

    def _paced(self) -> tuple[Callable[..., Any], ...]:
        return (TerminateOnNaN.on_batch_end,)

    def _pace(self, hook: str) -> Callable[[int], bool] | None:
        totals = [m.total for m in getattr(self.model, "metrics", ()) if m.name == "loss" and hasattr(m, "total")]
        if not totals:  # a model that keeps its loss in its own way
            return super()._pace(hook)
        total = totals[0].storage.item
        return lambda batch: not isfinite(total())
