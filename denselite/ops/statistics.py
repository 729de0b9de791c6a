"""Numbers that sum a tensor up: averages, quantiles, norms, reductions that leave NaN out, running products."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor as floor_of
from math import prod as product
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, UncoveredError
from denselite.ops.elementwise import absolute, divide, multiply, power, sqrt, square
from denselite.ops.filling import convert_to_tensor, shape
from denselite.ops.identity import cast
from denselite.ops.joining import concatenate, stack
from denselite.ops.linalg import tensordot
from denselite.ops.logic import isnan, logical_not, not_equal, where
from denselite.ops.op import as_float, public
from denselite.ops.reduction import any as any_of
from denselite.ops.reduction import max, mean, min, prod, sum, var
from denselite.ops.shaping import moveaxis, normalize_axis, ravel, reshape
from denselite.ops.sorting import searchsorted, sort
from denselite.tensor.dispatch import covers

__all__ = [
    "amax", "amin", "average", "count_nonzero", "cumprod", "digitize", "inner", "median", "moments", "nanmax",
    "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar", "norm", "percentile", "ptp", "quantile", "trapezoid",
    "vdot",
]  # fmt: skip

Axis = int | Sequence[int] | None
amax, amin = max, min


@covers(np.average)
@public
def average(x: Any, axis: Axis = None, weights: Any = None) -> Any:
    """Return the mean of ``x`` over ``axis``, in which each entry counts as much as its entry of ``weights``.

    Args:
        x: a tensor.
        axis: the axes of the mean; all when None.
        weights: of the shape of ``x``, or of its one ``axis``; equal by default.

    Example:
        >>> float(average(np.array([1.0, 5.0]), weights=np.array([3.0, 1.0])))
        2.0
    """
    if weights is None:
        return mean(x, axis)
    x, weights = convert_to_tensor(x), convert_to_tensor(weights)
    if isinstance(axis, int) and len(shape(weights)) == 1 < len(shape(x)):
        place = normalize_axis(axis, len(shape(x)), "average")
        weights = reshape(weights, tuple(-1 if k == place else 1 for k in range(len(shape(x)))))
    return sum(x * weights, axis) / sum(weights, axis)


@covers(np.count_nonzero)
@public
def count_nonzero(x: Any, axis: Axis = None) -> Any:
    """Return how many entries of ``x`` over ``axis`` are not 0."""
    return sum(not_equal(x, 0), axis)


@covers(np.ptp)
@public
def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``max(x, axis, keepdims) - min(x, axis, keepdims)``."""
    return max(x, axis, keepdims) - min(x, axis, keepdims)


