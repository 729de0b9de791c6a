"""Files that are being written: under a name of their own, and locked for as long as their writer lives.

The lock is what tells the unfinished file of a process at work from what a killed one has left: the system
drops it with the process. Where there are no such locks (Windows) a leftover is one that is a day old.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

__all__ = ["finish", "new_file", "remove_leftovers"]

_NAME = re.compile(r"\..+\.(?:h5|json|keras|npz|onnx|safetensors)\.[0-9a-f]{16}\.tmp")
_DAY = 86_400  # seconds


@contextmanager
def new_file(folder: str, name: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Make an unfinished file; it is removed unless ``finish`` has given it its name.

    Args:
        folder: where.
        name: what it will be called.

    Yields:
        Its path and the open file.
    """
    import secrets

    while True:
        temporary = os.path.join(folder, f".{name}.{secrets.token_hex(8)}.tmp")
        try:
            with open(temporary, "x+b") as file:
                _lock(file)
                if os.path.exists(temporary):  # else another saver took it for a leftover before it was locked
                    yield temporary, file
                    return
        except BaseException:
            with contextlib.suppress(OSError):
                os.remove(temporary)
            raise


def _lock(file: IO[bytes]) -> None:
    if fcntl is not None:
        with contextlib.suppress(OSError):  # a file system without locks: then nothing is removed either
            fcntl.flock(file, fcntl.LOCK_EX)


def finish(temporary: str, file: IO[bytes], path: str) -> None:
    """Give an unfinished file its name, while it is locked where there are locks."""
    if fcntl is None:
        file.close()
    os.replace(temporary, path)


def remove_leftovers(folder: str) -> None:
    """Remove the unfinished files of writers that are no more."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            if _NAME.fullmatch(name):
                with contextlib.suppress(OSError):
                    _remove_leftover(os.path.join(folder, name))


def _remove_leftover(path: str) -> None:
    if fcntl is None:
        import time

        if time.time() - os.stat(path).st_mtime > _DAY:
            os.remove(path)
        return
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises if its writer lives
        os.remove(path)
    finally:
        os.close(handle)
