"""Joining and cutting: ``concatenate``, ``stack``, ``split``, ``pad``, and repetition."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, ShapeError
from denselite.ops.apart import along
from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.ops.shaping import broadcast_to, expand_dims, normalize_axis, reshape
from denselite.tensor.dispatch import covers
from denselite.tensor.dtypes import joint_dtype

__all__ = ["concatenate", "flip", "pad", "repeat", "split", "stack", "tile"]


def _concatenate_infer(*xs: Any, axis: int) -> Spec:
    first = xs[0].shape
    for x in xs[1:]:
        if len(x.shape) != len(first) or any(
            a != b for i, (a, b) in enumerate(zip(x.shape, first, strict=True)) if i != axis
        ):
            raise ShapeError(
                f"concatenate expects equal shapes but for axis {axis}, got {[tuple(x.shape) for x in xs]}."
            )
    total = sum(x.shape[axis] for x in xs)
    return (*first[:axis], total, *first[axis + 1 :]), joint_dtype(*(x.dtype for x in xs))


def _spans(xs: Sequence[Any], axis: int) -> list[tuple[slice, ...]]:
    ends = np.cumsum([x.shape[axis] for x in xs]).tolist()
    starts = [0, *ends[:-1]]
    return [(*(slice(None),) * axis, slice(start, end)) for start, end in zip(starts, ends, strict=True)]


def _concatenate_kernel(run: Run, out: Array, *xs: Array, axis: int) -> None:
    for x, span in zip(xs, _spans(xs, axis), strict=True):
        run(np.copyto, out[span], x)


_concatenate = Op(
    "concatenate",
    _concatenate_infer,
    _concatenate_kernel,
    vjp=lambda g, out, *xs, axis: tuple(g[span] for span in _spans(xs, axis)),
    apart=along,
    sample=lambda rng: ([rng.normal(size=(3, 2)), rng.normal(size=(3, 4))], {"axis": 1}),
)


@covers(np.concatenate)
@public
def concatenate(xs: Sequence[Any], axis: int = 0) -> Any:
    """Return the tensors of ``xs`` joined along ``axis``, which they have.

    Raises:
        ArgumentError: there are none.
        ShapeError: shapes differ on another axis.

    Example:
        >>> concatenate([np.array([1, 2]), np.array([3])]).tolist()
        [1, 2, 3]
    """
    xs = list(xs)
    if not xs:
        raise ArgumentError("concatenate needs at least one tensor, got none.")
    return xs[0] if len(xs) == 1 else _concatenate(*xs, axis=normalize_axis(axis, np.ndim(xs[0]), "concatenate"))


@covers(np.stack)
@public
def stack(xs: Sequence[Any], axis: int = 0) -> Any:
    """Return the tensors of ``xs``, of one shape, joined along a new ``axis``.

    Example:
        >>> stack([np.array([1, 2]), np.array([3, 4])], axis=1).tolist()
        [[1, 3], [2, 4]]
    """
    return concatenate([expand_dims(x, axis) for x in xs], axis)


@covers(np.split)
@public
def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """Return ``x`` cut along ``axis``.

    Args:
        x: a tensor.
        indices_or_sections: how many equal parts, or the indices before which to cut.
        axis: the axis to cut.

    Raises:
        ShapeError: the axis has no such equal parts.

    Example:
        >>> [part.tolist() for part in split(np.arange(5), [2, 3])]
        [[0, 1], [2], [3, 4]]
    """
    axis = normalize_axis(axis, np.ndim(x), "split")
    size = np.shape(x)[axis]
    if isinstance(indices_or_sections, int):
        if indices_or_sections < 1 or size % indices_or_sections:
            raise ShapeError(f"split cannot cut axis {axis} of size {size} into {indices_or_sections} equal parts.")
        width = size // indices_or_sections
        cuts = list(range(width, size, width))
    else:
        cuts = list(indices_or_sections)
    return [x[(*(slice(None),) * axis, slice(a, b))] for a, b in zip([0, *cuts], [*cuts, size], strict=True)]


def _pad_infer(x: Any, *, widths: tuple[tuple[int, int], ...], value: float) -> Spec:
    return tuple(before + size + after for size, (before, after) in zip(x.shape, widths, strict=True)), x.dtype


def _inside(x: Any, widths: tuple[tuple[int, int], ...]) -> tuple[slice, ...]:
    return tuple(slice(before, before + size) for size, (before, _) in zip(x.shape, widths, strict=True))


def _pad_kernel(run: Run, out: Array, x: Array, *, widths: tuple[tuple[int, int], ...], value: float) -> None:
    run(out.fill, value)
    run(np.copyto, out[_inside(x, widths)], x)


_pad = Op(
    "pad",
    _pad_infer,
    _pad_kernel,
    vjp=lambda g, out, x, *, widths, value: (g[_inside(x, widths)],),
    apart=lambda rows, out, x, *, widths, value: widths[0] == (0, 0),
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"widths": ((1, 0), (2, 1)), "value": 0.5}),
)


@covers(np.pad)
@public
def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: float = 0.0) -> Any:
    """Return ``x`` with constant values around it.

    Args:
        x: a tensor.
        pad_width: ``(before, after)`` for each axis, or one pair or number for all.
        mode: only ``"constant"``.
        constant_values: the number to pad with.
    """
    if mode != "constant":
        raise ArgumentError(f"pad has mode 'constant' only, got {mode!r}.")
    pairs = np.broadcast_to(np.asarray(pad_width), (np.ndim(x), 2)).tolist()
    return _pad(x, widths=tuple((int(a), int(b)) for a, b in pairs), value=float(constant_values))


@covers(np.tile)
@public
def tile(x: Any, repeats: int | Sequence[int]) -> Any:
    """Return ``x`` laid out ``repeats`` times along each axis; missing leading axes count as 1.

    Example:
        >>> tile(np.array([1.0, 2.0]), 2).tolist()
        [1.0, 2.0, 1.0, 2.0]
    """
    times = [repeats] if isinstance(repeats, int) else list(repeats)
    rank = max(len(times), np.ndim(x))
    sizes = [1] * (rank - np.ndim(x)) + list(np.shape(x))
    times = [1] * (rank - len(times)) + times
    apart = reshape(x, tuple(size for n in sizes for size in (1, n)))
    repeated = broadcast_to(apart, tuple(size for n, k in zip(sizes, times, strict=True) for size in (k, n)))
    return reshape(repeated, tuple(n * k for n, k in zip(sizes, times, strict=True)))


@covers(np.repeat)
@public
def repeat(x: Any, repeats: int, axis: int | None = None) -> Any:
    """Return ``x`` with each entry along ``axis`` (of flat ``x`` when None) ``repeats`` times in a row.

    Example:
        >>> repeat(np.array([1.0, 2.0]), 2).tolist()
        [1.0, 1.0, 2.0, 2.0]
    """
    if axis is None:
        x, axis = reshape(x, (prod(np.shape(x)),)), 0
    axis = normalize_axis(axis, np.ndim(x), "repeat")
    shape = tuple(np.shape(x))
    repeated = broadcast_to(expand_dims(x, axis + 1), (*shape[: axis + 1], repeats, *shape[axis + 1 :]))
    return reshape(repeated, (*shape[:axis], shape[axis] * repeats, *shape[axis + 1 :]))


@covers(np.flip)
@public
def flip(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """Return ``x`` in reverse order along ``axis`` (all axes when None); a view."""
    rank = np.ndim(x)
    axes = range(rank) if axis is None else [axis] if isinstance(axis, int) else axis
    places = {normalize_axis(a, rank, "flip") for a in axes}
    return x[tuple(slice(None, None, -1) if i in places else slice(None) for i in range(rank))]
