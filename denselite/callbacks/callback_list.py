"""Many callbacks called as one, each hook only on those that override it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

from denselite.callbacks.backup_and_restore import BackupAndRestore
from denselite.callbacks.callback import HOOKS, Callback, Logs
from denselite.callbacks.history import History
from denselite.callbacks.progress import ProgbarLogger
from denselite.errors import ArgumentError, StateError

__all__ = ["CallbackList"]

T = TypeVar("T", bound=Callback)

_OLDER_NAMES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}
_HOOKS_WITH_LOGS = ("on_epoch_end", "on_train_batch_end", "on_test_batch_end", "on_test_end")


class CallbackList(Callback):
    """The callbacks of one call of ``fit``, ``evaluate`` or ``predict``.

    They are called in the order given, then the history, then progress. Who overrides which hook is
    looked up once, when the list is made.

    Args:
        callbacks: a callback, a list of them (lists within it are flattened) or ``None``.
        add_history: add a ``History``, unless there is one.
        add_progbar: add a ``ProgbarLogger``, unless there is one.
        model: the model that the callbacks work with.
        params: ``verbose``, ``epochs`` and ``steps``, handed to every callback.

    Raises:
        ArgumentError: something in ``callbacks`` is not a ``Callback``.

    Example:
        >>> callbacks = CallbackList(add_history=True, epochs=1)
        >>> callbacks.on_train_begin()
        >>> callbacks.on_epoch_end(0, {"loss": 0.5})
        >>> callbacks.history.history
        {'loss': [0.5]}
    """

    def __init__(
        self,
        callbacks: Callback | Sequence[Any] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        self.callbacks = [] if callbacks is None else list(_flatten(callbacks))
        if add_history and not self._of_type(History):
            self.callbacks.append(History())
        if add_progbar and not self._of_type(ProgbarLogger):
            self.callbacks.append(ProgbarLogger())
        self.callbacks.sort(key=lambda callback: callback._runs_last)
        self._index()
        if model is not None:
            self.set_model(model)
        if params:
            self.set_params(params)

    @property
    def history(self) -> History:
        """The history of this call."""
        found = self._of_type(History)
        if not found:
            raise StateError("This CallbackList has no History. Make it with add_history=True.")
        return found[0]

    def append(self, callback: Callback) -> None:
        """Add a callback at the end."""
        self.callbacks.extend(_flatten(callback))
        self._index()

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params: Mapping[str, Any]) -> None:
        super().set_params(params)
        for callback in self.callbacks:
            callback.set_params(params)

    def overridden(self, hook: str) -> bool:
        """Say whether a callback wants ``hook`` at every occasion, which a paced one does not: see ``pace``."""
        return hook in self._eager

    def follows(self, kind: str) -> bool:
        """Say whether a callback wants to hear of every batch in ``kind``: train, test or predict."""
        return any(self.overridden(f"on_{kind}_batch_{moment}") for moment in ("begin", "end"))

    def pace(self, hook: str) -> Callable[[int], bool]:
        """Return the question to ask after each batch: is ``hook`` to be called, and given logs?

        Ask for it after ``on_epoch_begin``, ``on_test_begin`` or ``on_predict_begin``, once a loop.
        """
        if hook in self._eager:
            return _always
        paces = [callback._pace(hook) for callback in self.callbacks if _wants(callback, hook)]
        questions = [question for question in paces if question is not None]
        if len(questions) > 1:  # each is asked each time: progress counts the batches
            return lambda batch: True in [question(batch) for question in questions]
        return questions[0] if questions else _never

    def may_add_logs(self) -> bool:
        """Say whether code other than ours sees the logs, and so could add names to them."""
        return any(
            _wants(callback, hook) and not (_is_ours(callback) and _is_method(callback, hook))
            for callback in self.callbacks
            for hook in _HOOKS_WITH_LOGS
        )

    def check_monitors(self, names: Sequence[str], certain: bool) -> None:
        """Tell every callback which names the epoch logs will have, before the first step.

        Args:
            names: the names the model and validation log in at least one epoch.
            certain: nothing can add others, so a monitored name that is not here is an error now.
                Otherwise it is an error at the end of the first epoch. (Keras warns, every epoch.)

        Raises:
            ArgumentError: a monitored name, or one in a checkpoint's path, cannot appear.
        """
        for callback in self.callbacks:
            names = [*names, *callback._logged]  # those after it see what it adds
            callback._expect_logs(names, certain)

    def meet(self, source: Any) -> None:
        """Tell every callback who the others are, and what the data is."""
        for callback in self.callbacks:
            callback._meet(self.callbacks, source)

    @property
    def backups(self) -> BackupAndRestore | None:
        """The callback that backs training up, if there is one."""
        return next(iter(self._of_type(BackupAndRestore)), None)

    def close(self) -> None:
        """Release what the callbacks hold (files, progress bars), whatever has happened."""
        with ExitStack() as stack:
            for callback in self.callbacks:
                stack.callback(callback._release)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._call("on_train_begin", logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._call("on_train_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_begin", logs, epoch)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_end", logs, epoch)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_train_batch_begin", logs, batch)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_train_batch_end", logs, batch)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_batch_begin", logs, batch)

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_batch_end", logs, batch)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._call("on_test_begin", logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._call("on_test_end", logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_test_batch_begin", logs, batch)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_test_batch_end", logs, batch)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._call("on_predict_begin", logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._call("on_predict_end", logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_predict_batch_begin", logs, batch)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call_batch("on_predict_batch_end", logs, batch)

    def _call_batch(self, hook: str, logs: Logs | None, batch: int) -> None:
        """Call a hook of a batch; Keras hands it its logs by name."""
        logs = {} if logs is None else logs
        for call in self._calls[hook]:
            call(batch, logs=logs)

    def _call(self, hook: str, logs: Logs | None, *where: int) -> None:
        logs = {} if logs is None else logs
        for call in self._calls[hook]:
            call(*where, logs)

    def _of_type(self, kind: type[T]) -> list[T]:
        return [callback for callback in self.callbacks if isinstance(callback, kind)]

    def _index(self) -> None:
        """Look up who wants which hook."""
        wanting = {hook: [callback for callback in self.callbacks if _wants(callback, hook)] for hook in HOOKS}
        self._calls = {hook: [getattr(callback, hook) for callback in wanting[hook]] for hook in HOOKS}
        self._eager = {hook for hook in HOOKS if not all(_is_paced(callback, hook) for callback in wanting[hook])}


def _always(batch: int) -> bool:
    return True


def _never(batch: int) -> bool:
    return False


def _function(callback: Callback, hook: str) -> Any:
    bound = getattr(callback, hook)
    return getattr(bound, "__func__", bound)


def _overrides(callback: Callback, hook: str) -> list[Any]:
    """What the class or the object itself has to call as ``hook``, under either name."""
    names = {hook: None, _OLDER_NAMES.get(hook, hook): None}
    found = [(name, _function(callback, name)) for name in names]
    return [function for name, function in found if function not in (getattr(Callback, name), *callback._idle())]


def _wants(callback: Callback, hook: str) -> bool:
    return bool(_overrides(callback, hook))


def _is_paced(callback: Callback, hook: str) -> bool:
    return all(function in callback._paced() for function in _overrides(callback, hook))


def _is_ours(callback: Callback) -> bool:
    return type(callback).__module__.partition(".")[0] == __name__.partition(".")[0]


def _is_method(callback: Callback, hook: str) -> bool:
    """Whether the hook comes from the class, not from a function put on the object."""
    return not any(name in vars(callback) for name in (hook, _OLDER_NAMES.get(hook, hook)))


def _flatten(callbacks: Any) -> Iterator[Callback]:
    if isinstance(callbacks, CallbackList):
        yield from callbacks.callbacks
    elif isinstance(callbacks, Callback):
        yield callbacks
    elif isinstance(callbacks, list | tuple):
        for entry in callbacks:
            yield from _flatten(entry)
    else:
        raise ArgumentError(f"callbacks takes Callback objects, got {callbacks!r}.{_advice(callbacks)}")


def _advice(received: Any) -> str:
    if isinstance(received, type) and issubclass(received, Callback):
        return f" It is the class: write {received.__name__}(...)."
    if callable(received):
        return " Wrap a function as LambdaCallback(on_epoch_end=function)."
    return " Subclass denselite.callbacks.Callback."
