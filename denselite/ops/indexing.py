"""Indexing: slices (views), gathering by integer arrays, one-hot rows."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ShapeError, UncoveredError
from denselite.ops.apart import along, each
from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.ops.shaping import normalize_axis, reshape
from denselite.tensor.dispatch import covers
from denselite.tensor.symbols import Tensor, _getitem
from denselite.tensor.variable import Variable

__all__ = ["one_hot", "take", "take_along_axis"]

Key = tuple[Any, ...]


def _view(x: Array, key: Key) -> Array:
    """``x[key]`` as a view, also where NumPy would give a number."""
    return x[key if any(k is Ellipsis for k in key) else (*key, Ellipsis)]


def _shape_of(x: Any, key: Key) -> tuple[int, ...]:
    shape: tuple[int, ...] = _view(np.broadcast_to(np.empty((), bool), x.shape), key).shape
    return shape


def _scatter_kernel(run: Run, out: Array, g: Array, *, key: Key, shape: tuple[int, ...]) -> None:
    run(out.fill, 0)
    run(np.copyto, _view(out, key), g)


def _slice_apart(rows: Sequence[bool], out: Any, x: Any, *, key: Key) -> bool:
    """All rows are there, in their order."""
    head = key[0] if key else Ellipsis
    if head is Ellipsis:
        return bool(sum(part is not None and part is not Ellipsis for part in key) < x.ndim)
    whole = (None, 0), (None, x.shape[0]), (None, 1)  # not -100 nor 100, which are all rows of few and some of many
    return isinstance(head, slice) and all(map(operator.contains, whole, (head.start, head.stop, head.step)))


_slice = Op(
    "slice",
    infer=lambda x, *, key: (_shape_of(x, key), x.dtype),
    view=lambda x, *, key: _view(x, key),
    vjp=lambda g, out, x, *, key: (_unslice(g, key=key, shape=tuple(x.shape)),),
    apart=_slice_apart,
    sample=lambda rng: ([rng.normal(size=(3, 4))], {"key": (slice(0, 2), slice(None, None, 2))}),
)
_unslice: Op = Op(
    "unslice",
    infer=lambda g, *, key, shape: (shape, g.dtype),
    kernel=_scatter_kernel,
    vjp=lambda g, out, x, *, key, shape: (_slice(g, key=key),),
    sample=lambda rng: ([rng.normal(size=(2, 2))], {"key": (slice(0, 2), slice(None, None, 2)), "shape": (3, 4)}),
)


@covers(_getitem)
@public
def getitem(x: Any, key: Any) -> Any:
    """Return ``x[key]`` for slices, integers, ``...`` and ``None``; one integer array is a ``take``.

    Raises:
        UncoveredError: boolean masks and several index arrays, whose shapes depend on the data.
    """
    keys = key if isinstance(key, tuple) else (key,)
    arrays = [k for k in keys if isinstance(k, Tensor | Variable | np.ndarray | list)]
    if not arrays:
        return _slice(x, key=tuple(map(_plain, keys)))
    index = np.asarray(arrays[0]) if isinstance(arrays[0], list) else arrays[0]
    place = next(i for i, k in enumerate(keys) if k is arrays[0])
    whole = all(isinstance(k, slice) and k == slice(None) for i, k in enumerate(keys) if i != place)
    if len(arrays) == 1 and whole and index.dtype.kind in "iu":
        return take(x, index, axis=place)
    raise UncoveredError(
        f"{x!r}[...]: a tensor is indexed by slices, integers or one integer array. "
        "Use np.where for masks, take_along_axis for one index per row."
    )


def _plain(key: Any) -> Any:
    """An entry of an index with Python integers in it, which two traces can be compared by."""
    if isinstance(key, slice):
        return slice(*(None if k is None else operator.index(k) for k in (key.start, key.stop, key.step)))
    return int(key) if isinstance(key, np.integer) else key


def _take_infer(x: Any, indices: Any, *, axis: int) -> Spec:
    return (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]), x.dtype


def _take_kernel(run: Run, out: Array, x: Array, indices: Array, *, axis: int) -> None:
    run(x.take, indices, axis, out, "wrap")  # wrap gives NumPy's meaning to -1; mode "raise" would buffer


def _take_back_kernel(
    run: Run, out: Array, g: Array, indices: Array, *places: Array, axis: int, shape: tuple[int, ...]
) -> None:
    run(out.fill, 0)
    if axis:
        run(np.add.at, out, (*(slice(None),) * axis, indices), g)
        return
    if not places:  # numbers, no rows
        run(np.add.at, out, indices.reshape(-1), g.reshape(-1))
        return
    (flat,) = places  # NumPy adds at places of a flat array several times faster than at rows
    width = flat.shape[1]
    run(np.multiply, indices.reshape(-1, 1), width, flat, dtype=np.intp, casting="unsafe")
    run(np.add, flat, np.arange(width), flat)
    run(np.add.at, out.reshape(-1), flat.reshape(-1), g.reshape(-1))


def _take_back_scratch(g: Any, indices: Any, *, axis: int, shape: tuple[int, ...]) -> list[Spec]:
    return [] if axis or len(shape) == 1 else [((indices.size, prod(shape[1:])), np.dtype(np.intp))]


def _take_apart(rows: Sequence[bool], out: Any, x: Any, indices: Any, *, axis: int) -> bool:
    """Rows of indices into a table, or the same indices for all rows."""
    return tuple(rows) == ((False, True) if axis == 0 else (True, False))


_take = Op(
    "take",
    _take_infer,
    _take_kernel,
    contiguous=(0,),
    vjp=lambda g, out, x, i, *, axis: (_take_back(g, i, axis=axis, shape=tuple(x.shape)), None),
    reads=("1",),
    apart=_take_apart,
    sample=lambda rng: ([rng.normal(size=(5, 3)), np.array([[0, 2], [2, 4]])], {"axis": 0}),
)
_take_back: Op = Op(
    "take_back",
    infer=lambda g, i, *, axis, shape: (shape, g.dtype),
    kernel=_take_back_kernel,
    scratch=_take_back_scratch,
    contiguous=(0, 1),
    vjp=lambda g, out, x, i, *, axis, shape: (_take(g, i, axis=axis), None),
    reads=("1",),
    sample=lambda rng: ([rng.normal(size=(2, 2, 3)), np.array([[0, 2], [2, 4]])], {"axis": 0, "shape": (5, 3)}),
)


@covers(np.take)
@public
def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Return the entries of ``x`` at integer ``indices`` along ``axis`` (of flat ``x`` when None).

    Indices count from the end when negative and wrap around beyond the ends.

    Example:
        >>> take(np.array([10.0, 20.0, 30.0]), np.array([2, 0])).tolist()
        [30.0, 10.0]
    """
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    return _take(x, indices, axis=normalize_axis(axis, np.ndim(x), "take"))


