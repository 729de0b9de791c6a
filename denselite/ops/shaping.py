"""Ops that move axes and elements. Most are views: they cost nothing per step."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, ShapeError
from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.tensor.dispatch import covers

__all__ = [
    "broadcast_to", "concatenate", "expand_dims", "moveaxis", "pad", "ravel", "reshape", "split", "squeeze", "stack",
    "swapaxes", "transpose",
]  # fmt: skip


def normalize_axis(axis: int, rank: int, who: str) -> int:
    """Return ``axis`` counted from the front.

    Raises:
        ArgumentError: there is no such axis.
    """
    if not -rank <= axis < rank:
        raise ArgumentError(f"{who}: axis {axis} is out of range for {rank} axes.")
    return int(axis) % rank


_reshape = Op(
    "reshape",
    infer=lambda x, *, shape: (shape, x.dtype) if prod(shape) == prod(x.shape) else _bad_reshape(x, shape),
    view=lambda x, *, shape: x.reshape(shape),
    vjp=lambda g, out, x, *, shape: (reshape(g, x.shape),),
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"shape": (2, 6)}),
)


def _bad_reshape(x: Any, shape: tuple[int, ...]) -> Spec:
    raise ShapeError(f"reshape cannot give shape {shape} to {prod(x.shape)} elements (shape {tuple(x.shape)}).")


@covers(np.reshape)
@public
def reshape(x: Any, newshape: Any) -> Any:
    """Return ``x`` with another shape; one axis may be -1 and takes what is left.

    Raises:
        ShapeError: the number of elements differs.

    Example:
        >>> reshape(np.arange(6), (2, -1)).shape
        (2, 3)
    """
    old = np.shape(x)
    shape = tuple(newshape) if isinstance(newshape, Sequence) else (int(newshape),)
    if shape.count(-1) > 1:
        raise ShapeError(f"reshape takes one -1 at most, got {shape}.")
    if -1 in shape:
        known = prod(size for size in shape if size != -1)
        if known == 0 or prod(old) % known:
            raise ShapeError(f"reshape cannot give shape {shape} to {prod(old)} elements (shape {old}).")
        shape = tuple(prod(old) // known if size == -1 else size for size in shape)
    return _reshape(x, shape=shape) if shape != old else x


_transpose = Op(
    "transpose",
    infer=lambda x, *, axes: (tuple(x.shape[a] for a in axes), x.dtype),
    view=lambda x, *, axes: x.transpose(axes),
    vjp=lambda g, out, x, *, axes: (_transpose(g, axes=tuple(sorted(range(len(axes)), key=axes.__getitem__))),),
    sample=lambda rng: ([rng.normal(size=(2, 3, 4))], {"axes": (2, 0, 1)}),
)


@covers(np.transpose)
@public
def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """Return ``x`` with its axes permuted, reversed by default."""
    rank = np.ndim(x)
    order = tuple(reversed(range(rank))) if axes is None else tuple(normalize_axis(a, rank, "transpose") for a in axes)
    if sorted(order) != list(range(rank)):
        raise ArgumentError(f"transpose expects each of {rank} axes once, got {axes}.")
    return x if order == tuple(range(rank)) else _transpose(x, axes=order)


@covers(np.swapaxes)
@public
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Return ``x`` with two axes exchanged."""
    order = list(range(np.ndim(x)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(x, order)


@covers(np.moveaxis)
@public
def moveaxis(x: Any, source: int, destination: int) -> Any:
    """Return ``x`` with one axis moved to another place."""
    rank = np.ndim(x)
    source, destination = normalize_axis(source, rank, "moveaxis"), normalize_axis(destination, rank, "moveaxis")
    order = [a for a in range(rank) if a != source]
    order.insert(destination, source)
    return transpose(x, order)


@covers(np.expand_dims)
@public
def expand_dims(x: Any, axis: int | Sequence[int]) -> Any:
    """Return ``x`` with axes of size 1 at the places ``axis`` names in the result."""
    axes = [axis] if isinstance(axis, int) else list(axis)
    rank = np.ndim(x) + len(axes)
    places = {normalize_axis(a, rank, "expand_dims") for a in axes}
    sizes = iter(np.shape(x))
    return reshape(x, tuple(1 if i in places else next(sizes) for i in range(rank)))


@covers(np.squeeze)
@public
def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Any:
    """Return ``x`` without the axes ``axis`` (all of size 1 by default).

    Raises:
        ShapeError: an axis named is not of size 1.
    """
    shape = np.shape(x)
    if axis is None:
        gone = {i for i, size in enumerate(shape) if size == 1}
    else:
        gone = {normalize_axis(a, len(shape), "squeeze") for a in ([axis] if isinstance(axis, int) else axis)}
    if any(shape[i] != 1 for i in gone):
        raise ShapeError(f"squeeze drops axes of size 1, got axis {axis} of shape {shape}.")
    return reshape(x, tuple(size for i, size in enumerate(shape) if i not in gone))


@covers(np.ravel)
@public
def ravel(x: Any) -> Any:
    """Return ``x`` as one axis."""
    return reshape(x, (-1,))


_broadcast_to = Op(
    "broadcast_to",
    infer=lambda x, *, shape: (np.broadcast_shapes(x.shape, shape), x.dtype),
    view=lambda x, *, shape: np.broadcast_to(x, shape),
    vjp=lambda g, out, x, *, shape: (g,),  # summed down to x's shape, as every broadcast gradient is
    sample=lambda rng: ([rng.normal(size=(3, 1))], {"shape": (2, 3, 4)}),
)


@covers(np.broadcast_to)
@public
def broadcast_to(x: Any, shape: Sequence[int]) -> Any:
    """Return ``x`` repeated along axes of size 1 (or absent) up to ``shape``.

    Raises:
        ShapeError: the shapes do not broadcast.
    """
    try:
        fits = np.broadcast_shapes(np.shape(x), tuple(shape)) == tuple(shape)
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(f"broadcast_to cannot repeat shape {np.shape(x)} to {tuple(shape)}.")
    return x if np.shape(x) == tuple(shape) else _broadcast_to(x, shape=tuple(shape))


def _concatenate_infer(*xs: Any, axis: int) -> Spec:
    first = xs[0].shape
    for x in xs[1:]:
        if len(x.shape) != len(first) or any(a != b for i, (a, b) in enumerate(zip(x.shape, first, strict=True)) if i != axis):
            raise ShapeError(f"concatenate expects equal shapes but for axis {axis}, got {[tuple(x.shape) for x in xs]}.")
    total = sum(x.shape[axis] for x in xs)
    return (*first[:axis], total, *first[axis + 1 :]), np.result_type(*(x.dtype for x in xs))


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
    sample=lambda rng: ([rng.normal(size=(3, 2)), rng.normal(size=(3, 4))], {"axis": 1}),
)


@covers(np.concatenate)
@public
def concatenate(xs: Sequence[Any], axis: int = 0) -> Any:
    """Return tensors joined along an existing axis.

    Raises:
        ShapeError: shapes differ on another axis.
    """
    xs = list(xs)
    if not xs:
        raise ArgumentError("concatenate needs at least one tensor, got none.")
    return xs[0] if len(xs) == 1 else _concatenate(*xs, axis=normalize_axis(axis, np.ndim(xs[0]), "concatenate"))


@covers(np.stack)
@public
def stack(xs: Sequence[Any], axis: int = 0) -> Any:
    """Return tensors of equal shape joined along a new axis."""
    return concatenate([expand_dims(x, axis) for x in xs], axis)


@covers(np.split)
@public
def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """Return ``x`` cut along ``axis``: into equal sections, or before each of the indices."""
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
