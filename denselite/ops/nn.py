"""The functions nets are made of that have a kernel of their own: relu, elu, sigmoid, softplus, softmax."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.apart import along, broadcast
from denselite.ops.last_axis import largest, turned
from denselite.ops.logic import greater, keep, where
from denselite.ops.op import Array, Op, Run, Spec, as_float, public, scalar
from denselite.ops.reduction import sum as sum_over
from denselite.ops.reduction import sum_kernel
from denselite.ops.shaping import normalize_axis

__all__ = ["elu", "log_softmax", "relu", "sigmoid", "softmax", "softplus"]


def _float_like(x: Any, **_: Any) -> Spec:
    return x.shape, as_float(x.dtype)


def _normal(rng: np.random.Generator) -> Any:
    return [rng.normal(size=(3, 4))], {}


def _relu_kernel(run: Run, out: Array, x: Array) -> None:
    run(np.maximum, x, scalar(0, out), out=out)


_relu = Op(
    "relu",
    infer=lambda x: (x.shape, x.dtype),
    kernel=_relu_kernel,
    vjp=lambda g, out, x: (keep(greater(out, 0.0), g),),
    reads=("out",),
    inplace=(0,),
    apart=broadcast,
    sample=_normal,
)


@public
def relu(x: Any) -> Any:
    """Return ``max(x, 0)``; its gradient at 0 is 0.

    Example:
        >>> relu(np.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]
    """
    return _relu(x)


def _sigmoid_kernel(run: Run, out: Array, x: Array) -> None:
    run(np.negative, x, out)
    run(np.exp, out, out)
    run(np.add, out, scalar(1, out), out)
    run(np.reciprocal, out, out)


_sigmoid = Op(
    "sigmoid",
    infer=_float_like,
    kernel=_sigmoid_kernel,
    vjp=lambda g, out, x: (g * out * (1.0 - out),),
    reads=("out",),
    inplace=(0,),
    flops=lambda out, x: 4 * out.size,
    apart=broadcast,
    sample=_normal,
)


@public
def sigmoid(x: Any) -> Any:
    """Return ``1 / (1 + exp(-x))``.

    Example:
        >>> sigmoid(np.array([0.0])).tolist()
        [0.5]
    """
    return _sigmoid(x)


def _rows(x: Any, *, axis: int) -> list[Spec]:
    return [((*x.shape[:axis], 1, *x.shape[axis + 1 :]), _float_like(x)[1]), turned(x)]


def _subtract_largest(run: Run, out: Array, x: Array, row: Array, columns: Array, axis: int) -> None:
    if axis == x.ndim - 1:
        largest(run, row, x, columns)
    else:
        run(np.maximum.reduce, x, axis, None, row, True)
    run(np.subtract, x, row, out)


def _softmax_kernel(run: Run, out: Array, x: Array, row: Array, columns: Array, *, axis: int) -> None:
    _subtract_largest(run, out, x, row, columns, axis)
    run(np.exp, out, out)
    sum_kernel(run, row, out, axes=(axis,), keepdims=True)
    run(np.divide, out, row, out)


_softmax = Op(
    "softmax",
    infer=_float_like,
    kernel=_softmax_kernel,
    scratch=_rows,
    vjp=lambda g, out, x, *, axis: (_softmax_vjp(g, out, axis),),
    reads=("out",),
    inplace=(0,),
    contiguous=(0,),  # for the maximum in it, as in reduction.py
    flops=lambda out, x, *, axis: 5 * out.size,
    apart=along,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"axis": 1}),
)


def _softmax_vjp(g: Any, out: Any, axis: int) -> Any:
    weighted = g * out
    return weighted - out * sum_over(weighted, axis, keepdims=True)


@public
def softmax(x: Any, axis: int = -1) -> Any:
    """Return ``exp(x) / sum(exp(x))`` over ``axis``, finite for every finite ``x``.

    Example:
        >>> softmax(np.array([1e4, 1e4])).tolist()
        [0.5, 0.5]
    """
    return _softmax(x, axis=normalize_axis(axis, np.ndim(x), "softmax"))


def _log_softmax_kernel(
    run: Run, out: Array, x: Array, row: Array, columns: Array, exponentials: Array, *, axis: int
) -> None:
    _subtract_largest(run, out, x, row, columns, axis)
    run(np.exp, out, exponentials)
    sum_kernel(run, row, exponentials, axes=(axis,), keepdims=True)
    run(np.log, row, row)
    run(np.subtract, out, row, out)


_log_softmax = Op(
    "log_softmax",
    infer=_float_like,
    kernel=_log_softmax_kernel,
    scratch=lambda x, *, axis: [*_rows(x, axis=axis), _float_like(x)],
    vjp=lambda g, out, x, *, axis: (g - np.exp(out) * sum_over(g, axis, keepdims=True),),
    reads=("out",),
    inplace=(0,),
    contiguous=(0,),  # for the maximum in it, as in reduction.py
    flops=lambda out, x, *, axis: 5 * out.size,
    apart=along,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"axis": 1}),
)


@public
def log_softmax(x: Any, axis: int = -1) -> Any:
    """Return ``log(softmax(x))`` over ``axis``, finite for every finite ``x``.

    Example:
        >>> log_softmax(np.array([[0.0, -1e4]])).tolist()
        [[0.0, -10000.0]]
    """
    return _log_softmax(x, axis=normalize_axis(axis, np.ndim(x), "log_softmax"))


def _softplus_kernel(run: Run, out: Array, x: Array, tail: Array) -> None:
    run(np.absolute, x, tail)
    run(np.negative, tail, tail)
    run(np.exp, tail, tail)
    run(np.log1p, tail, tail)
    run(np.maximum, x, scalar(0, out), out=out)
    run(np.add, out, tail, out)


_softplus = Op(
    "softplus",
    infer=_float_like,
    kernel=_softplus_kernel,
    scratch=lambda x: [_float_like(x)],
    vjp=lambda g, out, x: (g * _sigmoid(x),),
    reads=("0",),
    inplace=(0,),
    flops=lambda out, x: 6 * out.size,
    apart=broadcast,
    sample=_normal,
)


@public
def softplus(x: Any) -> Any:
    """Return ``log(1 + exp(x))``, finite for every finite ``x``.

    Example:
        >>> softplus(np.array([1000.0])).tolist()
        [1000.0]
    """
    return _softplus(x)


def _elu_kernel(run: Run, out: Array, x: Array, positive: Array, *, alpha: float) -> None:
    run(np.maximum, x, scalar(0, out), out=positive)
    run(np.minimum, x, scalar(0, out), out=out)
    run(np.expm1, out, out)
    run(np.multiply, out, scalar(alpha, out), out)
    run(np.add, out, positive, out)


_elu = Op(
    "elu",
    infer=_float_like,
    kernel=_elu_kernel,
    scratch=lambda x, *, alpha: [_float_like(x)],
    vjp=lambda g, out, x, *, alpha: (g * where(greater(x, 0.0), 1.0, out + alpha),),
    reads=("0", "out"),
    inplace=(0,),
    flops=lambda out, x, **_: 5 * out.size,
    apart=broadcast,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"alpha": 0.7}),
)


@public
def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return ``x`` where it is positive and ``alpha * (exp(x) - 1)`` elsewhere.

    Example:
        >>> elu(np.array([-1000.0, 2.0])).tolist()
        [-1.0, 2.0]
    """
    return _elu(x, alpha=float(alpha))
