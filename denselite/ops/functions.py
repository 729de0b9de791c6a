"""Functions of numbers that are made of others: logarithms, hyperbolic and inverse functions, tests of closeness."""

from __future__ import annotations

from collections.abc import Sequence
from math import log as logarithm
from math import pi
from typing import Any

import numpy as np

from denselite.ops.elementwise import (
    absolute,
    clip,
    divide,
    elementwise,
    exp,
    expm1,
    floor,
    log,
    log1p,
    maximum,
    minimum,
    reciprocal,
    sign,
    sqrt,
    square,
    subtract,
)
from denselite.ops.filling import convert_to_tensor
from denselite.ops.identity import cast
from denselite.ops.logic import (
    equal,
    greater,
    greater_equal,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_or,
    not_equal,
    where,
)
from denselite.ops.op import as_float, public
from denselite.ops.reduction import all as all_of
from denselite.tensor.dispatch import covers
from denselite.tensor.dtypes import is_float, standardize_dtype

__all__ = [
    "allclose",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "cbrt",
    "cosh",
    "deg2rad",
    "divide_no_nan",
    "exp2",
    "fabs",
    "fmod",
    "heaviside",
    "hypot",
    "isclose",
    "isneginf",
    "isposinf",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "nan_to_num",
    "rad2deg",
    "rsqrt",
    "saturate_cast",
    "select",
    "sinc",
    "sinh",
    "trunc",
]  # fmt: skip

fabs = absolute
arctan = elementwise(np.arctan, lambda g, out, x: (g / (np.square(x) + 1.0),), reads=("0",))


def _floats(x: Any) -> Any:
    x = convert_to_tensor(x)
    return cast(x, as_float(x.dtype))


@covers(np.arcsin)
@public
def arcsin(x: Any) -> Any:
    """Return the angle whose sine is ``x``, from ``-pi/2`` to ``pi/2``."""
    x = _floats(x)
    return arctan(divide(x, sqrt((1.0 - x) * (1.0 + x))))


@covers(np.arccos)
@public
def arccos(x: Any) -> Any:
    """Return the angle whose cosine is ``x``, from 0 to ``pi``."""
    x = _floats(x)
    return 2.0 * arctan(divide(sqrt(1.0 - x), sqrt(1.0 + x)))


@covers(np.arctan2)
@public
def arctan2(x1: Any, x2: Any) -> Any:
    """Return the angle of the point ``(x2, x1)``, from ``-pi`` to ``pi``."""
    x1, x2 = _floats(x1), _floats(x2)
    steep = greater(absolute(x1), absolute(x2))
    nothing = logical_and(equal(x1, 0.0), equal(x2, 0.0))
    ratio = divide(where(steep, x2, x1), where(nothing, 1.0, where(steep, x1, x2)))
    upward = where(less(x1, 0.0), np.asarray(-1.0, x1.dtype), 1.0)
    from_side = arctan(ratio) + where(less(x2, 0.0), pi * upward, 0.0)
    return where(steep, upward * (pi / 2) - arctan(ratio), from_side)


@covers(np.sinh)
@public
def sinh(x: Any) -> Any:
    """Return ``(exp(x) - exp(-x)) / 2``."""
    x = _floats(x)
    return 0.5 * (expm1(x) - expm1(-x))


@covers(np.cosh)
@public
def cosh(x: Any) -> Any:
    """Return ``(exp(x) + exp(-x)) / 2``."""
    x = _floats(x)
    return 0.5 * (exp(x) + exp(-x))


@covers(np.arcsinh)
@public
def arcsinh(x: Any) -> Any:
    """Return the number whose ``sinh`` is ``x``."""
    x = _floats(x)
    size = absolute(x)
    beyond = size + size * divide(size, 1.0 + hypot(size, 1.0))
    return where(less(x, 0.0), -1.0, 1.0) * log1p(where(equal(size, np.inf), size, beyond))


