"""Sums by place: what histograms, confusion matrices and curves over thresholds are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.indexing import take
from denselite.ops.op import Array, Op, Run

__all__ = ["bin_sums"]


def _kernel(run: Run, out: Array, values: Array, places: Array, *, bins: int) -> None:
    run(out.fill, 0)
    run(np.add.at, out, places, values)


_bin_sums = Op(
    "bin_sums",
    infer=lambda values, places, *, bins: ((bins,), values.dtype),
    kernel=_kernel,
    vjp=lambda g, out, values, places, *, bins: (take(g, places), None),
    reads=("1",),
    flops=lambda out, values, places, **_: values.size,
    sample=lambda rng: ([rng.normal(size=6), np.array([0, 3, 1, 3, 0, 3])], {"bins": 4}),
)


def bin_sums(values: Any, places: Any, bins: int) -> Any:
    """Return for each bin the sum of the values that have their place there.

    Args:
        values: numbers.
        places: the bin of each, from 0 to ``bins - 1``.
        bins: how many there are.

    Shapes:
        ``values: (n,)``, ``places: (n,)`` -> ``(bins,)``.

    Example:
        >>> bin_sums(np.array([1.0, 2.0, 4.0]), np.array([2, 0, 2]), 3).tolist()
        [2.0, 0.0, 5.0]
    """
    return _bin_sums(values, places, bins=bins)
