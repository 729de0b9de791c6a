"""A callback made from functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from denselite.callbacks.callback import HOOKS, Callback
from denselite.errors import ArgumentError, suggestion

__all__ = ["LambdaCallback"]

Hook = Callable[..., Any] | None


class LambdaCallback(Callback):
    """Calls the given functions as hooks.

    Args:
        on_epoch_begin: called with ``(epoch, logs)``.
        on_epoch_end: called with ``(epoch, logs)``.
        on_train_begin: called with ``(logs)``.
        on_train_end: called with ``(logs)``.
        on_train_batch_begin: called with ``(batch, logs)``.
        on_train_batch_end: called with ``(batch, logs)``.
        hooks: any other hook of ``Callback`` by its name.

    Raises:
        ArgumentError: a keyword is not a hook, or its value is not callable.

    Example:
        >>> teller = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
        >>> teller.on_epoch_end(0, {"loss": 0.5})
        0 0.5
    """

    # Not declared as fields: a field would put its default None over the hook of the base.
    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        **hooks: Hook,
    ) -> None:
        hooks.update(
            on_epoch_begin=on_epoch_begin,
            on_epoch_end=on_epoch_end,
            on_train_begin=on_train_begin,
            on_train_end=on_train_end,
            on_train_batch_begin=on_train_batch_begin,
            on_train_batch_end=on_train_batch_end,
        )
        given = {name: function for name, function in hooks.items() if function is not None}
        problems = [f"has no hook {name!r}.{suggestion(name, HOOKS)}" for name in hooks if name not in HOOKS]
        not_callable = [name for name, function in given.items() if not callable(function)]
        problems += [f"needs a function for {name!r}, got {given[name]!r}." for name in not_callable]
        if problems:
            raise ArgumentError(f"LambdaCallback {' It '.join(problems)} Its hooks are: {', '.join(HOOKS)}.")
        vars(self).update(given)
