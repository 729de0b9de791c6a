"""Comparison, logic and choice. What is true or false has no gradient; what ``where`` picks has."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.elementwise import elementwise
from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.tensor.dispatch import covers

__all__ = [
    "equal", "greater", "greater_equal", "isfinite", "isnan", "less", "less_equal",
    "logical_and", "logical_not", "logical_or", "logical_xor", "not_equal", "where",
]  # fmt: skip


equal = elementwise(np.equal, None)
not_equal = elementwise(np.not_equal, None)
greater = elementwise(np.greater, None)
greater_equal = elementwise(np.greater_equal, None)
less = elementwise(np.less, None)
less_equal = elementwise(np.less_equal, None)
logical_and = elementwise(np.logical_and, None)
logical_or = elementwise(np.logical_or, None)
logical_xor = elementwise(np.logical_xor, None)
logical_not = elementwise(np.logical_not, None)
isnan = elementwise(np.isnan, None)
isfinite = elementwise(np.isfinite, None)


def _where_infer(condition: Any, x: Any, y: Any) -> Spec:
    return np.broadcast_shapes(condition.shape, x.shape, y.shape), np.result_type(x.dtype, y.dtype)


def _where_kernel(run: Run, out: Array, condition: Array, x: Array, y: Array) -> None:
    run(np.copyto, out, y)
    run(np.copyto, out, x, where=condition)


_where = Op(
    "where", _where_infer, _where_kernel, vjp=lambda g, out, c, x, y: (None, where(c, g, 0.0), where(c, 0.0, g)), reads=("0",),
    sample=lambda rng: ([rng.random((3, 4)) < 0.5, rng.normal(size=(3, 4)), rng.normal(size=4)], {}),
)  # fmt: skip


@covers(np.where)
@public
def where(condition: Any, x1: Any, x2: Any) -> Any:
    """Return ``x1`` where ``condition`` holds and ``x2`` elsewhere; shapes broadcast.

    Example:
        >>> where(np.array([True, False]), 1.0, 2.0).tolist()
        [1.0, 2.0]
    """
    if getattr(condition, "dtype", bool) != np.bool_:
        condition = np.not_equal(condition, 0)
    if np.isscalar(x1) and np.isscalar(x2):
        x1 = np.asarray(x1)
    return _where(condition, *_same_company(x1, x2))


def _same_company(x1: Any, x2: Any) -> tuple[Any, Any]:
    """A Python number takes the dtype of the other choice, not of the condition."""
    if type(x1) in (bool, int, float) and hasattr(x2, "dtype"):
        return np.asarray(x1, np.result_type(x2.dtype, x1)), x2
    if type(x2) in (bool, int, float) and hasattr(x1, "dtype"):
        return x1, np.asarray(x2, np.result_type(x1.dtype, x2))
    return x1, x2
