"""Slots: blocks of memory that values with disjoint lives share."""

from __future__ import annotations

from math import prod

import numpy as np

from denselite.ops.op import Array, Spec
from denselite.program.plan import Plan

__all__ = ["Layout", "aligned", "carve", "lay_out", "nbytes_of"]

ALIGNMENT = 64


def aligned(nbytes: int) -> Array:
    """Return fresh memory that starts on a cache line."""
    block = np.empty(nbytes + ALIGNMENT, np.uint8)
    start = -block.ctypes.data % ALIGNMENT
    return block[start : start + nbytes]


def nbytes_of(spec: Spec) -> int:
    """Return the size of an array of some shape and dtype."""
    shape, dtype = spec
    return prod(shape) * dtype.itemsize


def carve(block: Array, spec: Spec) -> Array:
    """Return the front of a block of bytes as an array."""
    shape, dtype = spec
    return block[: nbytes_of(spec)].view(dtype).reshape(shape)


class Layout:
    """Which slot each value and each scratch array uses, and how large the slots are."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.slot_of: dict[int, int] = {}
        self.scratch: dict[int, list[int]] = {}
        self._free: list[int] = []

    def take(self, nbytes: int) -> int:
        """Return the smallest free slot that is large enough, else the largest one grown, else a new one."""
        fitting = [slot for slot in self._free if self.sizes[slot] >= nbytes]
        if fitting:
            slot = min(fitting, key=self.sizes.__getitem__)
        elif self._free:
            slot = max(self._free, key=self.sizes.__getitem__)
            self.sizes[slot] = nbytes
        else:
            return self.add(nbytes)
        self._free.remove(slot)
        return slot

    def add(self, nbytes: int) -> int:
        """Return a new slot."""
        self.sizes.append(nbytes)
        return len(self.sizes) - 1

    def give_back(self, slot: int) -> None:
        """Let others use a slot."""
        self._free.append(slot)


def lay_out(plan: Plan, batch: int) -> Layout:
    """Give each value that needs memory a slot, large enough for ``batch``, walking the lives once."""
    layout = Layout()
    dying: dict[int, list[int]] = {}
    values = plan.graph.values
    for i in plan.instructions():
        if plan.homes[i].kind == "slot":
            nbytes = nbytes_of(values[i].spec_at(batch))
            kept = i in plan.uniform  # made once for all blocks: in memory that no block writes, before or after
            slot = layout.slot_of[i] = layout.add(nbytes) if kept else layout.take(nbytes)
            if not kept:
                dying.setdefault(plan.ends[i], []).append(slot)
        specs = plan.scratch_of(i, batch)
        if specs:
            layout.scratch[i] = [layout.take(nbytes_of(spec)) for spec in specs]
            for slot in layout.scratch[i]:
                layout.give_back(slot)
        for slot in dying.pop(i, ()):
            layout.give_back(slot)
    return layout