@covers(np.arccosh)
@public
def arccosh(x: Any) -> Any:
    """Return the number from 0 whose ``cosh`` is ``x``, which is 1 or more."""
    beyond = _floats(x) - 1.0
    return log1p(beyond + sqrt(beyond * (beyond + 2.0)))


@covers(np.arctanh)
@public
def arctanh(x: Any) -> Any:
    """Return the number whose ``tanh`` is ``x``, which lies between -1 and 1."""
    x = _floats(x)
    return 0.5 * (log1p(x) - log1p(-x))


@covers(np.exp2)
@public
def exp2(x: Any) -> Any:
    """Return ``2 ** x``."""
    return np.power(2.0, _floats(x))


@covers(np.log2)
@public
def log2(x: Any) -> Any:
    """Return the logarithm of ``x`` to the base 2."""
    return log(x) / logarithm(2.0)


@covers(np.log10)
@public
def log10(x: Any) -> Any:
    """Return the logarithm of ``x`` to the base 10."""
    return log(x) / logarithm(10.0)


@covers(np.logaddexp)
@public
def logaddexp(x1: Any, x2: Any) -> Any:
    """Return ``log(exp(x1) + exp(x2))``, finite for all finite numbers.

    Example:
        >>> float(logaddexp(1e4, 0.0))
        10000.0
    """
    x1, x2 = _floats(x1), _floats(x2)
    apart = where(equal(x1, x2), 0.0, subtract(x1, x2))  # infinity is not apart from itself
    tail = log1p(exp(-absolute(apart)))
    return where(greater_equal(x1, x2), x1, x2) + tail


@covers(np.logaddexp2)
@public
def logaddexp2(x1: Any, x2: Any) -> Any:
    """Return ``log2(2 ** x1 + 2 ** x2)``, finite for all finite numbers."""
    base = logarithm(2.0)
    return logaddexp(_floats(x1) * base, _floats(x2) * base) / base


@covers(np.cbrt)
@public
def cbrt(x: Any) -> Any:
    """Return the number whose third power is ``x``."""
    x = _floats(x)
    return sign(x) * np.power(absolute(x), 1.0 / 3.0)


@public
def rsqrt(x: Any) -> Any:
    """Return ``1 / sqrt(x)``."""
    return reciprocal(sqrt(x))


@covers(np.hypot)
@public
def hypot(x1: Any, x2: Any) -> Any:
    """Return ``sqrt(x1 ** 2 + x2 ** 2)``, finite wherever the result is."""
    x1, x2 = absolute(_floats(x1)), absolute(_floats(x2))
    longer, shorter = maximum(x1, x2), minimum(x1, x2)
    return longer * sqrt(1.0 + square(shorter / where(equal(longer, 0.0), 1.0, longer)))


@covers(np.trunc)
@public
def trunc(x: Any) -> Any:
    """Return ``x`` without what stands behind the point; its gradient is 0."""
    x = convert_to_tensor(x)
    return sign(x) * floor(absolute(x)) if is_float(x.dtype) else x


@covers(np.fmod)
@public
def fmod(x1: Any, x2: Any) -> Any:
    """Return what is left of ``x1`` when it is divided by ``x2``, with the sign of ``x1``."""
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    rest = np.mod(absolute(x1), absolute(x2))
    return where(less(x1, 0), -rest, rest)


@covers(np.heaviside)
@public
def heaviside(x1: Any, x2: Any) -> Any:
    """Return 0 where ``x1`` is negative, 1 where it is positive, and ``x2`` where it is 0."""
    x1 = _floats(x1)
    return where(isnan(x1), x1, where(equal(x1, 0.0), x2, cast(greater(x1, 0.0), x1.dtype)))


@covers(np.sinc)
@public
def sinc(x: Any) -> Any:
    """Return ``sin(pi * x) / (pi * x)``, which is 1 at 0."""
    angle = pi * _floats(x)
    at_zero = equal(angle, 0.0)
    return where(at_zero, 1.0, np.sin(angle) / where(at_zero, 1.0, angle))


