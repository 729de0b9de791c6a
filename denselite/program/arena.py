"""Arenas: variables side by side in one flat array, so that an update is one sweep.

A variable is packed once, by the first arena that wants it, and stays there. An arena made later
over the same variables (another model that shares a layer, some of them frozen) uses them where
they lie: its layout is its own, its values come in as many segments as memory has pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from denselite.ops.op import Array
from denselite.program.memory import ALIGNMENT, aligned
from denselite.tensor.variable import Variable

__all__ = ["Arena", "Segment"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an arena that is one piece of memory: places ``start`` to ``stop`` hold ``values``."""

    start: int
    stop: int
    values: Array


class Arena:
    """A flat layout of variables of one dtype; each starts on a cache line.

    Args:
        variables: variables of one dtype, in order.
    """

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.variables = list(variables)
        self.dtype: np.dtype[Any] = self.variables[0].dtype
        step = ALIGNMENT // self.dtype.itemsize
        self.offsets: list[int] = []
        self.length = 0
        for variable in self.variables:
            self.offsets.append(self.length)
            self.length += -(-variable.size // step) * step
        self._pack()

    def _pack(self) -> None:
        """Move the variables that no arena has yet into one fresh flat array."""
        loose = [i for i, variable in enumerate(self.variables) if not variable.packed]
        if loose:
            flat = self.new()
            for i in loose:
                self.variables[i].move(self.view(flat, i))

    def new(self) -> Array:
        """Return a flat array of zeros in this layout."""
        flat = aligned(self.length * self.dtype.itemsize).view(self.dtype)
        flat[...] = 0
        return flat

    def view(self, flat: Array, i: int) -> Array:
        """Return the part of a flat array that belongs to variable ``i``, in its shape."""
        variable = self.variables[i]
        return flat[self.offsets[i] : self.offsets[i] + variable.size].reshape(variable.shape)

    def segments(self, among: Sequence[int] | None = None) -> list[Segment]:
        """Return the pieces of memory that the variables ``among`` (all by default) lie in."""
        pieces: list[tuple[int, int, int]] = []  # first variable, start, stop
        for i in range(len(self.variables)) if among is None else among:
            start, stop = self.offsets[i], self.offsets[i] + self.variables[i].size
            if pieces and self._adjoins(pieces[-1][0], i, pieces[-1][2], start):
                pieces[-1] = (pieces[-1][0], pieces[-1][1], stop)
            else:
                pieces.append((i, start, stop))
        return [Segment(start, stop, self._memory(i, stop - start)) for i, start, stop in pieces]

    def _adjoins(self, first: int, i: int, stop: int, start: int) -> bool:
        """Variable ``i`` lies behind ``first`` in memory just as it does in the layout."""
        apart = self.offsets[i] - self.offsets[first]
        gap = start - stop < ALIGNMENT // self.dtype.itemsize
        same_block = self.variables[first].storage.base is self.variables[i].storage.base
        a, b = self.variables[first].storage, self.variables[i].storage
        return gap and same_block and b.ctypes.data - a.ctypes.data == apart * self.dtype.itemsize

    def _memory(self, first: int, length: int) -> Array:
        storage = self.variables[first].storage
        if length == storage.size:
            return storage.reshape(-1)
        block: Any = storage.base
        start = storage.ctypes.data - block.ctypes.data
        return block.view(np.uint8)[start : start + length * self.dtype.itemsize].view(self.dtype)  # type: ignore[no-any-return]
