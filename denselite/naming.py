"""Names nobody gave: ``dense``, ``dense_1``, ``dense_2``, counted over the whole process as in Keras."""

from __future__ import annotations

import threading
from collections import Counter

__all__ = ["auto_name", "clear_names"]

_counts: Counter[str] = Counter()
_lock = threading.Lock()


def auto_name(prefix: str) -> str:
    """Return ``prefix`` the first time, then ``prefix_1``, ``prefix_2``, ...

    Args:
        prefix: the class in snake case.

    Example:
        >>> auto_name("an_example"), auto_name("an_example")
        ('an_example', 'an_example_1')
    """
    with _lock:
        count = _counts[prefix]
        _counts[prefix] += 1
    return f"{prefix}_{count}" if count else prefix


def clear_names() -> None:
    """Start counting anew, as ``clear_session`` does."""
    with _lock:
        _counts.clear()
