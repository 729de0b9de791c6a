"""Slots without subnormal numbers, which a processor computes with many times more slowly.

A running mean whose gradient has stopped (a dead unit's, a silent feature's) shrinks by a factor a step until it
cannot shrink any further: 0.9 times 4 of the smallest numbers there are is rounded to 4 again. There it would stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from denselite.ops.op import Array
from denselite.program.arena import runs
from denselite.tensor.variable import Variable

__all__ = ["EVERY", "bind_flushing"]

EVERY = 128  # steps from one look to the next, which takes about as long as an Adam sweep
BLOCK = 8192  # elements looked at at a time, which stay in cache


def bind_flushing(kept: Sequence[Mapping[str, Variable]], done: Array) -> list[Callable[[], None]]:
    """Return the call, if there is anything to look at, that sets subnormal numbers to 0 every ``EVERY`` steps.

    All others stay as they are. Keras on JAX computes with 0 in their place at every step.

    Args:
        kept: the slots of each weight by name.
        done: how many steps were made before, 0-d. Whether a step looks follows from it, so that a run that is
            resumed repeats the one that was not.
    """
    names = dict.fromkeys(name for slots in kept for name in slots)
    arrays = [slots[name].storage for name in names for slots in kept if name in slots]
    pieces = [piece for (piece,) in runs([arrays])] if arrays else []
    blocks = [piece[start : start + BLOCK] for piece in pieces for start in range(0, piece.size, BLOCK)]
    most = max((block.size for block in blocks), default=0)
    found = np.empty(most, bool)  # made here: a step allocates nothing large
    sizes = {block.dtype: np.empty(most, block.dtype) for block in blocks}

    def flush() -> None:
        if done.item() % EVERY == EVERY - 1:
            for block in blocks:
                size, small = sizes[block.dtype][: block.size], found[: block.size]
                np.abs(block, size)
                np.less(size, np.finfo(block.dtype).tiny, small)
                np.copyto(block, 0, where=small)

    return [flush] if blocks else []
