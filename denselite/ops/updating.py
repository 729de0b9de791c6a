"""Entries set or added to by their place: blocks, rows at indices, sums over segments."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, ShapeError, UncoveredError
from denselite.ops.filling import convert_to_tensor, ones, shape, triu
from denselite.ops.identity import cast
from denselite.ops.indexing import _take_back, getitem, one_hot
from denselite.ops.joining import pad
from denselite.ops.logic import equal, greater, greater_equal, less, logical_and, logical_not, where
from denselite.ops.op import public
from denselite.ops.reduction import any as any_of
from denselite.ops.reduction import max as max_over
from denselite.ops.reduction import sum as sum_over
from denselite.ops.shaping import expand_dims, reshape
from denselite.tensor.dtypes import standardize_dtype
from denselite.tensor.symbols import Tensor

__all__ = ["get_item", "multi_hot", "scatter", "scatter_update", "segment_sum", "slice", "slice_update"]

get_item = getitem
_span = slice  # Python's; below it is the operation


def _corner(who: str, start_indices: Any) -> list[int]:
    if isinstance(start_indices, Tensor) or any(isinstance(start, Tensor) for start in start_indices):
        raise UncoveredError(f"{who} takes starts that are known when it is called, got a tensor. Use take or where.")
    return [int(start) for start in start_indices]


@public
def slice(inputs: Any, start_indices: Sequence[int], shape: Sequence[int]) -> Any:
    """Return the block of ``inputs`` of ``shape`` whose first entry is at ``start_indices``; a view.

    Raises:
        ShapeError: it reaches beyond ``inputs``.
        UncoveredError: the start is a tensor.

    Example:
        >>> slice(np.array([[1, 2, 3], [4, 5, 6]]), [0, 1], [2, 2]).tolist()
        [[2, 3], [5, 6]]
    """
    corner, sizes = _corner("slice", start_indices), np.shape(inputs)
    if len(corner) != len(sizes) or any(
        not 0 <= start <= start + wanted <= size for start, wanted, size in zip(corner, shape, sizes, strict=True)
    ):
        raise ShapeError(f"slice expects a block inside of shape {sizes}, got {tuple(shape)} from {tuple(corner)} on.")
    return getitem(inputs, tuple(_span(a, a + n) for a, n in zip(corner, shape, strict=True)))


@public
def slice_update(inputs: Any, start_indices: Sequence[int], updates: Any) -> Any:
    """Return ``inputs`` with the block whose first entry is at ``start_indices`` replaced by ``updates``.

    Raises:
        ShapeError: the block reaches beyond ``inputs``.
        UncoveredError: the start is a tensor.

    Example:
        >>> slice_update(np.zeros(4), [1], np.array([5.0, 6.0])).tolist()
        [0.0, 5.0, 6.0, 0.0]
    """
    corner, sizes, block = _corner("slice_update", start_indices), np.shape(inputs), np.shape(updates)
    if len(corner) != len(sizes) or any(
        not 0 <= start <= start + wanted <= size for start, wanted, size in zip(corner, block, sizes, strict=True)
    ):
        raise ShapeError(f"slice_update expects a block inside of shape {sizes}, got {block} from {tuple(corner)} on.")
    around = [(a, size - a - n) for a, n, size in zip(corner, block, sizes, strict=True)]
    return where(pad(ones(block, "bool"), around), pad(updates, around), inputs)


def _rows(indices: Any, values: Any, sizes: Sequence[int]) -> tuple[Any, Any, tuple[int, ...], tuple[int, ...]]:
    """Flat places of the indices, the values as rows for them, the indexed sizes, and those of a row."""
    indices, values = convert_to_tensor(indices), convert_to_tensor(values)
    depth = shape(indices)[-1]
    indexed, row = tuple(sizes[:depth]), tuple(sizes[depth:])
    steps = np.asarray([prod(indexed[k + 1 :]) for k in range(depth)], np.int64)
    places = reshape(sum_over(where(less(indices, 0), indices + np.asarray(indexed), indices) * steps, -1), (-1,))
    return places, reshape(values, (-1, *row)), indexed, row


@public
def scatter(indices: Any, values: Any, shape: Sequence[int]) -> Any:
    """Return a tensor of ``shape`` with ``values`` added to zeros at ``indices``.

    Args:
        indices: places, integers; the last axis has one for each of the first axes of the result.
        values: a number for each place, or an array where places leave axes open.
        shape: of the result.

    Shapes:
        ``indices: (..., k)``, ``values: (..., *shape[k:])`` -> ``shape``.

    Example:
        >>> scatter(np.array([[0], [2], [0]]), np.array([1.0, 2.0, 4.0]), (3,)).tolist()
        [5.0, 0.0, 2.0]
    """
    places, rows, indexed, row = _rows(indices, values, shape)
    return reshape(_take_back(rows, places, axis=0, shape=(prod(indexed), *row)), (*indexed, *row))


@public
def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Any:
    """Return ``inputs`` with ``updates`` at ``indices``.

    Args:
        inputs: a tensor.
        indices: places, as ``scatter`` takes them.
        updates: what comes there; of several for one place the last counts.
        reduction: None to replace, ``"add"`` to add all to what is there.

    Raises:
        ArgumentError: another reduction.

    Example:
        >>> scatter_update(np.zeros(3), np.array([[2], [0]]), np.array([5.0, 6.0])).tolist()
        [6.0, 0.0, 5.0]
    """
    if reduction not in (None, "add"):
        raise ArgumentError(f"scatter_update has the reductions None and 'add', got {reduction!r}.")
    if reduction == "add":
        return inputs + scatter(indices, updates, np.shape(inputs))
    places, rows, indexed, row = _rows(indices, updates, np.shape(inputs))
    again = triu(equal(expand_dims(places, 1), places), 1)
    last = logical_not(any_of(again, 1))
    count, flat = prod(indexed), (len(rows), *(1,) * len(row))
    hit = greater(_take_back(last * 1, places, axis=0, shape=(count,)), 0)
    new = _take_back(where(reshape(last, flat), rows, 0), places, axis=0, shape=(count, *row))
    old = reshape(inputs, (count, *row))
    return reshape(where(reshape(hit, (count, *flat[1:])), new, old), np.shape(inputs))


@public
def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """Return for each segment the sum of the rows that belong to it.

    Args:
        data: rows along the first axis.
        segment_ids: the segment of each row; rows of one that does not exist are left out.
        num_segments: how many there are; by default up to the largest id, which a tensor of a trace does not tell.
        sorted: taken for Keras' sake; any order will do.

    Shapes:
        ``data: (n, ...)``, ``segment_ids: (n,)`` -> ``(num_segments, ...)``.

    Raises:
        ArgumentError: ``num_segments`` is missing for a tensor.

    Example:
        >>> segment_sum(np.array([1.0, 2.0, 4.0]), np.array([0, 0, 1])).tolist()
        [3.0, 4.0]
    """
    data, ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
    if num_segments is None:
        if isinstance(ids, Tensor):
            raise ArgumentError("segment_sum expects num_segments for a tensor, whose ids are not known yet.")
        num_segments = int(ids.max(initial=-1)) + 1
    exists = logical_and(greater_equal(ids, 0), less(ids, num_segments))
    row = shape(data)[1:]
    kept = where(reshape(exists, (-1, *(1,) * len(row))), data, 0)
    return _take_back(kept, where(exists, ids, 0), axis=0, shape=(num_segments, *row))


@public
def multi_hot(inputs: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """Return for each row of classes one row with a 1 at each of them.

    Args:
        inputs: classes, integers from 0; one out of range (-1) leaves no trace.
        num_classes: how many there are.
        axis: the axis of the classes in the result; the last one.
        dtype: of the result; ``floatx()`` by default.

    Shapes:
        ``inputs: (batch, n)`` -> ``(batch, num_classes)``; ``(n,)`` -> ``(num_classes,)``.

    Raises:
        ArgumentError: another axis.

    Example:
        >>> multi_hot(np.array([[0, 2], [1, -1]]), 3).tolist()
        [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    if axis not in (-1, np.ndim(inputs) - 1):
        raise ArgumentError(f"multi_hot puts the classes on the last axis, -1, got axis={axis}.")
    rows = one_hot(cast(convert_to_tensor(inputs), "int32"), num_classes, standardize_dtype(dtype).name)
    return max_over(rows, 1 if np.ndim(inputs) > 1 else 0)
