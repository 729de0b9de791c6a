"""How much memory a process takes at its peak."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

STATUS = Path("/proc/self/status")
PAUSE = 0.005  # seconds between two looks


def peak() -> int:
    """Return the largest resident memory of this process so far, in bytes."""
    import resource  # Windows has none

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def private() -> int:
    """Return the memory of this process that is no file's, in bytes."""
    kilobytes = next(line.split()[1] for line in STATUS.read_text().splitlines() if line.startswith("RssAnon"))
    return int(kilobytes) * 1024


class Watch:
    """Notes the largest private memory inside a ``with``.

    Pages of a mapped file are resident once they were read, but the system takes them back when it needs them; so
    they are left out where the system tells them apart (Linux). Elsewhere ``peak`` counts them.
    """

    def __enter__(self) -> Self:
        self.peak = 0
        self._done = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        self.peak = max(self.peak, private()) if STATUS.exists() else peak()

    def _look(self) -> None:
        while STATUS.exists() and not self._done.wait(PAUSE):
            self.peak = max(self.peak, private())
