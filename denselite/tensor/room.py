"""Room: how much memory new variables may take while a model is made from a file.

A description of 200 bytes can ask for a layer of 10¹⁸ weights. While a file is loaded, what is made from it
claims its bytes here first, and there is room for as much as the file itself holds. Outside of loading nothing
is limited.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod

from denselite.errors import FormatError

__all__ = ["claim", "restoring", "room", "spare"]

SPARE = 1 << 24  # bytes that a model from a file may take for what is computed from its description and goes again


class _Room:
    def __init__(self, size: int) -> None:
        self.size = self.left = size


_present: ContextVar[_Room | None] = ContextVar("room", default=None)


@contextmanager
def room(size: int) -> Iterator[None]:
    """Within, variables may take ``size`` bytes together, and weights wait for their values as zeros.

    Example:
        >>> with room(100):
        ...     claim("a", (4, 4), 4)
        ...     claim("b", (10,), 4)
        Traceback (most recent call last):
        denselite.errors.FormatError: b of shape (10,) takes 40 bytes, and the file holds 100 for all there is.
    """
    token = _present.set(_Room(size))
    try:
        yield
    finally:
        _present.reset(token)


def restoring() -> bool:
    """Say whether a model is being made whose weights come from a file."""
    return _present.get() is not None


def claim(who: str, shape: tuple[int, ...], itemsize: int) -> None:
    """Take room for an array, before it is made.

    Args:
        who: what it is for.
        shape: its shape.
        itemsize: the bytes of an element.

    Raises:
        FormatError: a model is being made from a file, and the file does not hold as much.
    """
    present = _present.get()
    if present is None:
        return
    size = prod(map(int, shape)) * itemsize
    if size > present.left:
        raise FormatError(
            f"{who} of shape {shape} takes {size} bytes, and the file holds {present.size} for all there is."
        )
    present.left -= size


def spare(who: str, shape: tuple[int, ...], itemsize: int) -> None:
    """Refuse an array, before it is made, that is large and no weight, in a model from a file.

    Args:
        who: what it is.
        shape: its shape.
        itemsize: the bytes of an element.

    Raises:
        FormatError: a model is being made from a file, and the array takes more than ``SPARE`` bytes.

    Example:
        >>> spare("a", (10**9,), 8)
        >>> with room(100):
        ...     spare("a", (10**9,), 8)
        Traceback (most recent call last):
        denselite.errors.FormatError: a of shape (1000000000,) takes 8000000000 bytes, more than a file may ask for.
    """
    size = prod(map(int, shape)) * itemsize
    if restoring() and size > SPARE:
        raise FormatError(f"{who} of shape {shape} takes {size} bytes, more than a file may ask for.")
