"""Gradient accumulation: several steps give one update, by the mean of their gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from denselite.ops.op import Array
from denselite.program.arena import runs

__all__ = ["bind_accumulation"]

Call = Callable[[], Any]


def bind_accumulation(
    gradients: Sequence[Array], sums: Sequence[Array], step: Array, every: int, update: Sequence[Call]
) -> Call:
    """Return what a step does: add its gradients to the sums, or update by the mean and start the sums anew.

    Args:
        gradients: an array for each weight, overwritten with the mean before an update.
        sums: the sum of the gradients since the last update, for each weight.
        step: how many steps were made before, 0-d.
        every: steps for one update.
        update: the calls of an update.
    """
    add: list[Call] = []
    average: list[Call] = []
    for gradient, total in runs([gradients, sums]):
        add.append(partial(np.add, total, gradient, total))
        average += [
            partial(np.add, gradient, total, gradient),
            partial(np.divide, gradient, np.asarray(every, gradient.dtype), gradient),
            partial(total.fill, 0),
        ]
    due = [*average, *update]

    def accumulate() -> None:
        for call in due if (int(step) + 1) % every == 0 else add:
            call()

    return accumulate
