"""Comparison, logic and choice. What is true or false has no gradient; what ``where`` picks has."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.apart import broadcast
from denselite.ops.elementwise import elementwise
from denselite.ops.op import Array, Op, Run, Spec, as_operands, public
from denselite.tensor.dispatch import covers
from denselite.tensor.dtypes import joint_dtype

__all__ = [
    "equal", "greater", "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal",
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
isinf = elementwise(np.isinf, None)
isfinite = elementwise(np.isfinite, None)


def _bits(array: Array) -> Array:
    """The same memory as integers: choosing among floats is arithmetic on their bits."""
    return array.view(f"i{array.itemsize}")


def _keep_kernel(run: Run, out: Array, condition: Array, x: Array) -> None:
    run(np.multiply, _bits(x), _bits(condition), _bits(out))


_keep: Op = Op(
    "keep",
    infer=lambda condition, x: (np.broadcast_shapes(condition.shape, x.shape), x.dtype),
    kernel=_keep_kernel,
    vjp=lambda g, out, c, x: (None, _keep(c, g)),
    reads=("0",),
    inplace=(1,),
    apart=broadcast,
    sample=lambda rng: ([rng.random((3, 4)) < 0.5, rng.normal(size=(3, 4))], {}),
)


def keep(condition: Any, x: Any) -> Any:
    """Return ``x`` where ``condition`` holds and 0 elsewhere, even where ``x`` is NaN.

    A product of bits takes a thirtieth of the time of a masked copy, whose branches a processor
    cannot foresee.
    """
    return _keep(condition, x)


def _where_infer(condition: Any, x: Any, y: Any) -> Spec:
    return np.broadcast_shapes(condition.shape, x.shape, y.shape), joint_dtype(x.dtype, y.dtype)


def _where_kernel(run: Run, out: Array, condition: Array, x: Array, y: Array) -> None:
    if x.dtype == y.dtype:
        bits = _bits(out)
        run(np.bitwise_xor, _bits(x), _bits(y), bits)
        run(np.multiply, bits, _bits(condition), bits)
        run(np.bitwise_xor, bits, _bits(y), bits)
    else:
        run(np.copyto, out, y)
        run(np.copyto, out, x, where=condition)


_where = Op(
    "where",
    _where_infer,
    _where_kernel,
    vjp=lambda g, out, c, x, y: (None, _keep(c, g), _keep(logical_not(c), g)),
    reads=("0",),
    inplace=(1,),
    flops=lambda out, *_: 3 * out.size,
    apart=broadcast,
    sample=lambda rng: ([rng.random((3, 4)) < 0.5, rng.normal(size=(3, 4)), rng.normal(size=4)], {}),
)


@covers(np.where)
@public
def where(condition: Any, x1: Any, x2: Any) -> Any:
    """Return ``x1`` where ``condition`` holds and ``x2`` elsewhere; shapes broadcast.

    Example:
        >>> where(np.array([True, False]), np.array([1.0, 2.0]), 0.0).tolist()
        [1.0, 0.0]
    """
    condition = condition if hasattr(condition, "dtype") else np.asarray(condition)
    if condition.dtype != np.bool_:
        condition = not_equal(condition, 0)
    one, other = as_operands("where", (x1, x2))  # a Python number takes the other's dtype, not the condition's
    if one.dtype == other.dtype and _is_zero(x2):
        return keep(condition, one)
    if one.dtype == other.dtype and _is_zero(x1):
        return keep(logical_not(condition), other)
    return _where(condition, one, other)


def _is_zero(x: Any) -> bool:
    return type(x) in (int, float) and x == 0
