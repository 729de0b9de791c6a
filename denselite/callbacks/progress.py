"""Show how far training, evaluation or prediction has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from math import inf
from time import perf_counter
from typing import Any

from denselite import config
from denselite.callbacks.beside_bar import BesideBar
from denselite.callbacks.callback import Callback, Logs
from denselite.callbacks.lines import format_logs, log_rows, print_line
from denselite.errors import ArgumentError

__all__ = ["ProgbarLogger"]

_FORMAT = "{desc} {n_fmt}/{total_fmt} |{bar}| {elapsed}<{remaining}{postfix}"  # short: the logs need the room
_INTERVAL = 0.1  # seconds between looks at the logs: as fast as an eye can use, far slower than a step


class ProgbarLogger(Callback):
    """Progress of each epoch, added by ``fit``, ``evaluate`` and ``predict`` unless ``verbose=0``.

    With ``verbose=1`` or ``"auto"`` it is one bar an epoch with the running logs on a terminal and in
    a notebook, and elsewhere, as with ``verbose=2``, one plain line an epoch. What callbacks print
    while a bar is open goes above it.

    Example:
        >>> import denselite as keras
        >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
        >>> model.compile(loss="mse")
        >>> model.evaluate([[1.0]], [[2.0]], verbose=2)
        Evaluate - ...s - loss: 4.0000
        4.0
    """

    _verbose: int = 1
    _epochs: int = 1
    _steps: int | None = None
    _in_fit: bool = False  # validation within fit shows nothing of its own
    _title: str = ""
    _start: float = 0.0
    _hook: str = ""  # the batch hook that the open bar follows
    _bar: Any = None
    _beside: BesideBar | None = None
    _seen: int = 0
    _next_look: float = inf

    def set_params(self, params: Mapping[str, Any]) -> None:
        super().set_params(params)
        verbose = params.get("verbose", 1)
        if verbose not in ("auto", 0, 1, 2):
            raise ArgumentError(f"verbose is 0 (nothing), 1 (a bar), 2 (a line an epoch) or 'auto', got {verbose!r}.")
        self._verbose = 1 if verbose == "auto" else verbose
        self._epochs = params.get("epochs", 1)
        self._steps = params.get("steps")

    def due(self, batch: int) -> bool:
        """Note that ``batch`` is done, and say whether it is time to show the logs again."""
        self._seen = batch + 1
        return perf_counter() >= self._next_look

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._in_fit = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._open(f"Epoch {epoch + 1}/{self._epochs}", "on_train_batch_end")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._open("Evaluate", "on_test_batch_end")

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self._in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._open("Predict", "on_predict_batch_end")

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._finish(None)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._look("on_train_batch_end", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._look("on_test_batch_end", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._look("on_predict_batch_end", batch, None)

    def _open(self, title: str, hook: str) -> None:
        self._release_bar()
        self._title, self._hook, self._seen, self._start = title, hook, 0, perf_counter()
        if self._verbose == 1 and _is_live():
            from tqdm.auto import tqdm

            out: Any = sys.stdout
            within = isinstance(out, BesideBar)  # this is in a callback of another bar
            stream = out.stream if within else out
            self._bar = tqdm(desc=title, total=self._steps, bar_format=_FORMAT, file=stream, **_size())
            self._beside = BesideBar(stream, self._bar) if _on_terminal() and not within else None
            self._next_look = self._start + _INTERVAL

    def _look(self, hook: str, batch: int, logs: Logs | None) -> None:
        if self._follows(hook) and self.due(batch):
            self._fill(logs)
            self._bar.refresh()
            self._next_look = perf_counter() + _INTERVAL

    def _fill(self, logs: Logs | None) -> None:
        """Let the next drawing show how far it is."""
        if self._beside is not None:
            self._beside.give_row()
        self._bar.n = self._seen
        self._bar.set_postfix_str(format_logs(logs or {}), refresh=False)

    def _finish(self, logs: Logs | None) -> None:
        if self._bar is not None:
            self._steps = self._bar.total = self._steps or self._seen  # an unknown length is known from now on
            self._fill(logs)
            rows = self._rows_below(logs or {})
            self._release_bar()
            for row in rows:
                print_line(row)
        elif self._verbose:
            seconds = f"{perf_counter() - self._start:.0f}s"
            print_line(" - ".join(filter(None, (self._title, seconds, format_logs(logs or {})))))

    def _rows_below(self, logs: Logs) -> list[str]:
        """The logs in rows to stand below the last drawing of a bar, if they do not fit beside it."""
        columns, self._bar.ncols = self._bar.ncols, None
        fits = columns is None or len(str(self._bar)) <= columns
        self._bar.ncols = columns
        if fits:
            return []
        self._bar.set_postfix_str("", refresh=False)
        return log_rows(logs, columns)

    def _release_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar, self._next_look = None, inf
        if self._beside is not None:
            self._beside.close()
            self._beside = None

    def _paced(self) -> tuple[Callable[..., Any], ...]:
        return (
            ProgbarLogger.on_train_batch_end,
            ProgbarLogger.on_test_batch_end,
            ProgbarLogger.on_predict_batch_end,
        )

    def _pace(self, hook: str) -> Callable[[int], bool] | None:
        return self.due if self._follows(hook) else None

    def _follows(self, hook: str) -> bool:
        """Say whether the bar that is open now follows this batch hook."""
        return self._bar is not None and self._hook == hook

    def _release(self) -> None:
        self._release_bar()
        self._in_fit = False


def _size() -> dict[str, Any]:
    """How wide the bar may be: as the terminal, 80 where it does not say, or all of a notebook's cell."""
    from shutil import get_terminal_size

    columns, rows = get_terminal_size()
    return {"ncols": columns, "nrows": rows} if _on_terminal() else {"dynamic_ncols": True}


def _on_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _is_live() -> bool:
    """Whether a bar can redraw itself: a terminal, or a notebook; and whether that is wanted."""
    if not config.is_interactive_logging_enabled():
        return False
    if _on_terminal():
        return True
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
    return "IPKernelApp" in getattr(get_ipython(), "config", {})