@covers(np.deg2rad)
@public
def deg2rad(x: Any) -> Any:
    """Return ``x * pi / 180``."""
    return _floats(x) * (pi / 180.0)


@covers(np.rad2deg)
@public
def rad2deg(x: Any) -> Any:
    """Return ``x * 180 / pi``."""
    return _floats(x) * (180.0 / pi)


@public
def divide_no_nan(x1: Any, x2: Any) -> Any:
    """Return ``x1 / x2``, and 0 where ``x2`` is 0; the gradient is 0 there, too.

    Example:
        >>> divide_no_nan(np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
        [0.5, 0.0]
    """
    x1, x2 = _floats(x1), _floats(x2)
    nothing = equal(x2, 0.0)
    return where(nothing, 0.0, x1 / where(nothing, 1.0, x2))


@public
def isposinf(x: Any) -> Any:
    """Return where ``x`` is positive infinity."""
    return equal(x, np.inf)


@public
def isneginf(x: Any) -> Any:
    """Return where ``x`` is negative infinity."""
    return equal(x, -np.inf)


@covers(np.isclose)
@public
def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Return where ``|x1 - x2| <= atol + rtol * |x2|``, or both are the same infinity; NaN too if ``equal_nan``."""
    near = less_equal(absolute(subtract(_floats(x1), _floats(x2))), atol + rtol * absolute(_floats(x2)))
    finite = logical_and(np.isfinite(x1), np.isfinite(x2))
    close = logical_or(equal(x1, x2), logical_and(near, finite))
    return logical_or(close, logical_and(isnan(x1), isnan(x2))) if equal_nan else close


@covers(np.allclose)
@public
def allclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Return whether ``isclose(x1, x2, rtol, atol, equal_nan)`` holds everywhere."""
    return all_of(isclose(x1, x2, rtol, atol, equal_nan))


@covers(np.nan_to_num)
@public
def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """Return ``x`` with finite numbers in the place of others.

    Args:
        x: a tensor.
        nan: what stands for NaN.
        posinf: for infinity; the largest number of the dtype by default.
        neginf: for negative infinity; the lowest number by default.

    Example:
        >>> nan_to_num(np.array([1.0, np.nan, np.inf]), posinf=9.0).tolist()
        [1.0, 0.0, 9.0]
    """
    x = convert_to_tensor(x)
    if not is_float(x.dtype):
        return x
    limits = np.finfo(x.dtype)
    high, low = float(limits.max) if posinf is None else posinf, float(limits.min) if neginf is None else neginf
    return where(equal(x, np.inf), high, where(equal(x, -np.inf), low, where(isnan(x), nan, x)))


@public
def saturate_cast(x: Any, dtype: Any) -> Any:
    """Return ``x`` in another ``dtype``; what that cannot hold becomes its largest or lowest number.

    Example:
        >>> saturate_cast(np.array([-5.0, 7.0, 300.0]), "uint8").tolist()
        [0, 7, 255]
    """
    found = standardize_dtype(dtype)
    if found == np.bool_:
        return not_equal(x, 0)
    limits: Any = np.finfo(found) if is_float(found) else np.iinfo(found)
    if found.kind in "iu" and found.itemsize > 4 and convert_to_tensor(x).dtype.kind == "f":
        return cast(clip(x, float(limits.min), np.nextafter(float(limits.max), 0.0)), found)
    return cast(clip(x, limits.min, limits.max), found)


@covers(np.select)
@public
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """Return entries of the first tensor of ``choicelist`` whose condition in ``condlist`` holds, else ``default``.

    Example:
        >>> x = np.array([1, 5, 9])
        >>> select([x < 3, x < 7], [x, 10 * x], -1).tolist()
        [1, 50, -1]
    """
    chosen = default
    for condition, choice in list(zip(condlist, choicelist, strict=True))[::-1]:
        chosen = where(condition, choice, chosen)
    return chosen
