"""Set the learning rate at the start of each epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np

from denselite.callbacks.callback import Callback, Logs
from denselite.callbacks.lines import print_line
from denselite.declared import Declared, Resolves
from denselite.errors import ArgumentError

__all__ = ["LearningRateScheduler"]


class LearningRateScheduler(Declared, Callback):
    """Sets the optimizer's learning rate to what a function says, epoch by epoch, and logs it.

    Args:
        schedule: callable ``(epoch, learning_rate) -> learning_rate``, or ``(epoch) -> learning_rate``;
            the first epoch is 0. It returns a float.
        verbose: 1 prints a line an epoch.

    Raises:
        ArgumentError: ``schedule`` returned something else.
        ScheduledRateError: the optimizer has a schedule of its own.

    Example:
        >>> LearningRateScheduler(lambda epoch, lr: lr if epoch < 10 else 0.9 * lr).verbose
        0
    """

    schedule: Annotated[Any, Resolves(_function)]
    verbose: int | bool = 0

    _logged = ("learning_rate",)

    def __post_init__(self) -> None:
        self._takes_rate = _takes_two(self.schedule)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        rate = self.schedule(epoch, float(optimizer.learning_rate)) if self._takes_rate else self.schedule(epoch)
        if not isinstance(rate, float | np.floating):
            raise ArgumentError(
                f"{type(self).__name__} expects its schedule to return a float, "
                f"got {rate!r} of type {type(rate).__name__} for epoch {epoch}."
            )
        optimizer.learning_rate = rate
        if self.verbose:
            print_line(f"Epoch {epoch + 1}: {type(self).__name__} setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def _function(value: Any) -> Any:
    if callable(value):
        return value
    raise ArgumentError(f"a function (epoch, learning_rate) -> learning_rate is expected, got {value!r}.")


def _takes_two(function: Callable[..., Any]) -> bool:
    """Whether a function can be called with an epoch and a rate; asked beforehand, so that its own errors show."""
    import inspect

    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # written in C, and without a signature
        return True
    return True
