"""Find the operation that makes the first NaN of a training."""

from __future__ import annotations

from denselite.callbacks.callback import Callback, Logs
from denselite.declared import Declared

__all__ = ["NaNTracker"]


class NaNTracker(Declared, Callback):
    """Stops training where the first NaN or infinity comes up, and says what made it.

    After each operation of a step it looks at the result, which takes about as long as the step. For
    ``evaluate`` and ``predict`` there is ``denselite.utils.track_nans``.

    Raises:
        DivergenceError: (in ``fit``) layer, operation, phase (forward, backward or update) and step are named.
            Weights are as before the step, unless it was the update that made them NaN.

    Example:
        >>> NaNTracker()
        NaNTracker()
    """

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.model._track_nans(True)

    def _release(self) -> None:
        if self.model is not None:
            self.model._track_nans(False)
