"""Arenas: variables side by side in one flat array, so that an update is one sweep.

A variable is packed once, by the first arena that wants it, and stays there. An arena made later
over the same variables (another model that shares a layer, some of them frozen) finds them where
they lie: its own layout holds for gradients, and ``runs`` says what can be swept in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from denselite.ops.op import Array
from denselite.program.memory import ALIGNMENT, aligned
from denselite.tensor.variable import Variable

__all__ = ["Arena", "runs"]


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


def runs(columns: Sequence[Sequence[Array]]) -> list[list[Array]]:
    """Join arrays that lie side by side, in every column alike, into flat ones.

    Args:
        columns: lists of equally many arrays, the k-th of each of one size (weights, gradients and
            optimizer slots of the k-th variable).

    Returns:
        Groups of flat arrays, one for each column, that cover all of it in as few pieces as possible.
    """
    groups: list[tuple[int, int]] = []
    for k in range(len(columns[0])):
        if groups and _adjoin(columns, *groups[-1], k):
            groups[-1] = (groups[-1][0], k)
        else:
            groups.append((k, k))
    return [[_span(column[first], column[last]) for column in columns] for first, last in groups]


def _adjoin(columns: Sequence[Sequence[Array]], first: int, last: int, k: int) -> bool:
    """Array ``k`` starts on the cache line after ``last``, at one distance from ``first`` in all columns."""
    if any(column[first].base is None or column[k].base is not column[first].base for column in columns):
        return False
    distances = {_address(column[k]) - _address(column[first]) for column in columns}
    gap = _address(columns[0][k]) - _address(columns[0][last]) - columns[0][last].nbytes
    return len(distances) == 1 and 0 <= gap < ALIGNMENT


def _address(array: Array) -> int:
    return array.ctypes.data


def _span(first: Array, last: Array) -> Array:
    if first is last:
        return first.reshape(-1)
    owner: Any = first.base
    start = _address(first) - _address(owner)
    length = _address(last) + last.nbytes - _address(first)
    flat: Array = owner.view(np.uint8)[start : start + length].view(first.dtype)
    return flat
