"""Standard output while a progress bar stands in its last row."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["BesideBar"]


class BesideBar:
    """Takes the place of ``sys.stdout``: what anybody prints replaces the bar, whose next drawing goes below it.

    Args:
        stream: standard output as it was.
        bar: a tqdm bar that draws itself on ``stream``.
    """

    def __init__(self, stream: Any, bar: Any) -> None:
        self.stream = stream
        self._bar = bar
        self._row_is_bars = True
        self._row_is_open = False  # what was printed last did not end its row
        sys.stdout = self

    def write(self, text: str) -> Any:
        """Write to the stream, on a row of its own."""
        if text and self._row_is_bars:
            self._bar.clear()
            self._row_is_bars = False
        if text:
            self._row_is_open = not text.endswith("\n")
        return self.stream.write(text)

    def give_row(self) -> None:
        """Make sure that the bar draws itself on no row of others."""
        if self._row_is_open:
            self.stream.write("\n")
            self._row_is_open = False
        self._row_is_bars = True

    def close(self) -> None:
        """Put standard output back; whoever has kept this object can go on writing."""
        self._row_is_bars = False
        if sys.stdout is self:
            sys.stdout = self.stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
