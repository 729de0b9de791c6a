"""Convolutions, pools and padding as modules of torch, which have the channels first and pad both sides alike."""

from __future__ import annotations

from typing import Any

from denselite.errors import ArgumentError
from denselite.exchange.torch.activations import activated
from denselite.exchange.torch.modules import Module, Weight
from denselite.exchange.torch.rows import Rows
from denselite.layers import (
    AveragePooling1D,
    AveragePooling2D,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    SpatialDropout1D,
    SpatialDropout2D,
    ZeroPadding1D,
    ZeroPadding2D,
)

__all__ = ["WINDOWS"]

Made = tuple[list[Module], Rows]
Sides = list[tuple[int, int]]  # how much is padded before and behind, for each axis of places


def _channels(layer: Any, rows: Rows, who: str) -> tuple[Rows, list[int | None]]:
    """Return the rows with channels where torch has them, and the sizes of the axes of places."""
    first = layer.data_format == "channels_first"
    rows = rows.with_channels(0 if first else rows.last, who)
    return rows, list(rows.sizes[1:] if first else rows.sizes[:-1])


def _after(layer: Any, rows: Rows) -> Rows:
    """Return what comes out of a layer that changes sizes alone."""
    return Rows(layer.compute_output_shape((None, *rows.sizes))[1:], rows.order)


def _sides(layer: Any, windows: Any, apart: Any, sizes: list[int | None], who: str) -> Sides:
    """Return how much a layer pads, as its padding says.

    Raises:
        ArgumentError: that follows from sizes that nobody knows.
    """
    spans = [(size - 1) * step + 1 for size, step in zip(windows, apart, strict=True)]
    if layer.padding == "valid":
        return [(0, 0)] * len(spans)
    if layer.padding == "causal":
        return [(span - 1, 0) for span in spans]
    sides = []
    for span, stride, size in zip(spans, layer.strides, sizes, strict=True):
        if size is None and stride > 1:
            raise ArgumentError(f"{who} pads as the size of its input asks for; give the Input a shape without None")
        covered = 0 if size is None else (-(-size // stride) - 1) * stride - size
        missing = span - 1 if stride == 1 else max(covered + span, 0)
        sides.append((missing // 2, missing - missing // 2))
    return sides


def _padded(sides: Sides) -> list[Module]:
    """Return the module that puts zeros around, which torch wants from the last axis on."""
    amounts = ", ".join(f"{before}, {behind}" for before, behind in reversed(sides))
    return [Module(f"ConstantPad{len(sides)}d(({amounts}), 0.0)")]


def _alike(sides: Sides) -> bool:
    return all(before == behind for before, behind in sides)


def _told(numbers: Any) -> str:
    numbers = tuple(numbers)
    return str(numbers[0] if len(numbers) == 1 else numbers)


def _convolution(layer: Any, rows: Rows, who: str) -> Made:
    rows, sizes = _channels(layer, rows, who)
    count = len(sizes)
    channels = layer.input_spec.axes[count + 1 if layer.data_format == "channels_last" else 1]
    axes, shape = (count + 1, count, *range(count)), None
    groups, features = getattr(layer, "groups", channels), layer.kernel.shape[-1]
    if isinstance(layer, DepthwiseConv1D | DepthwiseConv2D):  # each channel is a group
        axes, features = (count, count + 1, *range(count)), channels * features
        shape = (features, 1, *layer.kernel_size)
    sides = _sides(layer, layer.kernel_size, layer.dilation_rate, sizes, who)
    text = f"Conv{count}d({channels}, {features}, {_told(layer.kernel_size)}"
    text += f", stride={_told(layer.strides)}" if max(layer.strides) > 1 else ""
    text += f", padding={_told(before for before, _ in sides)}" if _alike(sides) and max(sides) > (0, 0) else ""
    text += f", dilation={_told(layer.dilation_rate)}" if max(layer.dilation_rate) > 1 else ""
    text += f", groups={groups}" if groups > 1 else ""
    tensors = {"weight": Weight(layer.kernel, axes, shape=shape)}
    if layer.bias is None:
        text += ", bias=False"
    else:
        tensors["bias"] = Weight(layer.bias, (0,))
    padding = [] if _alike(sides) else _padded(sides)
    rows = _after(layer, rows)
    made, rows = activated(layer.activation, rows, who)
    return [*padding, Module(f"{text})", dict(tensors)), *made], rows


def _pool(layer: Any, rows: Rows, who: str) -> Made:
    rows, sizes = _channels(layer, rows, who)
    sides = _sides(layer, layer.pool_size, (1,) * len(sizes), sizes, who)
    if not _alike(sides):
        raise ArgumentError(
            f"{who} pads {', '.join(f'{a} before and {b} behind' for a, b in sides)}, torch's pools both sides alike"
        )
    largest = isinstance(layer, MaxPooling1D | MaxPooling2D)
    text = f"{'Max' if largest else 'Avg'}Pool{len(sizes)}d({_told(layer.pool_size)}, {_told(layer.strides)}"
    if max(sides) > (0, 0):
        text += f", padding={_told(before for before, _ in sides)}" + ("" if largest else ", count_include_pad=False")
    return [Module(f"{text})")], _after(layer, rows)


def _global_pool(layer: Any, rows: Rows, who: str) -> Made:
    rows, sizes = _channels(layer, rows, who)
    kind = "Max" if isinstance(layer, GlobalMaxPooling1D | GlobalMaxPooling2D) else "Avg"
    pool = Module(f"Adaptive{kind}Pool{len(sizes)}d(1)")
    after = _after(layer, rows)
    return ([pool], after) if layer.keepdims else ([pool, Module("Flatten()")], Rows(after.sizes, (0,)))


def _dropout(layer: Any, rows: Rows, who: str) -> Made:
    rows, sizes = _channels(layer, rows, who)
    return [Module(f"Dropout{len(sizes)}d({layer.rate})")], rows


def _padding(layer: Any, rows: Rows, who: str) -> Made:
    rows, sizes = _channels(layer, rows, who)
    return _padded([layer.padding] if len(sizes) == 1 else list(layer.padding)), _after(layer, rows)


WINDOWS: dict[type, Any] = {
    **dict.fromkeys((Conv1D, Conv2D, DepthwiseConv1D, DepthwiseConv2D), _convolution),
    **dict.fromkeys((AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D), _pool),
    **dict.fromkeys(
        (GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalMaxPooling1D, GlobalMaxPooling2D), _global_pool
    ),
    **dict.fromkeys((SpatialDropout1D, SpatialDropout2D), _dropout),
    **dict.fromkeys((ZeroPadding1D, ZeroPadding2D), _padding),
}
