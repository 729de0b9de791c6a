"""Parts of tensors moved: joined along named axes, cut, rolled, turned, diagonals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from denselite.errors import ShapeError
from denselite.ops.filling import convert_to_tensor, eye, shape
from denselite.ops.joining import concatenate, flip, pad, split
from denselite.ops.logic import where
from denselite.ops.op import public
from denselite.ops.reduction import sum as sum_over
from denselite.ops.shaping import expand_dims, moveaxis, normalize_axis, ravel, reshape, squeeze, swapaxes

__all__ = [
    "append", "array_split", "diag", "diagflat", "diagonal", "diff", "dsplit", "dstack", "fliplr", "flipud", "hsplit",
    "hstack", "roll", "rot90", "trace", "unstack", "vsplit", "vstack",
]  # fmt: skip


def _with_axes(x: Any, rank: int) -> Any:
    return reshape(x, (*(1,) * (rank - len(shape(x))), *shape(x)))


@public
def hstack(xs: Sequence[Any]) -> Any:
    """Return the tensors of ``xs`` joined along their second axis; those of one axis along it.

    Example:
        >>> hstack([np.array([1, 2]), np.array([3])]).tolist()
        [1, 2, 3]
    """
    xs = [_with_axes(x, 1) for x in xs]
    return concatenate(xs, axis=0 if xs and len(shape(xs[0])) == 1 else 1)


@public
def vstack(xs: Sequence[Any]) -> Any:
    """Return the tensors of ``xs`` joined along their first axis; those of one axis are rows.

    Example:
        >>> vstack([np.array([1, 2]), np.array([3, 4])]).tolist()
        [[1, 2], [3, 4]]
    """
    return concatenate([_with_axes(x, 2) for x in xs], axis=0)


@public
def dstack(xs: Sequence[Any]) -> Any:
    """Return the tensors of ``xs`` joined along their third axis, which those of fewer axes get."""
    xs = [_with_axes(x, 2) for x in xs]
    return concatenate([x if len(shape(x)) > 2 else expand_dims(x, 2) for x in xs], axis=2)


@public
def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """Return ``x1`` and behind it ``x2`` along ``axis``; both flat when it is None."""
    return concatenate([ravel(x1), ravel(x2)] if axis is None else [x1, x2], axis or 0)


@public
def array_split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """Return ``x`` cut along ``axis`` as by ``split``, but the first of ``indices_or_sections`` parts may be longer.

    Example:
        >>> [part.tolist() for part in array_split(np.arange(5), 2)]
        [[0, 1, 2], [3, 4]]
    """
    if isinstance(indices_or_sections, int):
        width, longer = divmod(shape(x)[normalize_axis(axis, len(shape(x)), "array_split")], indices_or_sections)
        indices_or_sections = [k * width + min(k, longer) for k in range(1, indices_or_sections)]
    return split(x, indices_or_sections, axis)


@public
def vsplit(x: Any, indices_or_sections: int | Sequence[int]) -> list[Any]:
    """Return ``split(x, indices_or_sections, axis=0)``."""
    return split(x, indices_or_sections, 0)


@public
def hsplit(x: Any, indices_or_sections: int | Sequence[int]) -> list[Any]:
    """Return ``split(x, indices_or_sections, axis=1)``; along its only axis if ``x`` has one."""
    return split(x, indices_or_sections, 0 if len(shape(x)) == 1 else 1)


@public
def dsplit(x: Any, indices_or_sections: int | Sequence[int]) -> list[Any]:
    """Return ``split(x, indices_or_sections, axis=2)``."""
    return split(x, indices_or_sections, 2)


@public
def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """Return the entries of ``x`` along ``axis``, which they do not have; ``num`` of them if it is given.

    Raises:
        ShapeError: there are not ``num``.

    Example:
        >>> [part.tolist() for part in unstack(np.array([[1, 2], [3, 4]]), axis=1)]
        [[1, 3], [2, 4]]
    """
    axis = normalize_axis(axis, len(shape(x)), "unstack")
    count = shape(x)[axis]
    if num is not None and num != count:
        raise ShapeError(f"unstack expects num={num} entries along axis {axis}, got shape {shape(x)}.")
    return [squeeze(part, axis) for part in split(x, count, axis)] if count else []


@public
def roll(x: Any, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Any:
    """Return ``x`` with entries moved ``shift`` places along ``axis`` (flat ``x`` when None), the last to the front.

    Example:
        >>> roll(np.array([1, 2, 3]), 1).tolist()
        [3, 1, 2]
    """
    if axis is None:
        return reshape(roll(ravel(x), int(np.sum(shift)), 0), shape(x))
    axes = [axis] if isinstance(axis, int) else list(axis)
    for place, steps in zip(axes, np.broadcast_to(shift, len(axes)).tolist(), strict=True):
        count = shape(x)[place]
        cut = -steps % count if count else 0
        if cut:
            x = concatenate(split(x, [cut], place)[::-1], place)
    return x


@public
def fliplr(x: Any) -> Any:
    """Return ``flip(x, axis=1)``."""
    return flip(x, 1)


@public
def flipud(x: Any) -> Any:
    """Return ``flip(x, axis=0)``."""
    return flip(x, 0)


@public
def rot90(array: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """Return ``array`` turned by ``k`` right angles in the plane of two ``axes``, from the first towards the second.

    Example:
        >>> rot90(np.array([[1, 2], [3, 4]])).tolist()
        [[2, 4], [1, 3]]
    """
    first, second = axes
    if k % 4 == 0:
        return array
    if k % 4 == 2:
        return flip(array, (first, second))
    if k % 4 == 1:
        return swapaxes(flip(array, second), first, second)
    return flip(swapaxes(array, first, second), second)


@public
def diff(a: Any, n: int = 1, axis: int = -1) -> Any:
    """Return how much each entry of ``a`` along ``axis`` exceeds the one before it, ``n`` times over.

    Example:
        >>> diff(np.array([1, 4, 9])).tolist()
        [3, 5]
    """
    a = convert_to_tensor(a)
    axis = normalize_axis(axis, len(shape(a)), "diff")
    before, after = ((*(slice(None),) * axis, span) for span in (slice(None, -1), slice(1, None)))
    for _ in range(n):
        a = np.not_equal(a[after], a[before]) if a.dtype == np.bool_ else a[after] - a[before]
    return a


@public
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return what of ``x`` is ``offset`` places right of the diagonal of ``axis1`` and ``axis2``, as its last axis.

    Example:
        >>> diagonal(np.array([[1, 2], [3, 4]])).tolist()
        [1, 4]
    """
    x = convert_to_tensor(x)
    rank = len(shape(x))
    axis1, axis2 = (normalize_axis(axis, rank, "diagonal") for axis in (axis1, axis2))
    x = moveaxis(x, axis1, -1)
    x = moveaxis(x, axis2 - (axis1 < axis2), -1)  # the plane comes last, axis1 before axis2
    rows, columns = shape(x)[-2:]
    down, right = max(-offset, 0), max(offset, 0)
    count = max(min(rows - down, columns - right), 0)
    square = x[..., down : down + count, right : right + count]
    kept = where(eye(count, dtype="bool"), square, 0)  # where, since a product would let NaN and infinity through
    return sum_over(kept, -1) if x.dtype != np.bool_ else np.any(kept, -1)


@public
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Return the sum of ``diagonal(x, offset, axis1, axis2)``."""
    return sum_over(diagonal(x, offset, axis1, axis2), -1)


@public
def diag(x: Any, k: int = 0) -> Any:
    """Return a matrix with ``x`` ``k`` places right of its diagonal; of a matrix those entries.

    Raises:
        ShapeError: ``x`` has neither one nor two axes.

    Example:
        >>> diag(np.array([1.0, 2.0])).tolist()
        [[1.0, 0.0], [0.0, 2.0]]
    """
    if len(shape(x)) == 2:
        return diagonal(x, k)
    if len(shape(x)) != 1:
        raise ShapeError(f"diag expects one or two axes, got shape {shape(x)}.")
    square = where(eye(shape(x)[0], dtype="bool"), x, 0)
    return pad(square, ((max(-k, 0), max(k, 0)), (max(k, 0), max(-k, 0)))) if k else square


@public
def diagflat(x: Any, k: int = 0) -> Any:
    """Return ``diag`` of flat ``x``, ``k`` places right of the diagonal."""
    return diag(ravel(x), k)