def row_gradient(g: Tensor) -> tuple[Tensor, Tensor] | None:
    """Return ``(rows, indices)`` of a gradient that is zero but for the rows ``take`` has read; None for another."""
    return (g.inputs[0], g.inputs[1]) if g.op is _take_back and g.attrs["axis"] == 0 else None


def _flat_places(shape: tuple[int, ...], axis: int) -> Array:
    """Where entry 0 along ``axis`` of each position lies in the flat array."""
    strides = [int(np.prod(shape[i + 1 :], dtype=np.int64)) for i in range(len(shape))]
    steps = [
        np.arange(1 if i == axis else size).reshape([-1 if j == i else 1 for j in range(len(shape))]) * strides[i]
        for i, size in enumerate(shape)
    ]
    return np.ascontiguousarray(sum(steps[1:], steps[0]))


def _along_scratch(x: Any, indices: Any, **_: Any) -> list[Spec]:
    return [(indices.shape, np.dtype(np.intp))]


def _flat_index(run: Run, flat: Array, indices: Array, shape: tuple[int, ...], axis: int) -> None:
    step = int(np.prod(shape[axis + 1 :], dtype=np.int64))
    if indices.dtype != np.intp:
        run(np.copyto, flat, indices, "unsafe")
        indices = flat
    run(np.remainder, indices, np.asarray(shape[axis], np.intp), flat)  # -1 is the last
    run(np.multiply, flat, np.asarray(step, np.intp), flat)
    run(np.add, flat, _flat_places((*indices.shape[:axis], shape[axis], *indices.shape[axis + 1 :]), axis), flat)


