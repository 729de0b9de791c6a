"""Where Keras writes a key of a config, if not where the argument stands."""

from __future__ import annotations

from typing import Any

__all__ = ["placed_behind"]


def placed_behind(config: dict[str, Any], key: str, other: str) -> dict[str, Any]:
    """Return a config with ``key`` right behind ``other``.

    Example:
        >>> placed_behind({"a": 1, "b": 2, "c": 3}, "a", "b")
        {'b': 2, 'a': 1, 'c': 3}
    """
    names = [name for name in config if name != key]
    names.insert(names.index(other) + 1, key)
    return {name: config[name] for name in names}
