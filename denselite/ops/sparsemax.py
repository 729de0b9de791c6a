"""``sparsemax``: a softmax that gives small entries exactly 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.apart import along
from denselite.ops.identity import cast
from denselite.ops.logic import greater, keep
from denselite.ops.op import Array, Op, Run, Spec, as_float, public, scalar
from denselite.ops.reduction import sum as sum_over
from denselite.ops.shaping import normalize_axis

__all__ = ["sparsemax"]


def _spec(x: Any, *, axis: int) -> Spec:
    return x.shape, as_float(x.dtype)


def _kernel(run: Run, out: Array, x: Array, ranked: Array, row: Array, *, axis: int) -> None:
    """The threshold is the largest ``(sum of the k largest - 1) / k``; here all is negative, and counted from the top.

    Counting from the largest entry keeps the sums small, so that they are exact to rounding.
    """
    counts = np.arange(1, x.shape[axis] + 1, dtype=out.dtype).reshape([-1] + [1] * (x.ndim - axis - 1))
    run(np.maximum.reduce, x, axis, None, row, True)
    run(np.subtract, row, x, ranked)
    run(np.negative, ranked, out)
    run(ranked.sort, axis)
    run(np.add.accumulate, ranked, axis, None, ranked)
    run(np.add, ranked, scalar(1, out), ranked)
    run(np.divide, ranked, counts, ranked)
    run(np.minimum.reduce, ranked, axis, None, row, True)
    run(np.add, out, row, out)
    run(np.maximum, out, scalar(0, out), out=out)


def _vjp(g: Any, out: Any, x: Any, *, axis: int) -> tuple[Any]:
    """Entries that are not 0 share what moves them: each gets its gradient less their mean."""
    positive = greater(out, 0.0)
    count = sum_over(cast(positive, g.dtype), axis, keepdims=True)
    mean = sum_over(keep(positive, g), axis, keepdims=True) / count
    return (keep(positive, g - mean),)


_sparsemax = Op(
    "sparsemax",
    infer=_spec,
    kernel=_kernel,
    scratch=lambda x, *, axis: [
        _spec(x, axis=axis),
        ((*x.shape[:axis], 1, *x.shape[axis + 1 :]), as_float(x.dtype)),
    ],
    vjp=_vjp,
    reads=("out",),
    inplace=(0,),
    contiguous=(0,),  # for the maximum in it, as in reduction.py
    flops=lambda out, x, *, axis: 10 * out.size,
    apart=along,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"axis": 1}),
)


@public
def sparsemax(x: Any, axis: int = -1) -> Any:
    """Return the probabilities nearest to ``x`` along ``axis``: ``max(x - τ, 0)``, with the τ that makes their sum 1.

    Keras 3.15 takes too large a τ where more than one entry stays above 0, so that its sums are less
    than 1; it has been corrected since.

    Source:
        Martins and Astudillo, 2016, "From Softmax to Sparsemax".

    Example:
        >>> sparsemax(np.array([-1.0, 0.5, 1.0])).tolist()
        [0.0, 0.25, 0.75]
    """
    return _sparsemax(x, axis=normalize_axis(axis, np.ndim(x), "sparsemax"))
