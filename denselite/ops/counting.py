"""Counts that grow with the batch: how many values went into a mean."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from denselite.ops.op import Array, Op, Run, public

__all__ = ["plus_count"]


def _kernel(run: Run, out: Array, total: Array, *, sizes: tuple[int, ...]) -> None:
    run(np.add, total, np.asarray(prod(sizes), out.dtype), out)


_plus_count = Op(
    "plus_count",
    infer=lambda total, *, sizes: (total.shape, total.dtype),
    kernel=_kernel,
    vjp=lambda g, out, total, *, sizes: (g,),
    inplace=(0,),
    sample=lambda rng: ([rng.normal(size=3)], {"sizes": (2, 5)}),
)


@public
def plus_count(total: Any, sizes: tuple[int, ...]) -> Any:
    """Return ``total + prod(sizes)``; one trace serves every batch size, though ``sizes`` has it in it.

    Example:
        >>> float(plus_count(np.array(10.0), (4, 2)))
        18.0
    """
    return _plus_count(total, sizes=tuple(sizes))
