"""ONNX for windows that slide over images: convolutions and pools.

denselite puts channels last, ONNX puts them first; runtimes take out again what is transposed forth and back.
onnxruntime has no convolution and no average of float64: those are written as products and sums of shifted slices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.exchange.onnx.graph import Edge, OnnxGraph, Writer
from denselite.ops.windows import Padding

__all__ = ["WRITERS"]


def _in_floats(write: Callable[..., Edge]) -> Writer:
    """Compute float16 as float32."""

    def writer(graph: OnnxGraph, *xs: Edge, **options: Any) -> Edge:
        return write(graph, *(graph.cast(x, np.float32) if x.dtype == np.float16 else x for x in xs), **options)

    return writer


def _sliding(graph: OnnxGraph, kind: str, x: Edge, *weights: Edge, padding: Padding, **attrs: Any) -> Edge:
    """A node on images with channels first, between two transpositions."""
    last = len(x.sizes) - 1
    pads = [*(before for before, _ in padding), *(after for _, after in padding)]
    found = graph.node(kind, graph.transpose(x, (0, last, *range(1, last))), *weights, pads=pads, **attrs)
    return graph.transpose(found, (0, *range(2, last + 1), 1))


def _padded(graph: OnnxGraph, x: Edge, padding: Padding, value: float = 0) -> Edge:
    if not any(map(any, padding)):
        return x
    before, after = zip(*padding, strict=True)
    return graph.node("Pad", x, np.asarray([0, *before, 0, 0, *after, 0]), np.asarray(value, x.dtype))


def _shifted(
    graph: OnnxGraph, x: Edge, out: Sequence[int], window: Any, strides: Any, padding: Padding, dilation: Any
) -> Iterator[tuple[tuple[int, ...], Edge]]:
    """Yield for each place of the window the entries that the windows have there, shaped like the features."""
    x = _padded(graph, x, padding)
    axes = range(1, len(window) + 1)
    for place in np.ndindex(*window):
        starts = [k * apart for k, apart in zip(place, dilation, strict=True)]
        ends = [start + (size - 1) * step + 1 for start, size, step in zip(starts, out, strides, strict=True)]
        yield place, graph.slice(x, axes, starts, ends, strides)


def _total(graph: OnnxGraph, parts: Iterator[Edge]) -> Edge:
    total = next(parts)
    for part in parts:
        total = graph.node("Add", total, part)
    return total


def _entry(graph: OnnxGraph, kernel: Edge, place: Sequence[int]) -> Edge:
    """The part of a kernel for one place of the window."""
    if kernel.array is not None:
        found = kernel.array[tuple(place)]
        return Edge(kernel.dtype, found.shape, array=found, label=kernel.label)
    ends = [k + 1 for k in place]
    part = graph.slice(kernel, range(len(place)), place, ends, [1] * len(place))
    return graph.reshape(part, kernel.sizes[len(place) :])


def _conv(graph: OnnxGraph, x: Edge, w: Edge, *, strides: Any, padding: Padding, dilation: Any, groups: int) -> Edge:
    axes = len(w.sizes) - 2
    if x.dtype != np.float64:
        weights = graph.transpose(w, (axes + 1, axes, *range(axes)))
        return _sliding(graph, "Conv", x, weights, padding=padding, strides=strides, dilations=dilation, group=groups)
    return _by_group(
        graph,
        x,
        w,
        groups,
        lambda images, kernel: _products(graph, images, kernel, graph.value.shape[1:-1], strides, padding, dilation),
    )


def _products(graph: OnnxGraph, x: Edge, w: Edge, out: Any, strides: Any, padding: Padding, dilation: Any) -> Edge:
    shifted = _shifted(graph, x, out, w.sizes[:-2], strides, padding, dilation)
    return _total(graph, (graph.node("MatMul", part, _entry(graph, w, place)) for place, part in shifted))


def _by_group(graph: OnnxGraph, x: Edge, w: Edge, groups: int, write: Callable[[Edge, Edge], Edge]) -> Edge:
    """Write each group of channels (the last axis of both) by itself."""
    if groups == 1:
        return write(x, w)
    found = [write(_group(graph, x, k, groups), _group(graph, w, k, groups)) for k in range(groups)]
    return graph.node("Concat", *found, axis=len(x.sizes) - 1)


def _group(graph: OnnxGraph, x: Edge, k: int, groups: int) -> Edge:
    width, last = x.sizes[-1] // groups, len(x.sizes) - 1
    shape = (*x.sizes[:-1], width)
    if x.array is not None:
        return Edge(x.dtype, shape, array=x.array[..., k * width : (k + 1) * width], label=x.label)
    return graph.slice(x, [last], [k * width], [(k + 1) * width], [1], shape)


def _conv_back(
    graph: OnnxGraph, g: Edge, w: Edge, *, sizes: Any, strides: Any, padding: Padding, dilation: Any, groups: int
) -> Edge:
    """The transposed convolution: ``padding`` is cut off, and what is missing behind to ``sizes`` is added."""
    axes = len(w.sizes) - 2
    spans = [apart * (k - 1) for k, apart in zip(w.sizes[:-2], dilation, strict=True)]
    reached = [step * (size - 1) + span + 1 for step, size, span in zip(strides, g.sizes[1:-1], spans, strict=True)]
    more = [size - reach + sum(pair) for size, reach, pair in zip(sizes, reached, padding, strict=True)]
    if g.dtype != np.float64 and all(0 <= added < step for added, step in zip(more, strides, strict=True)):
        weights = graph.transpose(w, (axes + 1, axes, *range(axes)))
        return _sliding(
            graph, "ConvTranspose", g, weights, padding=padding, strides=strides, dilations=dilation, group=groups,
            output_padding=more,
        )  # fmt: skip
    around = tuple(
        (span - low, span - high + added) for span, (low, high), added in zip(spans, padding, more, strict=True)
    )
    ones = [1] * axes
    return _by_group(
        graph,
        _apart(graph, g, strides),
        w,
        groups,
        lambda images, kernel: _products(graph, images, _turned(graph, kernel), sizes, ones, around, dilation),
    )


def _apart(graph: OnnxGraph, x: Edge, strides: Sequence[int]) -> Edge:
    """Images with zeros between their entries, so that these lie ``strides`` apart."""
    batch, *sizes, channels = x.sizes
    steps = list(zip(sizes, strides, strict=True))
    column = graph.reshape(x, (batch, *(n for size, _ in steps for n in (size, 1)), channels))
    after = [0, *(n for _, step in steps for n in (0, step - 1)), 0]
    spread = graph.node("Pad", column, np.asarray([0] * len(after) + after), np.zeros((), x.dtype))
    whole = graph.reshape(spread, (batch, *(size * step for size, step in steps), channels))
    ends = [(size - 1) * step + 1 for size, step in steps]
    shape = (batch, *ends, channels)
    return graph.slice(whole, range(1, len(ends) + 1), [0] * len(ends), ends, [1] * len(ends), shape)


def _turned(graph: OnnxGraph, w: Edge) -> Edge:
    """A kernel from features to channels, its window turned round."""
    axes = len(w.sizes) - 2
    if w.array is None:
        ends = [-size - 1 for size in w.sizes[:-2]]
        found = graph.slice(w, range(axes), [-1] * axes, ends, [-1] * axes, w.shape)
    else:
        found = Edge(w.dtype, w.shape, array=np.flip(w.array, tuple(range(axes))), label=w.label)
    return graph.transpose(found, (*range(axes), axes + 1, axes))


def _depthwise_conv(graph: OnnxGraph, x: Edge, w: Edge, *, strides: Any, padding: Padding, dilation: Any) -> Edge:
    """A group for each channel; the features of a channel stand side by side."""
    *window, channels, multiplier = w.sizes
    axes = len(window)
    if x.dtype != np.float64:
        weights = graph.transpose(w, (axes, axes + 1, *range(axes)))
        weights = graph.reshape(weights, (channels * multiplier, 1, *window))
        return _sliding(graph, "Conv", x, weights, padding=padding, strides=strides, dilations=dilation, group=channels)
    out = graph.value.shape[1:-1]
    rows = (x.sizes[0], *out, channels, 1)
    shifted = _shifted(graph, x, out, window, strides, padding, dilation)
    parts = (graph.node("Mul", graph.reshape(part, rows), _entry(graph, w, place)) for place, part in shifted)
    return graph.reshape(_total(graph, parts), graph.value.shape)


def _max_pool(graph: OnnxGraph, x: Edge, *, window: Any, strides: Any, padding: Padding) -> Edge:
    found = x if x.dtype == np.float32 else graph.cast(x, np.float64)
    return _sliding(graph, "MaxPool", found, padding=padding, kernel_shape=window, strides=strides)


def _sum_pool(graph: OnnxGraph, x: Edge, *, window: Any, strides: Any, padding: Padding) -> Edge:
    if x.dtype == np.float32:
        options = {"kernel_shape": window, "strides": strides, "count_include_pad": 1}
        return graph.node("Mul", _sliding(graph, "AveragePool", x, padding=padding, **options), prod(window))
    out, near = graph.value.shape[1:-1], [1] * len(window)
    return _total(graph, (part for _, part in _shifted(graph, x, out, window, strides, padding, near)))


WRITERS: dict[str, Writer] = {
    "conv": _in_floats(_conv),
    "conv_back": _in_floats(_conv_back),
    "depthwise_conv": _in_floats(_depthwise_conv),
    "max_pool": _in_floats(_max_pool),
    "sum_pool": _in_floats(_sum_pool),
}
