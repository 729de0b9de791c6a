"""The base of every callback: the hooks that fit, evaluate and predict call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["HOOKS", "Callback", "Logs"]

Logs = dict[str, Any]

HOOKS = (
    "on_train_begin",
    "on_train_end",
    "on_epoch_begin",
    "on_epoch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_batch_begin",
    "on_batch_end",
    "on_test_begin",
    "on_test_end",
    "on_test_batch_begin",
    "on_test_batch_end",
    "on_predict_begin",
    "on_predict_end",
    "on_predict_batch_begin",
    "on_predict_batch_end",
)


class Callback:
    """Code that runs at the stages of training, evaluation and prediction.

    Subclass it and override the hooks you need; a hook that nobody overrides is never called. Every
    hook gets ``logs``, one dict that all callbacks of the call share: a name added in
    ``on_epoch_end`` is seen by the callbacks after this one and recorded in the history. ``epoch`` counts
    from 0, or from ``initial_epoch`` of ``fit``, and ``batch`` from 0 in each epoch.

    Attributes:
        model: the model at work (``None`` before ``fit``, ``evaluate`` or ``predict``).
        params: ``{"verbose": ..., "epochs": ..., "steps": ...}`` of the call at work.

    Example:
        >>> class Shout(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         print(f"epoch {epoch}: {logs['loss']}!")
        >>> Shout().on_epoch_end(0, {"loss": 0.5})
        epoch 0: 0.5!
    """

    # On the class, not in __init__: a subclass need not call super().__init__().
    params: Any = None
    _model: Any = None
    _logged: tuple[str, ...] = ()  # names that it adds to the logs of an epoch
    _runs_last = False  # called after all that do not say so, history and progress too

    @property
    def model(self) -> Any:
        """The model at work, or ``None``."""
        return self._model

    def set_model(self, model: Any) -> None:
        """Receive ``model``; called once before the first hook."""
        self._model = model

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Receive ``params`` (``verbose``, ``epochs`` and ``steps``); called once before the first hook."""
        self.params = params

    def get_state(self) -> dict[str, Any]:
        """Return what training needs to go on exactly where it was: JSON-ready values, and arrays."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take back ``state``, as ``get_state`` returned it; called after ``on_train_begin``, which resets."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called when ``fit`` starts."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called when ``fit`` ends, with the logs of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called when an epoch of ``fit`` starts; the first epoch is 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called when an epoch ends, with its metrics and, prefixed ``val_``, those of validation."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a training step; ``batch`` counts from 0 in each epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a training step, with the metrics since the start of the epoch."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of ``on_train_batch_begin``."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of ``on_train_batch_end``."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called when ``evaluate``, or validation within ``fit``, starts."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called when ``evaluate``, or validation within ``fit``, ends, with its metrics."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of ``evaluate`` or of validation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of ``evaluate`` or of validation, with the metrics so far."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called when ``predict`` starts."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called when ``predict`` ends."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of ``predict``."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of ``predict``, with ``{"outputs": ...}``."""

    def _expect_logs(self, names: Sequence[str], certain: bool) -> None:
        """Hear which names the epoch logs will have; ``certain`` means: and no others."""

    def _idle(self) -> tuple[Callable[..., Any], ...]:
        """Return the hooks of the class that have nothing to do with the arguments given."""
        return ()

    def _paced(self) -> tuple[Callable[..., Any], ...]:
        """Return the batch hooks of the class that are called only when ``_pace`` says so."""
        return ()

    def _pace(self, hook: str) -> Callable[[int], bool] | None:
        """Return the question to ask after each batch of a loop: is a hook of ``_paced`` to be called? None: never."""
        return lambda batch: True

    def _meet(self, peers: Sequence[Callback], source: Any) -> None:
        """Hear of all callbacks of this training, and of its data; called before ``on_train_begin``."""

    def _release(self) -> None:
        """Let go of files and screen lines; called last, also when training raised."""
