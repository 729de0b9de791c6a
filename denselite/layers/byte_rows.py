"""Texts of one length as the rows of an array of bytes, read as 64-bit numbers: what hashes are computed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from denselite.ops.op import Array

__all__ = ["ALL", "by_length", "read", "rotate", "word"]

ALL = (1 << 64) - 1  # the bits of a number


def by_length(texts: Sequence[bytes], rule: Callable[[Array], Array]) -> Array:
    """Return the hash of each text; ``rule`` takes the texts of one length as ``(n, length)`` bytes."""
    lengths = np.array([len(text) for text in texts], np.intp)
    out = np.empty(len(texts), np.uint64)
    for length in np.unique(lengths):
        places = np.flatnonzero(lengths == length)
        together = np.frombuffer(b"".join(texts[place] for place in places.tolist()), np.uint8)
        out[places] = rule(together.reshape(len(places), length))
    return out


def word(value: int) -> Any:
    """Return a number modulo 2^64."""
    return np.uint64(value & ALL)


def read(rows: Array, start: int, size: int = 8) -> Array:
    """Return ``size`` bytes of each row as one number; the first byte is the lowest."""
    return np.ascontiguousarray(rows[:, start : start + size]).view(f"<u{size}")[:, 0].astype(np.uint64)


def rotate(x: Array, right: int) -> Array:
    """Return numbers with their bits moved to the right, those that fall out coming in on the left."""
    return (x >> np.uint64(right)) | (x << np.uint64(64 - right))
