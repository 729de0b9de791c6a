"""How many threads BLAS uses while a program runs: one owner, counted, and the user's setting comes back.

BLAS threads make small products slower and large ones faster. The choice is a function of the largest
product in a step, never of timing, so that a run repeats. The limit is process-wide: whoever comes first sets it,
and whoever leaves last restores what was there before.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["blas_threads"]

SMALL = 6_000_000  # floating-point operations of a product: below, one thread is as fast as two or faster


class _Owner:
    """The process's BLAS limit: how many runs want it, and what it was."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.controller: Any = None
        self.limiter: Any = None
        self.holders = 0

    def enter(self) -> None:
        with self.lock:
            if self.controller is None:
                from threadpoolctl import ThreadpoolController

                self.controller = ThreadpoolController()  # 240 µs: made once, limits then cost 8 µs
            if not self.holders:
                self._take_over()
                self.limiter = self.controller.limit(limits=1, user_api="blas")
                self.limiter.__enter__()
            self.holders += 1

    def leave(self) -> None:
        with self.lock:
            self.holders -= 1
            if not self.holders:
                self._take_over()
                self.limiter.__exit__(None, None, None)
                self.limiter = None

    def _take_over(self) -> None:
        """Let this thread set the limit: threadpoolctl 3.8 leaves that to the thread that set one first."""
        for library in self.controller.lib_controllers:
            release = getattr(library, "clear_controlling_thread", None)
            if release is not None:
                release(force=True)


_owner = _Owner()


@contextmanager
def blas_threads(heaviest: int) -> Iterator[None]:
    """Use one BLAS thread inside if the largest product, of ``heaviest`` floating-point operations, is small."""
    if heaviest > SMALL:
        yield
        return
    _owner.enter()
    try:
        yield
    finally:
        _owner.leave()
