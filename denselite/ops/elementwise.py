"""Elementwise arithmetic and functions: one NumPy ufunc each, shapes broadcast."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from denselite.ops.apart import broadcast
from denselite.ops.op import Array, Op, Run, Spec, public, scalar
from denselite.tensor.dispatch import covers
from denselite.tensor.dtypes import is_float, joint_dtype, standardize_dtype

__all__ = [
    "abs", "absolute", "add", "ceil", "clip", "cos", "divide", "exp", "expm1", "floor", "floor_divide", "log", "log1p",
    "maximum", "minimum", "mod", "multiply", "negative", "power", "reciprocal", "round", "sign", "sin", "sqrt",
    "square", "subtract", "tan", "tanh", "true_divide",
]  # fmt: skip


def elementwise(
    ufunc: np.ufunc,
    vjp: Callable[..., Sequence[Any]] | None,
    reads: tuple[str, ...] = (),
    low: float = -2.0,
    high: float = 2.0,
) -> Callable[..., Any]:
    """Make the public function and the op for a ufunc; samples are drawn from ``[low, high)``."""

    def infer(*operands: Any) -> Spec:
        dtypes = [o.dtype for o in operands]
        found = ufunc.resolve_dtypes((*dtypes, None))[-1]
        if is_float(found):
            found = joint_dtype(*dtypes) if any(map(is_float, dtypes)) else standardize_dtype()
        return np.broadcast_shapes(*(o.shape for o in operands)), found

    def kernel(run: Run, out: Array, *arrays: Array) -> None:
        if is_float(out.dtype) and not any(is_float(a.dtype) for a in arrays):
            run(ufunc, *arrays, out=out, dtype=out.dtype)  # NumPy's own choice for int8 is float16
        elif ufunc in (np.maximum, np.minimum):  # NumPy deprecates their positional out
            run(ufunc, *arrays, out=out)
        else:  # a keyword would cost a tenth of a microsecond a call
            run(ufunc, *arrays, out)

    def sample(rng: np.random.Generator) -> Any:
        shapes = [(3, 4), (4,)][: ufunc.nin]
        return [rng.uniform(low, high, shape) for shape in shapes], {}

    inplace = tuple(range(ufunc.nin))
    op = Op(ufunc.__name__, infer, kernel, vjp=vjp, reads=reads, inplace=inplace, apart=broadcast, sample=sample)

    def call(*operands: Any) -> Any:
        return op(*operands)

    call.__name__ = call.__qualname__ = ufunc.__name__
    operands = "x" if ufunc.nin == 1 else "x1, x2"
    call.__doc__ = f"Return ``numpy.{ufunc.__name__}({operands})``, elementwise; shapes broadcast."
    return covers(ufunc)(public(call))


# A rule of None is a gradient of zero (steps); logic, which gives no floats, has no rule at all.
add = elementwise(np.add, lambda g, out, a, b: (g, g))
subtract = elementwise(np.subtract, lambda g, out, a, b: (g, -g))
multiply = elementwise(np.multiply, lambda g, out, a, b: (g * b, g * a), reads=("0", "1"))
divide = elementwise(np.true_divide, lambda g, out, a, b: (g / b, -(g / b) * out), reads=("1", "out"), low=0.5)
true_divide = divide
maximum = elementwise(np.maximum, lambda g, out, a, b: _share(g, np.greater(a, b), np.equal(a, b)), reads=("0", "1"))
minimum = elementwise(np.minimum, lambda g, out, a, b: _share(g, np.less(a, b), np.equal(a, b)), reads=("0", "1"))
power = elementwise(np.power, lambda g, out, a, b: _power_vjp(g, out, a, b), reads=("0", "1", "out"), low=0.5)
floor_divide = elementwise(np.floor_divide, lambda g, out, a, b: (None, None), low=0.5)
mod = elementwise(np.remainder, lambda g, out, a, b: (g, -(g * np.floor_divide(a, b))), reads=("0", "1"), low=0.5)

negative = elementwise(np.negative, lambda g, out, x: (-g,))
reciprocal = elementwise(np.reciprocal, lambda g, out, x: (-(g * out) * out,), reads=("out",), low=0.5)
absolute = elementwise(np.absolute, lambda g, out, x: (g * _side(x),), reads=("0",))
square = elementwise(np.square, lambda g, out, x: (g * 2.0 * x,), reads=("0",))
sqrt = elementwise(np.sqrt, lambda g, out, x: (g / out * 0.5,), reads=("out",), low=0.5)
exp = elementwise(np.exp, lambda g, out, x: (g * out,), reads=("out",))
expm1 = elementwise(np.expm1, lambda g, out, x: (g * (out + 1.0),), reads=("out",))
log = elementwise(np.log, lambda g, out, x: (g / x,), reads=("0",), low=0.5)
log1p = elementwise(np.log1p, lambda g, out, x: (g / (x + 1.0),), reads=("0",), low=-0.5)
tanh = elementwise(np.tanh, lambda g, out, x: (g * ((1.0 - out) * (1.0 + out)),), reads=("out",))
sin = elementwise(np.sin, lambda g, out, x: (g * np.cos(x),), reads=("0",))
cos = elementwise(np.cos, lambda g, out, x: (-(g * np.sin(x)),), reads=("0",))
tan = elementwise(np.tan, lambda g, out, x: (g * (1.0 + np.square(out)),), reads=("out",), low=-1.0, high=1.0)
sign = elementwise(np.sign, lambda g, out, x: (None,))
floor = elementwise(np.floor, lambda g, out, x: (None,))
ceil = elementwise(np.ceil, lambda g, out, x: (None,))
round = elementwise(np.rint, lambda g, out, x: (None,))
abs = absolute


def _share(g: Any, first: Any, tie: Any) -> tuple[Any, Any]:
    """The gradient of the winner of a comparison; a tie gives half to each, as JAX does."""
    to_first = np.where(tie, g * 0.5, np.where(first, g, 0.0))
    return to_first, g - to_first


def _power_vjp(g: Any, out: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """``b·a^(b-1)`` and ``log(a)·out``; the logarithm of 0 counts as 0, where ``out`` is 0 too."""
    to_exponent = g * out * np.log(np.where(np.equal(a, 0.0), 1.0, a))
    return g * (b * np.power(a, b - 1.0)), to_exponent


def _same_infer(x: Any, **attrs: Any) -> Spec:
    return x.shape, x.dtype


def _side_kernel(run: Run, out: Array, x: Array) -> None:
    run(np.add, x, scalar(0, out), out)  # -0 becomes 0
    run(np.copysign, scalar(1, out), out, out)


# The slope of |x|: -1 below 0, 1 elsewhere; at 0 too, as in Keras (JAX).
_side: Op = Op(
    "side", _same_infer, _side_kernel, vjp=lambda g, out, x: (None,), inplace=(0,),
    apart=broadcast,
    sample=lambda rng: ([rng.uniform(-2, 2, (3, 4))], {}),
)  # fmt: skip


def _clip_kernel(run: Run, out: Array, x: Array, *, low: float | None, high: float | None) -> None:
    source = x
    if low is not None:
        run(np.maximum, source, scalar(low, out), out=out)
        source = out
    if high is not None:
        run(np.minimum, source, scalar(high, out), out=out)


def _clip_vjp(g: Any, out: Any, x: Any, *, low: float | None, high: float | None) -> tuple[Any]:
    """Keras' (JAX's) rule: 1 inside, 0 outside, and half of it on an edge."""
    if low is not None and high is not None:
        return (g * _clip_slope(x, low=low, high=high),)
    if low is not None:
        return (_share(g, np.greater(x, low), np.equal(x, low))[0],)
    assert high is not None, "a clip has a limit"
    return (_share(g, np.less(x, high), np.equal(x, high))[0],)


def _slope_kernel(run: Run, out: Array, x: Array, upper: Array, *, low: float, high: float) -> None:
    """``(sign(x - low) - sign(x - high)) / 2``."""
    run(np.subtract, x, scalar(high, out), upper)
    run(np.sign, upper, upper)
    run(np.subtract, x, scalar(low, out), out)
    run(np.sign, out, out)
    run(np.subtract, out, upper, out)
    run(np.multiply, out, scalar(0.5, out), out)


_clip_slope = Op(
    "clip_slope", _same_infer, _slope_kernel, vjp=lambda g, out, x, **_: (None,), inplace=(0,),
    scratch=lambda x, **_: [(x.shape, x.dtype)],
    sample=lambda rng: ([rng.uniform(-2, 2, (3, 4))], {"low": -1.0, "high": 0.5}),
)  # fmt: skip


_clip = Op(
    "clip", _same_infer, _clip_kernel, vjp=_clip_vjp, reads=("0",), inplace=(0,),
    apart=broadcast,
    sample=lambda rng: ([rng.uniform(-2, 2, (3, 4))], {"low": -1.0, "high": 0.5}),
)  # fmt: skip


@covers(np.clip)
@public
def clip(x: Any, x_min: Any = None, x_max: Any = None) -> Any:
    """Return ``x`` limited to ``[x_min, x_max]``; a limit of None is no limit.

    Example:
        >>> clip(np.array([-2.0, 0.5, 3.0]), 0.0, 1.0).tolist()
        [0.0, 0.5, 1.0]
    """
    limits = (x_min, x_max)
    if all(limit is None or np.isscalar(limit) for limit in limits) and limits != (None, None):
        low, high = (None if limit is None else float(limit) for limit in limits)
        if low is None or high is None or low < high:
            return _clip(x, low=low, high=high)
    x = x if x_min is None else np.maximum(x, x_min)
    return x if x_max is None else np.minimum(x, x_max)
