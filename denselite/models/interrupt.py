"""Ctrl-C between steps: the first one waits for the step to end, a second one is immediate.

One that comes after the last step (in a callback's ``on_train_end``, say) is raised on the way out, never lost.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

__all__ = ["Interrupt"]


class Interrupt:
    """While entered on the main thread, SIGINT sets ``requested`` instead of raising at once.

    Attributes:
        requested: True once Ctrl-C was pressed.
    """

    def __init__(self) -> None:
        self.requested = False
        self._old: Any = None

    def __enter__(self) -> Interrupt:
        on_main = threading.current_thread() is threading.main_thread()
        if on_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._old = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if self._old is not None:
            signal.signal(signal.SIGINT, self._old)
        if kind is None:
            self.check()

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True

    def check(self) -> None:
        """Raise the interrupt that was requested.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
        """
        if self.requested:
            raise KeyboardInterrupt
