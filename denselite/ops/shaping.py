"""Ops that give the same elements other axes. They are views: they cost nothing per step."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, ShapeError
from denselite.ops.apart import broadcast
from denselite.ops.op import Op, Spec, public
from denselite.tensor.dispatch import covers

__all__ = [
    "broadcast_to", "expand_dims", "moveaxis", "ravel", "reshape", "squeeze", "swapaxes", "transpose",
]  # fmt: skip


def normalize_axis(axis: int, rank: int, who: str) -> int:
    """Return ``axis`` counted from the front.

    Raises:
        ArgumentError: there is no such axis.
    """
    if not -rank <= axis < rank:
        raise ArgumentError(f"{who}: axis {axis} is out of range for {rank} axes.")
    return int(axis) % rank


_reshape: Op = Op(
    "reshape",
    infer=lambda x, *, shape: (shape, x.dtype) if prod(shape) == prod(x.shape) else _bad_reshape(x, shape),
    kernel=lambda run, out, x, *, shape: run(np.copyto, out.reshape(x.shape), x),
    view=lambda x, *, shape: np.reshape(x, shape, copy=False),
    vjp=lambda g, out, x, *, shape: (_reshape(g, shape=tuple(x.shape)),),
    apart=lambda *_, **__: True,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"shape": (2, 6)}),
)


def _bad_reshape(x: Any, shape: tuple[int, ...]) -> Spec:
    raise ShapeError(f"reshape cannot give shape {shape} to {prod(x.shape)} elements (shape {tuple(x.shape)}).")


@covers(np.reshape)
@public
def reshape(x: Any, newshape: Any) -> Any:
    """Return ``x`` with the shape ``newshape``, of which one axis may be -1 and takes what is left.

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


_transpose: Op = Op(
    "transpose",
    infer=lambda x, *, axes: (tuple(x.shape[a] for a in axes), x.dtype),
    view=lambda x, *, axes: x.transpose(axes),
    vjp=lambda g, out, x, *, axes: (_transpose(g, axes=tuple(sorted(range(len(axes)), key=axes.__getitem__))),),
    apart=lambda rows, out, x, *, axes: axes[0] == 0,
    sample=lambda rng: ([rng.normal(size=(2, 3, 4))], {"axes": (2, 0, 1)}),
)


@covers(np.transpose)
@public
def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """Return ``x`` with its axes in the order of ``axes``, reversed for None.

    Raises:
        ArgumentError: not every axis is named once.

    Example:
        >>> transpose(np.zeros((2, 3, 4)), (1, 0, 2)).shape
        (3, 2, 4)
    """
    rank = np.ndim(x)
    order = tuple(reversed(range(rank))) if axes is None else tuple(normalize_axis(a, rank, "transpose") for a in axes)
    if sorted(order) != list(range(rank)):
        raise ArgumentError(f"transpose expects each of {rank} axes once, got {axes}.")
    return x if order == tuple(range(rank)) else _transpose(x, axes=order)


@covers(np.swapaxes)
@public
def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Return ``x`` with ``axis1`` and ``axis2`` exchanged."""
    order = list(range(np.ndim(x)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return transpose(x, order)


@covers(np.moveaxis)
@public
def moveaxis(x: Any, source: int, destination: int) -> Any:
    """Return ``x`` with the axis ``source`` moved to ``destination``.

    Example:
        >>> moveaxis(np.zeros((2, 3, 4)), 0, -1).shape
        (3, 4, 2)
    """
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
    apart=broadcast,
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
