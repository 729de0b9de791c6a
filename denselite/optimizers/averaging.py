"""Running averages of the weights (EMA), as calls that follow the rule's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from denselite.ops.op import Array
from denselite.program.arena import runs
from denselite.program.sweep import bind_sweep
from denselite.tensor.variable import Variable

__all__ = ["bind_averaging"]

Call = Callable[[], Any]


def bind_averaging(
    pairs: Sequence[tuple[Variable, Variable]], done: Array, momentum: float, frequency: int | None, compiled: bool
) -> list[Call]:
    """Return the calls that bring averages up to date.

    ``average ← momentum·average + (1 - momentum)·w``, at the first update ``average ← w``; then ``w ← average``
    at every update whose number ``frequency`` divides.

    Args:
        pairs: each weight with its average.
        done: how many updates were made before, 0-d.
        momentum: how much of an average stays, 0 to 1.
        frequency: every how many updates the weights are set to their averages; None for never.
        compiled: let Numba make one loop of it.
    """

    def rule(arrays: dict[str, Any], scalars: dict[str, Any]) -> Mapping[str, Any]:
        w, done = arrays["w"], scalars["done"]
        kept = np.not_equal(done, 0).astype(w.dtype) * momentum
        average = arrays["average"] * kept + w * (1 - kept)
        if frequency is None:
            return {"average": average}
        return {"average": average, "w": np.where(np.equal(np.remainder(done + 1, frequency), 0), average, w)}

    calls: list[Call] = []
    for dtype in dict.fromkeys(v.dtype for v, _ in pairs):
        alike = [pair for pair in pairs if pair[0].dtype == dtype]
        columns = [[w.storage for w, _ in alike], [average.storage for _, average in alike]]
        blocks = [{"w": w, "average": average} for w, average in runs(columns)]
        calls += bind_sweep(rule, blocks, {"done": done}, compiled=compiled)
    return calls
