"""Reductions: sums, means, extremes and products over axes."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod as product
from typing import Any

import numpy as np

from denselite.errors import ArgumentError
from denselite.ops.apart import along, broadcast, over
from denselite.ops.elementwise import clip, exp, log, square
from denselite.ops.identity import cast, stop_gradient
from denselite.ops.last_axis import sums, sums_by_blas
from denselite.ops.logic import where
from denselite.ops.op import Array, Op, Run, Spec, as_float, public, scalar
from denselite.ops.shaping import normalize_axis, reshape
from denselite.tensor.dispatch import covers

__all__ = ["all", "any", "argmax", "argmin", "cumsum", "logsumexp", "max", "mean", "min", "prod", "std", "sum", "var"]

Axis = int | Sequence[int] | None


def _axes(x: Any, axis: Axis, who: str) -> tuple[int, ...]:
    rank = np.ndim(x)
    if axis is None:
        return tuple(range(rank))
    axes = sorted(normalize_axis(a, rank, who) for a in ([axis] if isinstance(axis, int | np.integer) else axis))
    if len(set(axes)) < len(axes):
        raise ArgumentError(f"{who} expects each axis once, got axis={axis} for {rank} axes.")
    return tuple(axes)


def _reduced(shape: Sequence[int], axes: tuple[int, ...], keepdims: bool) -> tuple[int, ...]:
    return tuple(1 if i in axes else size for i, size in enumerate(shape) if keepdims or i not in axes)


def _infer(ufunc: np.ufunc) -> Any:
    def infer(x: Any, *, axes: tuple[int, ...], keepdims: bool) -> Spec:
        probe = ufunc.reduce(np.ones(1, x.dtype))  # NumPy's own widening of small integers and bools
        return _reduced(x.shape, axes, keepdims), probe.dtype

    return infer


def _kernel(ufunc: np.ufunc) -> Any:
    def kernel(run: Run, out: Array, x: Array, *, axes: tuple[int, ...], keepdims: bool) -> None:
        run(ufunc.reduce, x, axes if len(axes) != 1 else axes[0], None, out, keepdims)

    return kernel


def sum_kernel(run: Run, out: Array, x: Array, *, axes: tuple[int, ...], keepdims: bool) -> None:
    """Put the sum of ``x`` over ``axes`` into ``out``: by BLAS where it can."""
    blas = x.dtype == out.dtype and x.dtype in (np.float32, np.float64)
    rows = product(x.shape[:-1])
    if blas and axes == tuple(range(x.ndim - 1)) and rows > 1 and (x.ndim == 2 or x.flags.c_contiguous):
        columns = x.reshape(rows, x.shape[-1])
        run(np.ones(rows, x.dtype).dot, columns, out.reshape(x.shape[-1]))  # half the time of add.reduce
    elif axes and axes == tuple(range(x.ndim - len(axes), x.ndim)) and sums_by_blas(x, out):
        sums(run, out, x)
    else:
        _kernel(np.add)(run, out, x, axes=axes, keepdims=keepdims)


def _restore(value: Any, x: Any, axes: tuple[int, ...]) -> Any:
    """Give a reduced value its lost axes back, with size 1."""
    return reshape(value, _reduced(x.shape, axes, keepdims=True))


def _extreme_vjp(g: Any, out: Any, x: Any, *, axes: tuple[int, ...], keepdims: bool) -> tuple[Any]:
    """The gradient goes to the extreme; ties share it, as in JAX."""
    hit = np.astype(np.equal(x, _restore(out, x, axes)), x.dtype)
    return (hit * (_restore(g, x, axes) / _restore(sum(hit, axes), x, axes)),)


def _sample(rng: np.random.Generator) -> Any:
    return [rng.normal(size=(3, 4, 2)) + 3.0], {"axes": (1,), "keepdims": False}


def _prod_vjp(g: Any, out: Any, x: Any, *, axes: tuple[int, ...], keepdims: bool) -> tuple[Any]:
    """The product of the others: of all that is not 0 by its own value, nothing where another is 0."""
    zero = np.equal(x, 0.0)
    nonzero = where(zero, 1.0, x)
    other_zeros = _restore(sum(zero, axes), x, axes) - np.astype(zero, np.int64)
    product_of_all = np.broadcast_to(_restore(prod(nonzero, axes), x, axes), x.shape)
    return (_restore(g, x, axes) * where(np.equal(other_zeros, 0), product_of_all, 0.0) / nonzero,)


def _count(out: Any, x: Any, **_: Any) -> int:
    return product(x.shape)


def _truths(rng: np.random.Generator) -> Any:
    return [rng.random((3, 4)) < 0.5], {"axes": (1,), "keepdims": False}


_sum = Op(
    "sum",
    _infer(np.add),
    sum_kernel,
    vjp=lambda g, out, x, *, axes, keepdims: (np.broadcast_to(_restore(g, x, axes), x.shape),),
    flops=_count,
    apart=over,
    sample=_sample,
)
_prod = Op(
    "prod", _infer(np.multiply), _kernel(np.multiply), vjp=_prod_vjp, reads=("0",), flops=_count, apart=over,
    sample=_sample,
)  # fmt: skip


def _extreme(name: str, ufunc: np.ufunc) -> Op:
    """NumPy 2.1 reduces an operand with negative strides into ``out`` wrongly: hence ``contiguous``."""
    return Op(
        name, _infer(ufunc), _kernel(ufunc), vjp=_extreme_vjp, reads=("0", "out"), contiguous=(0,), flops=_count,
        apart=over, sample=_sample,
    )  # fmt: skip


_max = _extreme("max", np.maximum)
_min = _extreme("min", np.minimum)
_any = Op("any", _infer(np.logical_or), _kernel(np.logical_or), flops=_count, apart=over, sample=_truths)
_all = Op("all", _infer(np.logical_and), _kernel(np.logical_and), flops=_count, apart=over, sample=_truths)


def _reduction(op: Op, *numpy: Any) -> Any:
    def call(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
        return op(x, axes=_axes(x, axis, op.name), keepdims=bool(keepdims))

    call.__name__ = call.__qualname__ = op.name
    call.__doc__ = f"Return ``numpy.{op.name}(x, axis, keepdims=keepdims)``: over all axes when ``axis`` is None."
    return covers(*numpy)(public(call))


sum = _reduction(_sum, np.sum)
prod = _reduction(_prod, np.prod)
max = _reduction(_max, np.max, np.amax)
min = _reduction(_min, np.min, np.amin)
any = _reduction(_any, np.any)
all = _reduction(_all, np.all)


def _divide_kernel(run: Run, out: Array, x: Array, *, sizes: tuple[int, ...]) -> None:
    count = product(sizes)
    run(np.multiply, x, scalar(1.0 / count if count else np.nan, out), out)


divide_by_count: Op = Op(
    "divide_by_count",
    infer=lambda x, *, sizes: (x.shape, as_float(x.dtype)),
    kernel=_divide_kernel,
    vjp=lambda g, out, x, *, sizes: (divide_by_count(g, sizes=sizes),),
    inplace=(0,),
    apart=broadcast,
    sample=lambda rng: ([rng.normal(size=3)], {"sizes": (2, 5)}),
)


@covers(np.mean)
@public
def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the mean of ``x`` over ``axis``, over all axes when it is None; ``keepdims`` leaves them with size 1.

    Example:
        >>> mean(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=0).tolist()
        [2.0, 3.0]
    """
    axes = _axes(x, axis, "mean")
    shape = np.shape(x)
    return divide_by_count(sum(x, axes, keepdims), sizes=tuple(shape[a] for a in axes))