@covers(np.cumprod)
@public
def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Return the running products along ``axis`` (of flat ``x`` when None), in ``dtype`` if it is given.

    Example:
        >>> cumprod(np.array([1.0, 2.0, 3.0])).tolist()
        [1.0, 2.0, 6.0]
    """
    x = convert_to_tensor(x, dtype)
    x = ravel(x) if axis is None else x
    axis = normalize_axis(axis or 0, len(shape(x)), "cumprod")
    ahead, apart = (slice(None),) * axis, 1
    while apart < shape(x)[axis]:  # each entry by now is a product of `apart` entries
        head, later, earlier = slice(None, apart), slice(apart, None), slice(None, -apart)
        x = concatenate([x[(*ahead, head)], x[(*ahead, later)] * x[(*ahead, earlier)]], axis)
        apart *= 2
    return x


@public
def moments(x: Any, axes: Axis, keepdims: bool = False, synchronized: bool = False) -> tuple[Any, Any]:
    """Return the mean and the variance of ``x`` over ``axes``.

    Args:
        x: a tensor.
        axes: an axis or several.
        keepdims: leave them, with size 1.
        synchronized: taken for Keras' sake; there is one device.

    Example:
        >>> [float(part) for part in moments(np.array([1.0, 3.0]), 0)]
        [2.0, 1.0]
    """
    return mean(x, axes, keepdims), var(x, axes, keepdims)


@public
def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return the length of vectors along one ``axis``, or a norm of matrices along two.

    Args:
        x: a tensor.
        ord: of vectors a number ``p``, for ``sum(|x|^p)^(1/p)``, 0 for how many are not 0, ``inf`` or ``-inf`` for
            the extremes of ``|x|``; of matrices ``"fro"``, or 1, -1, inf, -inf for the extremes of sums of ``|x|``.
            By default the root of the sum of squares, over all axes.
        axis: one or two axes.
        keepdims: leave them, with size 1.

    Raises:
        UncoveredError: ``ord`` of matrices needs their singular values.
        ArgumentError: ``ord`` is none of these.

    Example:
        >>> norm(np.array([[3.0, 4.0]]), axis=1).tolist()
        [5.0]
    """
    x = convert_to_tensor(x)
    x = cast(x, as_float(x.dtype))
    rank = len(shape(x))
    axes = list(range(rank)) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    if ord is None or (len(axes) == 2 and ord == "fro") or (len(axes) == 1 and ord == 2):
        return sqrt(sum(square(x), axes, keepdims))
    size = absolute(x)
    if len(axes) == 1 and not isinstance(ord, str):
        if ord in (np.inf, -np.inf):
            return (max if ord > 0 else min)(size, axes, keepdims)
        if ord == 0:
            return cast(sum(not_equal(x, 0.0), axes, keepdims), x.dtype)
        return power(sum(power(size, float(ord)), axes, keepdims), 1.0 / ord)
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        summed, left = (normalize_axis(a, rank, "norm") for a in (axes if abs(ord) == 1 else axes[::-1]))
        found = (max if ord > 0 else min)(sum(size, summed, keepdims=True), left, keepdims=True)
        return found if keepdims else np.squeeze(found, axis=(summed, left))
    if len(axes) == 2 and ord in (2, -2, "nuc"):
        raise UncoveredError(f"norm of matrices with ord={ord!r} needs their singular values, which are not here.")
    raise ArgumentError(f"norm over {len(axes)} axes has no ord={ord!r}.")


@covers(np.vdot)
@public
def vdot(x1: Any, x2: Any) -> Any:
    """Return the sum of the products of the entries of ``x1`` and ``x2``, both taken flat."""
    return sum(multiply(ravel(x1), ravel(x2)))


@covers(np.inner)
@public
def inner(x1: Any, x2: Any) -> Any:
    """Return the sum of products of ``x1`` and ``x2`` over the last axis of both."""
    if not shape(x1) or not shape(x2):
        return multiply(x1, x2)
    return tensordot(x1, x2, axes=([len(shape(x1)) - 1], [len(shape(x2)) - 1]))


@covers(np.trapezoid)
@public
def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """Return the area under lines between the points ``y`` along ``axis``, which stand at ``x`` or ``dx`` apart.

    Example:
        >>> float(trapezoid(np.array([1.0, 3.0])))
        2.0
    """
    y = moveaxis(convert_to_tensor(y), axis, -1)
    if x is not None:
        x = convert_to_tensor(x)
        x = moveaxis(x, axis, -1) if len(shape(x)) > 1 else x
    width = dx if x is None else x[..., 1:] - x[..., :-1]
    return sum(width * (y[..., 1:] + y[..., :-1]) * 0.5, -1)


@covers(np.digitize)
@public
def digitize(x: Any, bins: Any) -> Any:
    """Return how many of the ascending ``bins`` are not larger than each entry of ``x``."""
    return searchsorted(bins, x, side="right")


_SHARES = {  # of the entry above, by how far the place lies beyond the entry below
    "linear": lambda rest: rest,
    "lower": lambda rest: 0.0,
    "higher": lambda rest: float(rest > 0),
    "midpoint": lambda rest: 0.5 if rest > 0 else 0.0,
    "nearest": None,
}


