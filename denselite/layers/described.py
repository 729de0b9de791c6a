"""``serialize`` and ``deserialize``: a layer as JSON-ready data and back, done by the floor that knows the format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from denselite.errors import ArgumentError
from denselite.layers.layer import Layer

__all__ = ["deserialize", "serialize"]

_describe: Callable[[Any], dict[str, Any]]
_make: Callable[[Any, Any], Any]


def describe_with(describe: Callable[[Any], dict[str, Any]], make: Callable[[Any, Any], Any]) -> None:
    """Let ``describe(layer)`` and ``make(config, custom_objects)`` do the work."""
    global _describe, _make
    _describe, _make = describe, make


def serialize(layer: Any) -> dict[str, Any]:
    """Return ``layer`` as JSON-ready data, without its weights.

    Example:
        >>> from denselite.layers import Flatten
        >>> serialize(Flatten())["class_name"]
        'Flatten'
    """
    return _describe(layer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the layer that ``serialize`` described in ``config``; one that is made already is returned as it is.

    Args:
        config: what ``serialize`` returned, here or in Keras.
        custom_objects: classes and functions of your own, by name.

    Raises:
        ArgumentError: something else than a layer is described.
        FormatError: the description lacks a part, or needs what ``custom_objects`` does not hold.
    """
    made = _make(config, custom_objects)
    if not isinstance(made, Layer):
        raise ArgumentError(f"layers.deserialize() expects the description of a layer, got that of {made!r:.80}.")
    return made
