"""Randomness by key: what is drawn follows from a seed and a few numbers, not from what was drawn before.

A shuffle is drawn from (seed, epoch), a dropout mask from (seed, call site, step), a weight from
the seed its initializer was given. Seeds that nobody gave come from one sequence of the library's
own, which ``set_seed`` restarts. NumPy's global generator is never used.
"""

from __future__ import annotations

import os
import threading

import numpy as np

from denselite.errors import ArgumentError
from denselite.tensor.dtypes import is_integer

__all__ = ["generator", "mix", "next_seed", "set_seed"]

_MASK = (1 << 64) - 1


class _SeedSequence:
    """The seeds of everything that was given none: the i-th follows from (root, i)."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.restart(int.from_bytes(os.urandom(8), "little"))

    def restart(self, root: int) -> None:
        with self.lock:
            self.root, self.given = root, 0

    def next(self) -> int:
        with self.lock:
            self.given += 1
            return mix(self.root, self.given) >> 1


def mix(*words: int) -> int:
    """Hash words to 64 bits (SplitMix64's finaliser, applied word by word)."""
    state = 0
    for word in words:
        state = (state + word + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state


_sequence = _SeedSequence()


def set_seed(seed: int) -> None:
    """Restart the library's own sequence of seeds.

    Args:
        seed: an integer, 0 or larger.

    Raises:
        ArgumentError: ``seed`` is no such integer.
    """
    if not is_integer(seed) or seed < 0:
        raise ArgumentError(f"A seed is an integer >= 0, got {seed!r}.")
    _sequence.restart(int(seed))


def next_seed() -> int:
    """Return a fresh 63-bit seed for something that was given none."""
    return _sequence.next()


def generator(seed: int, *words: int) -> np.random.Generator:
    """Return a generator that depends on the key ``(seed, *words)`` alone.

    Example:
        >>> generator(7, 1).random() == generator(7, 1).random()
        True
        >>> generator(7, 1).random() == generator(7, 2).random()
        False
    """
    return np.random.Generator(np.random.Philox(key=np.array([seed & _MASK, mix(*words)], np.uint64)))