@covers(np.quantile)
@public
def quantile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Return the number that a fraction ``q`` of the entries over ``axis`` lies below.

    Args:
        x: a tensor; where there is NaN the result is NaN.
        q: a fraction in [0, 1], or a list of them, which get an axis in front.
        axis: one or several; all when None.
        method: what lies between two entries: ``"linear"``, ``"lower"``, ``"higher"``, ``"midpoint"``, ``"nearest"``.
        keepdims: leave the axes, with size 1.

    Raises:
        ArgumentError: another method, or a fraction out of range.

    Example:
        >>> float(quantile(np.array([1.0, 2.0, 4.0]), 0.75))
        3.0
    """
    fractions = np.asarray(q, np.float64)
    if method not in _SHARES:
        raise ArgumentError(f"quantile expects method to be one of {', '.join(_SHARES)}, got {method!r}.")
    if not ((fractions >= 0) & (fractions <= 1)).all():
        raise ArgumentError(f"quantile expects fractions from 0 to 1, got {q!r}.")
    x = convert_to_tensor(x)
    x, sizes = cast(x, as_float(x.dtype)), shape(x)
    gone = range(len(sizes)) if axis is None else [axis] if isinstance(axis, int) else axis
    gone = [normalize_axis(a, len(sizes), "quantile") for a in gone]
    left = [a for a in range(len(sizes)) if a not in gone]
    count = product(sizes[a] for a in gone)
    kept = tuple(sizes[a] for a in left)
    rows = reshape(np.transpose(x, (*left, *gone)), (*kept, count))
    rows = where(any_of(isnan(rows), -1, keepdims=True), np.nan, sort(rows))
    found = [_between(rows, fraction * (count - 1), count, method) for fraction in fractions.ravel()]
    if keepdims:
        kept = tuple(1 if a in gone else sizes[a] for a in range(len(sizes)))
    result = stack(found) if fractions.ndim else found[0]
    return reshape(result, (*fractions.shape, *kept))


def _between(rows: Any, place: float, count: int, method: str) -> Any:
    below = floor_of(place)
    rest = place - below
    weigh = _SHARES[method]
    share = float(round(place) - below) if weigh is None else weigh(rest)
    above = below + 1 if below + 1 < count else below
    if share in (0.0, 1.0):
        return rows[..., above if share else below]
    return rows[..., below] * (1.0 - share) + rows[..., above] * share


@covers(np.percentile)
@public
def percentile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """Return ``quantile(x, q / 100, axis, method, keepdims)``."""
    return quantile(x, np.asarray(q) / 100.0, axis, method, keepdims)


@covers(np.median)
@public
def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``quantile(x, 0.5, axis, keepdims=keepdims)``: the middle one in order, or the mean of the middle two."""
    return quantile(x, 0.5, axis, keepdims=keepdims)


def _without(x: Any, number: float) -> Any:
    return where(isnan(x), number, x)


@covers(np.nansum)
@public
def nansum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``sum(x, axis, keepdims)`` of what is not NaN."""
    return sum(_without(x, 0.0), axis, keepdims)


@covers(np.nanprod)
@public
def nanprod(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``prod(x, axis, keepdims)`` of what is not NaN."""
    return prod(_without(x, 1.0), axis, keepdims)


@covers(np.nanmean)
@public
def nanmean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``mean(x, axis, keepdims)`` of what is not NaN; NaN of nothing.

    Example:
        >>> float(nanmean(np.array([1.0, np.nan, 3.0])))
        2.0
    """
    return divide(nansum(x, axis, keepdims), sum(logical_not(isnan(x)), axis, keepdims))


@covers(np.nanvar)
@public
def nanvar(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``var(x, axis, keepdims)`` of what is not NaN."""
    centered = _without(x - nanmean(x, axis, keepdims=True), 0.0)
    return divide(sum(square(centered), axis, keepdims), sum(logical_not(isnan(x)), axis, keepdims))


@covers(np.nanstd)
@public
def nanstd(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``std(x, axis, keepdims)`` of what is not NaN."""
    return sqrt(nanvar(x, axis, keepdims))


def _nan_extreme(extreme: Any, x: Any, worst: float, axis: Axis, keepdims: bool) -> Any:
    nothing = logical_not(any_of(logical_not(isnan(x)), axis, keepdims))
    return where(nothing, np.nan, extreme(_without(x, worst), axis, keepdims))


@covers(np.nanmax)
@public
def nanmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``max(x, axis, keepdims)`` of what is not NaN; NaN of nothing."""
    return _nan_extreme(max, x, -np.inf, axis, keepdims)


@covers(np.nanmin)
@public
def nanmin(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Return ``min(x, axis, keepdims)`` of what is not NaN; NaN of nothing."""
    return _nan_extreme(min, x, np.inf, axis, keepdims)