@covers(np.var)
@public
def var(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the (population) variance over ``axis``, in two passes: ``mean((x - mean(x))²)``.

    ``axis`` and ``keepdims`` are those of ``mean``.

    Example:
        >>> float(var(np.array([1.0, 3.0])))
        1.0
    """
    return mean(square(x - mean(x, axis, keepdims=True)), axis, keepdims)


@covers(np.std)
@public
def std(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the (population) standard deviation ``sqrt(var(x, axis, keepdims))``.

    Example:
        >>> float(std(np.array([1.0, 3.0])))
        1.0
    """
    return np.sqrt(var(x, axis, keepdims))


def _finite(dtype: np.dtype[Any]) -> tuple[float, float]:
    limits = np.finfo(as_float(dtype))
    return float(limits.min), float(limits.max)


@public
def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``log(sum(exp(x), axis, keepdims))``, finite for every finite ``x``; over all axes for None.

    Example:
        >>> float(logsumexp(np.array([1e4, 1e4]))) == 1e4 + float(np.log(2.0))
        True
    """
    axes = _axes(x, axis, "logsumexp")
    top = stop_gradient(max(x, axes, keepdims=True))
    top = cast(top, as_float(top.dtype))
    top = clip(top, *_finite(top.dtype))  # where all is -inf, x - top is not NaN
    total = log(sum(exp(x - top), axes, keepdims=True)) + top
    return total if keepdims else reshape(total, _reduced(np.shape(x), axes, keepdims=False))


_cumsum: Op = Op(
    "cumsum",
    infer=lambda x, *, axis: (x.shape, _infer(np.add)(x, axes=(axis,), keepdims=True)[1]),
    kernel=lambda run, out, x, *, axis: run(np.add.accumulate, x, axis, None, out),
    vjp=lambda g, out, x, *, axis: (np.flip(_cumsum(np.flip(g, axis), axis=axis), axis),),
    apart=along,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"axis": 1}),
)


@covers(np.cumsum)
@public
def cumsum(x: Any, axis: int | None = None) -> Any:
    """Return the running sums along ``axis`` (of flat ``x`` when None).

    Example:
        >>> cumsum(np.array([1.0, 2.0, 3.0])).tolist()
        [1.0, 3.0, 6.0]
    """
    if axis is None:
        x, axis = reshape(x, (product(np.shape(x)),)), 0
    return _cumsum(x, axis=normalize_axis(axis, np.ndim(x), "cumsum"))


def _arg(ufunc_name: str, function: Any) -> Any:
    def kernel(run: Run, out: Array, x: Array, *, axis: int) -> None:
        run(getattr(x, ufunc_name), axis, out)

    op = Op(
        ufunc_name,
        infer=lambda x, *, axis: (_reduced(x.shape, (axis,), keepdims=False), np.dtype(np.intp)),
        kernel=kernel,
        apart=along,
        sample=lambda rng: ([rng.normal(size=(3, 4))], {"axis": 1}),
    )

    def call(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
        flat = x if axis is not None else reshape(x, (-1,))
        place = normalize_axis(0 if axis is None else axis, np.ndim(flat), ufunc_name)
        found = op(flat, axis=place)
        return reshape(found, _reduced(np.shape(x), _axes(x, axis, ufunc_name), keepdims=True)) if keepdims else found

    call.__name__ = call.__qualname__ = ufunc_name
    call.__doc__ = (
        f"Return ``numpy.{ufunc_name}(x, axis, keepdims=keepdims)``: the first index of equals; of flat ``x`` for None."
    )
    return covers(function)(public(call))


argmax = _arg("argmax", np.argmax)
argmin = _arg("argmin", np.argmin)
