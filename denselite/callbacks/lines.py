"""Lines for people: how numbers are written, and printing beside an open progress bar."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from denselite import config

__all__ = ["format_logs", "log_rows", "print_line"]


def format_logs(logs: Mapping[str, Any]) -> str:
    """Return the logs as ``name: value`` parts.

    Example:
        >>> format_logs({"loss": 0.25, "learning_rate": 0.001, "note": "warm"})
        'loss: 0.2500 - learning_rate: 1.0000e-03 - note: warm'
    """
    return " - ".join(f"{name}: {_format(value)}" for name, value in logs.items())


def log_rows(logs: Mapping[str, Any], columns: int) -> list[str]:
    """Return the logs in as many indented rows as they need, broken between logs.

    Args:
        logs: values by name.
        columns: how long a row may be; one log that is longer has a row of its own.

    Example:
        >>> log_rows({"loss": 0.25, "accuracy": 0.5, "mse": 0.125}, columns=36)
        ['  loss: 0.2500 - accuracy: 0.5000', '  mse: 0.1250']
    """
    rows: list[str] = []
    for name, value in logs.items():
        part = format_logs({name: value})
        if rows and len(rows[-1]) + len(" - ") + len(part) <= columns:
            rows[-1] += f" - {part}"
        else:
            rows.append(f"  {part}")
    return rows


def print_line(text: str) -> None:
    """Print one line to standard output, above a progress bar if one is open.

    It is logged instead, by the logger ``denselite``, when interactive logging is off.
    """
    if not config.is_interactive_logging_enabled():
        import logging

        logging.getLogger("denselite").info(text)
        return
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
