"""Where an error in a layer happened: the layer, and the line of the user's code."""

from __future__ import annotations

from typing import Any

from denselite.tensor.origin import is_users

__all__ = ["tell_where"]


def tell_where(error: Exception, layer: Any) -> None:
    """Add a note to an error that a layer's ``call`` raised; the innermost layer also tells the line that did."""
    notes = getattr(error, "__notes__", [])
    if not notes:
        line = _line_of_the_users(error)
        if line is not None:
            error.add_note(f"It was raised by {line}")
    if repr(layer.name) not in str(error):
        error.add_note(f"This happened in {type(layer).__name__} {layer.name!r}, in its call().")


def _line_of_the_users(error: Exception) -> str | None:
    """The innermost line that is not the library's, nor NumPy's."""
    import traceback

    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if is_users(frame.filename):
            return f"{frame.filename}:{frame.lineno}: {frame.line}"
    return None
