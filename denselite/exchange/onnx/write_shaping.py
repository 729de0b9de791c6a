"""ONNX for what moves entries: shapes, slices, looking up by index, joining, padding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from denselite.exchange.onnx.graph import FAR, Edge, OnnxGraph, Writer, computed_in
from denselite.graph.dims import Affine

__all__ = ["WRITERS"]


def _count(graph: OnnxGraph, *, count: Any, dtype: str) -> Edge:
    return graph.cast(graph.reshape(graph.sizes([count]), ()), dtype)


def _broadcast_to(graph: OnnxGraph, x: Edge, *, shape: tuple[Any, ...]) -> Edge:
    return graph.node("Expand", x, graph.sizes(shape))


def _slice(graph: OnnxGraph, x: Edge, *, key: tuple[Any, ...]) -> Edge:
    taken = sum(entry is not None and entry is not Ellipsis for entry in key)
    rest = len(x.sizes) - taken
    axes, bounds, axis = [], [], 0
    for entry in key if Ellipsis in key else (*key, Ellipsis):
        if entry is Ellipsis:
            axis += rest
        elif entry is not None:
            found = _bounds(graph, entry)
            if found != (0, FAR, 1):
                axes.append(axis)
                bounds.append(found)
            axis += 1
    if axes:
        x = graph.slice(x, axes, *zip(*bounds, strict=True))
    return graph.reshape(x, graph.value.shape)


def _bounds(graph: OnnxGraph, entry: Any) -> tuple[Any, Any, int]:
    """Start, end and step of a slice, or of a single entry."""
    if not isinstance(entry, slice):
        if isinstance(entry, Affine) and entry.slope < 0:
            graph.static("the place", entry)
        return entry, FAR if entry == -1 else _next(entry), 1
    step = 1 if entry.step is None else entry.step
    first, last = (0, FAR) if step > 0 else (FAR, -FAR)
    return first if entry.start is None else entry.start, last if entry.stop is None else entry.stop, step


def _next(place: Any) -> Any:
    return Affine(place.slope, place.offset + 1) if isinstance(place, Affine) else place + 1


def _in_range(graph: OnnxGraph, indices: Edge, size: Any) -> Edge:
    """Integers, taken round the ends of an axis as NumPy's mode ``"wrap"`` takes them."""
    found = graph.cast(indices, np.int64)
    if found.array is not None and not isinstance(size, Affine):
        return Edge(found.dtype, found.shape, array=found.array % size)
    return graph.node("Mod", found, graph.sizes([size]))


def _take(graph: OnnxGraph, x: Edge, indices: Edge, *, axis: int) -> Edge:
    size = x.sizes[axis]
    known = indices if indices.below == size else _in_range(graph, indices, size)
    return graph.node("Gather", x, known, axis=axis)


def _take_along_axis(graph: OnnxGraph, x: Edge, indices: Edge, *, axis: int) -> Edge:
    size = x.sizes[axis]
    known = indices if indices.below == size else _in_range(graph, indices, size)
    return graph.node("GatherElements", x, known, axis=axis)


def _checked_ids(graph: OnnxGraph, x: Edge, *, rows: int, who: str) -> Edge:
    """The runtime looks whether ids are too large when it gathers by them."""
    found = graph.cast(x, np.int64)
    return replace(found, below=rows)


def _one_hot(graph: OnnxGraph, x: Edge, *, num_classes: int, dtype: str) -> Edge:
    column = graph.cast(graph.reshape(x, (*x.sizes, 1)), computed_in(x.dtype))
    classes = np.arange(graph.static("the number of classes", num_classes)).astype(column.dtype)
    return graph.cast(graph.node("Equal", column, classes, dtype=bool), dtype)


def _class_places(graph: OnnxGraph, labels: Edge, *, classes: int) -> Edge:
    (rows,) = labels.sizes
    end = _count(graph, count=rows, dtype="int64")
    rows = graph.node("Range", np.asarray(0), end, np.asarray(1))
    return graph.node("Add", graph.cast(labels, np.int64), graph.node("Mul", rows, np.asarray(classes)))


def _bin_sums(graph: OnnxGraph, values: Edge, places: Edge, *, bins: Any) -> Edge:
    x = graph.cast(values, np.float32 if values.dtype == np.float16 else computed_in(values.dtype))
    empty = graph.node("Expand", np.zeros((), x.dtype), graph.sizes([bins]))
    return graph.node("ScatterElements", empty, graph.cast(places, np.int64), x, axis=0, reduction="add")


def _concatenate(graph: OnnxGraph, *xs: Edge, axis: int) -> Edge:
    return graph.node("Concat", *(graph.cast(x, graph.value.dtype) for x in xs), axis=axis)


def _pad(graph: OnnxGraph, x: Edge, *, widths: tuple[tuple[Any, Any], ...], value: float) -> Edge:
    found = graph.cast(x, computed_in(x.dtype))
    around = graph.sizes([*(before for before, _ in widths), *(after for _, after in widths)])
    return graph.node("Pad", found, around, np.asarray(value).astype(x.dtype).astype(found.dtype))


WRITERS: dict[str, Writer] = {
    "broadcast_to": _broadcast_to,
    "bin_sums": _bin_sums,
    "cast": lambda graph, x, *, dtype: graph.cast(x, dtype),
    "checked_ids": _checked_ids,
    "class_places": _class_places,
    "concatenate": _concatenate,
    "count": _count,
    "one_hot": _one_hot,
    "pad": _pad,
    "reshape": lambda graph, x, *, shape: graph.reshape(x, shape),
    "slice": _slice,
    "take": _take,
    "take_along_axis": _take_along_axis,
    "transpose": lambda graph, x, *, axes: graph.transpose(x, axes),
}
