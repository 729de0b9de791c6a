"""ONNX for what goes along axes: sums, extremes, products, running sums, order."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from denselite.exchange.onnx.graph import Edge, OnnxGraph, Writer, computed_in
from denselite.graph.dims import is_static

__all__ = ["WRITERS"]


def _wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """What runtimes reduce in; float16 adds up as float32."""
    return np.dtype(np.float32) if dtype == np.float16 else computed_in(dtype)


def _reduced(kind: str, **options: Any) -> Writer:
    def writer(graph: OnnxGraph, x: Edge, *, axes: tuple[int, ...], keepdims: bool) -> Edge:
        dtype = options.get("dtype") or _wide(graph.value.dtype)
        found = graph.cast(graph.cast(x, bool), dtype) if "dtype" in options else graph.cast(x, dtype)
        return graph.node(kind, found, np.asarray(axes, np.int64), keepdims=int(keepdims)) if axes else found

    return writer


def _divide_by_count(graph: OnnxGraph, x: Edge, *, sizes: tuple[Any, ...]) -> Edge:
    dtype = graph.value.dtype
    found = graph.cast(x, dtype)
    if is_static(sizes):
        count = prod(sizes)
        return graph.node("Mul", found, 1.0 / count if count else np.nan)
    count = graph.node("ReduceProd", graph.sizes(sizes), keepdims=0)
    return graph.node("Div", found, graph.cast(count, dtype))


def _cumsum(graph: OnnxGraph, x: Edge, *, axis: int) -> Edge:
    return graph.node("CumSum", graph.cast(x, _wide(graph.value.dtype)), np.asarray(axis, np.int64))


def _place_of(kind: str) -> Writer:
    def writer(graph: OnnxGraph, x: Edge, *, axis: int) -> Edge:
        return graph.node(kind, graph.cast(x, _wide(x.dtype)), axis=axis, keepdims=0, dtype=np.int64)

    return writer


def _argsort(graph: OnnxGraph, x: Edge, *, axis: int, descending: bool) -> Edge:
    return _ordered(graph, x, axis, descending, place=1, dtype=np.int64)


def _ordered(graph: OnnxGraph, x: Edge, axis: int, descending: bool, **options: Any) -> Edge:
    """``TopK`` of all there are: of equals the first comes first."""
    count = graph.sizes([x.sizes[axis]])
    found = graph.cast(x, _wide(x.dtype))
    return graph.node("TopK", found, count, axis=axis, largest=int(descending), outputs=2, **options)


def _searchsorted(graph: OnnxGraph, sequence: Edge, values: Edge, *, side: str) -> Edge:
    """How many entries do not lie behind the value: all for NaN."""
    dtype = computed_in(np.result_type(sequence.dtype, values.dtype))
    column = graph.reshape(graph.cast(values, dtype), (*values.sizes, 1))
    kind = "GreaterOrEqual" if side == "left" else "Greater"
    before = graph.node("Not", graph.node(kind, graph.cast(sequence, dtype), column, dtype=bool))
    return graph.node("ReduceSum", graph.cast(before, np.int64), np.asarray([-1]), keepdims=0)


def _sparsemax(graph: OnnxGraph, x: Edge, *, axis: int) -> Edge:
    """As the kernel does: the threshold is the largest ``(sum of the k largest - 1) / k``, counted from the top."""
    dtype = _wide(graph.value.dtype)
    size = graph.static("the size of the axis", x.sizes[axis])
    counts = np.arange(1, size + 1, dtype=dtype).reshape([-1] + [1] * (len(x.sizes) - axis - 1))
    found, along = graph.cast(x, dtype), np.asarray([axis])
    below = graph.node("Sub", found, graph.node("ReduceMax", found, along, keepdims=1), shape=x.shape)
    ranked = _ordered(graph, below, axis, True)
    sums = graph.node("CumSum", ranked, np.asarray(axis))
    threshold = graph.node("ReduceMax", graph.node("Div", graph.node("Sub", sums, 1), counts), along, keepdims=1)
    return graph.node("Max", graph.node("Sub", below, threshold), 0)


def _matmul(graph: OnnxGraph, a: Edge, b: Edge) -> Edge:
    dtype = computed_in(graph.value.dtype)
    return graph.node("MatMul", graph.cast(a, dtype), graph.cast(b, dtype))


WRITERS: dict[str, Writer] = {
    "all": _reduced("ReduceMin", dtype=np.dtype(np.int32)),
    "any": _reduced("ReduceMax", dtype=np.dtype(np.int32)),
    "argmax": _place_of("ArgMax"),
    "argmin": _place_of("ArgMin"),
    "argsort": _argsort,
    "cumsum": _cumsum,
    "divide_by_count": _divide_by_count,
    "matmul": _matmul,
    "max": _reduced("ReduceMax"),
    "min": _reduced("ReduceMin"),
    "prod": _reduced("ReduceProd"),
    "searchsorted": _searchsorted,
    "sparsemax": _sparsemax,
    "sum": _reduced("ReduceSum"),
}
