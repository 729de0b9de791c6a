"""Which line of the user's is at work, for messages."""

from __future__ import annotations

import os
import sys

__all__ = ["is_users", "users_line"]

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def is_users(filename: str) -> bool:
    """Say whether a file is neither the library's nor NumPy's."""
    return not filename.startswith(_HERE) and f"{os.sep}numpy{os.sep}" not in filename


def users_line() -> str | None:
    """Return ``"file:line"`` of the innermost call that is in the user's code; None if there is none."""
    frame = sys._getframe(1)
    while frame is not None:
        if is_users(frame.f_code.co_filename):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return None