def _along_infer(x: Any, indices: Any, *, axis: int) -> Spec:
    expected = (*x.shape[:axis], *indices.shape[axis : axis + 1], *x.shape[axis + 1 :])
    if tuple(indices.shape) != expected:
        raise ShapeError(
            f"take_along_axis expects indices of shape {tuple(x.shape)} but for axis {axis}, "
            f"got {tuple(indices.shape)}."
        )
    return expected, x.dtype


def _along_kernel(run: Run, out: Array, x: Array, indices: Array, flat: Array, *, axis: int) -> None:
    _flat_index(run, flat, indices, x.shape, axis)
    run(x.reshape(-1).take, flat, None, out, "wrap")


def _along_back_kernel(
    run: Run, out: Array, g: Array, indices: Array, flat: Array, *, axis: int, shape: tuple[int, ...]
) -> None:
    run(out.fill, 0)
    _flat_index(run, flat, indices, shape, axis)
    if indices.shape[axis] == 1:  # no two indices meet
        run(out.reshape(-1).put, flat, g, "wrap")
    else:
        run(np.add.at, out.reshape(-1), flat, g)


_take_along = Op(
    "take_along_axis",
    infer=_along_infer,
    kernel=_along_kernel,
    scratch=_along_scratch,
    contiguous=(0,),
    vjp=lambda g, out, x, i, *, axis: (_take_along_back(g, i, axis=axis, shape=tuple(x.shape)), None),
    reads=("1",),
    apart=along,
    sample=lambda rng: ([rng.normal(size=(3, 4)), np.array([[0, 3], [2, 2], [1, 0]])], {"axis": 1}),
)
_take_along_back: Op = Op(
    "take_along_axis_back",
    infer=lambda g, i, *, axis, shape: (shape, g.dtype),
    kernel=_along_back_kernel,
    scratch=_along_scratch,
    vjp=lambda g, out, x, i, *, axis, shape: (_take_along(g, i, axis=axis), None),
    reads=("1",),
    sample=lambda rng: ([rng.normal(size=(3, 2)), np.array([[0, 3], [2, 2], [1, 0]])], {"axis": 1, "shape": (3, 4)}),
)


@covers(np.take_along_axis)
@public
def take_along_axis(x: Any, indices: Any, axis: int = -1) -> Any:
    """Return one entry of ``x`` for each entry of ``indices``, looked up along ``axis``.

    Shapes:
        ``x`` and ``indices`` agree on every other axis -> ``indices.shape``.

    Example:
        >>> take_along_axis(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1], [0]]), axis=1).tolist()
        [[2.0], [3.0]]
    """
    return _take_along(x, indices, axis=normalize_axis(axis, np.ndim(x), "take_along_axis"))


def _one_hot_kernel(run: Run, out: Array, x: Array, *, num_classes: int, dtype: str) -> None:
    run(np.equal, x[..., None], np.arange(num_classes).astype(x.dtype), out, casting="unsafe")


_one_hot = Op(
    "one_hot",
    infer=lambda x, *, num_classes, dtype: ((*x.shape, num_classes), np.dtype(dtype)),
    kernel=_one_hot_kernel,
    vjp=lambda g, out, x, **_: (None,),
    apart=each,
    sample=lambda rng: ([rng.integers(0, 5, (3, 2))], {"num_classes": 5, "dtype": "float64"}),
)


@public
def one_hot(x: Any, num_classes: int, dtype: str = "float32") -> Any:
    """Return rows of ``dtype`` with a 1 at each class index; an index out of range gives a row of zeros.

    Shapes:
        ``x: (...)`` of integers -> ``(..., num_classes)``.

    Example:
        >>> one_hot(np.array([1, 0]), 3).tolist()
        [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    return _one_hot(x, num_classes=int(num_classes), dtype=np.dtype(dtype).name)
