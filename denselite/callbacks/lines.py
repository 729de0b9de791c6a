"""Lines for people: how numbers are written, and printing beside an open progress bar."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["format_logs", "print_line"]


def format_logs(logs: Mapping[str, Any]) -> str:
    """Return the logs as ``name: value`` parts.

    Example:
        >>> format_logs({"loss": 0.25, "learning_rate": 0.001, "note": "warm"})
        'loss: 0.2500 - learning_rate: 1.0000e-03 - note: warm'
    """
    return " - ".join(f"{name}: {_format(value)}" for name, value in logs.items())


def print_line(text: str) -> None:
    """Print one line to standard output, above a progress bar if one is open."""
    tqdm: Any = getattr(sys.modules.get("tqdm"), "tqdm", None)
    if getattr(tqdm, "_instances", None):
        tqdm.write(text, file=sys.stdout)
    else:
        print(text, flush=True)  # noqa: T201 (this is where the library prints)


def _format(value: Any) -> str:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    return f"{number:.4f}" if abs(number) > 1e-3 else f"{number:.4e}"
