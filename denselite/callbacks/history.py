"""The record of a training: every log of every epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from denselite.callbacks.callback import Callback, Logs
from denselite.declared import serialize
from denselite.errors import ArgumentError, MissingPackageError, StateError, suggestion

__all__ = ["History"]

_SHOWN = 10  # epochs in a notebook's table: the first and the last ones


class History(Callback):
    """Keeps the logs of each epoch; ``fit`` adds one by itself and returns it.

    A notebook shows it as a table, with curves where matplotlib is installed.

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
        self._epochs: dict[str, list[int]] = {}  # of each name: not every epoch is validated

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []
        self.history = {}
        self._epochs = {}
        if self.model is not None:
            self.model.history = self

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
            self._epochs.setdefault(name, []).append(epoch)

    def plot(self, names: Any = None, figure: Any = None) -> Any:
        """Draw the loss and each metric over the epochs, training and validation in one panel.

        A panel whose values span more than two decades has a logarithmic scale.

        Args:
            names: what to draw, ``["loss", "accuracy"]``, each with its validation; everything by default.
            figure: a figure of matplotlib's to draw into; a new one of pyplot's by default.

        Returns:
            The figure: ``plot().savefig("curves.png")``.

        Raises:
            StateError: no epoch is recorded.
            ArgumentError: nothing of that name is recorded.
            MissingPackageError: matplotlib is not installed.
        """
        curves = self._curves(names)
        if figure is None:
            try:
                from matplotlib import pyplot
            except ImportError:
                raise MissingPackageError(
                    "History.plot() needs matplotlib, which is not installed: pip install 'denselite[examples]'. "
                    "The numbers are in History.history."
                ) from None
            figure = pyplot.figure()
        from denselite.callbacks.curves import draw_curves

        draw_curves(curves, figure)
        return figure

    def _curves(self, names: Any) -> dict[str, tuple[list[int], list[float]]]:
        """The epochs, counted from 1, and the values of each name that is drawn; what is no number is left out."""
        import numpy as np

        if not self.epoch:
            raise StateError("History.plot() has nothing to draw: no epoch is recorded. Call fit() first.")
        wanted = list(self.history) if names is None else [names] if isinstance(names, str) else list(names)
        for name in wanted:
            if name not in self.history:
                raise ArgumentError(
                    f"History.plot() expects names that are recorded, got {name!r}."
                    f"{suggestion(str(name), self.history)} There are: {', '.join(self.history)}."
                )
        wanted += [f"val_{name}" for name in wanted if f"val_{name}" in self.history]
        return {
            name: ([epoch + 1 for epoch in self._epochs[name]], list(map(float, self.history[name])))
            for name in dict.fromkeys(wanted)
            if all(np.ndim(value) == 0 for value in self.history[name])
        }

    def _repr_html_(self) -> str:
        from denselite.utils.tables import html_table

        names = sorted(self.history)
        by_epoch = [dict(zip(self._epochs[name], self.history[name], strict=True)) for name in names]
        shown = [*self.epoch[: _SHOWN // 2], None, *self.epoch[-_SHOWN // 2 :]]
        rows = [
            ["…"] * (len(names) + 1)
            if epoch is None
            else [str(epoch + 1), *(_in_short(values.get(epoch)) for values in by_epoch)]
            for epoch in (shown if len(self.epoch) > _SHOWN + 1 else self.epoch)
        ]
        header = ["epoch", *names]
        return f"<div>{self._drawn()}{html_table(header, rows, header)}</div>"

    def _drawn(self) -> str:
        """The curves as an image in HTML; nothing where there is nothing to draw or matplotlib is missing."""
        import base64
        from io import BytesIO

        try:
            from matplotlib.figure import Figure
        except ImportError:
            return ""
        if len(self.epoch) < 2:
            return ""
        image = BytesIO()
        self.plot(figure=Figure()).savefig(image, format="png", dpi=110)
        return f'<img style="max-width:100%" src="data:image/png;base64,{base64.b64encode(image.getvalue()).decode()}">'

    def get_state(self) -> dict[str, Any]:
        return {"epoch": list(self.epoch), "history": serialize(self.history), "epochs": serialize(self._epochs)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.epoch = list(state["epoch"])
        self.history = {name: list(values) for name, values in state["history"].items()}
        self._epochs = {name: list(epochs) for name, epochs in state["epochs"].items()}


def _in_short(value: Any) -> str:
    return "" if value is None else f"{value:.4g}" if isinstance(value, float | int) else str(value)
