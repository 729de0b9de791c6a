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

__all__ = ["blas_setting", "blas_threads", "set_blas"]

SMALL = 6_000_000  # floating-point operations of a product: below, one thread is as fast as two or faster


class _Owner:
    """The process's BLAS limit: how many runs want it, and what it was."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.controller: Any = None
        self.limiter: Any = None
        self.holders = 0
        self.before: int | None = None  # the user's setting, while there are holders

    def enter(self) -> None:
        with self.lock:
            if not self.holders:
                self.before = self.present()
                self.limiter = self.limit(1)
            self.holders += 1

    def leave(self) -> None:
        with self.lock:
            self.holders -= 1
            if not self.holders:
                self.restore(self.limiter)
                self.limiter = None

    def present(self) -> int | None:
        """How many threads BLAS may use now; None without a BLAS that says so."""
        if self.controller is None:
            from threadpoolctl import ThreadpoolController

            self.controller = ThreadpoolController()  # 240 µs: made once, limits then cost 8 µs
        libraries = self.controller.lib_controllers
        return max((library.num_threads for library in libraries if library.user_api == "blas"), default=None)

    def limit(self, count: int | None) -> Any:
        """Let BLAS use so many threads until what is returned is given to ``restore``."""
        self._take_over()
        return self.controller.limit(limits=count, user_api="blas")

    def restore(self, limiter: Any) -> None:
        self._take_over()
        limiter.restore_original_limits()

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


def blas_setting() -> int | None:
    """Return how many BLAS threads the user's setting allows, whatever a program that runs now uses."""
    with _owner.lock:
        return _owner.before if _owner.holders else _owner.present()


@contextmanager
def set_blas(threads: int | None) -> Iterator[None]:
    """Let the setting be this inside, unless a program runs already, or None: rounding follows from it."""
    with _owner.lock:
        same = threads is None or _owner.holders or threads == _owner.present()
        limiter = None if same else _owner.limit(threads)
    try:
        yield
    finally:
        if limiter is not None:
            with _owner.lock:
                _owner.restore(limiter)
