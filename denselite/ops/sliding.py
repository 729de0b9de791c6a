"""How a window slides over images: what the arguments of convolutions and pools say, one number for each axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from denselite import config
from denselite.errors import ArgumentError, ShapeError
from denselite.ops.identity import cast
from denselite.ops.op import as_float
from denselite.ops.windows import Padding
from denselite.tensor.dtypes import is_integer, joint_dtype

__all__ = ["each_axis", "enlarged", "is_channels_first", "of_one_dtype", "options_of"]


def options_of(
    who: str, images: Any, window: Sequence[int], strides: Any, padding: Any, dilation: Any = 1
) -> dict[str, Any]:
    """Return strides, padding and dilation of a window over images, one for each axis.

    Args:
        who: for the error.
        images: what it slides over, channels last.
        window: how many entries it has, for each axis.
        strides: how far windows lie apart; one integer or one for each axis.
        padding: ``"valid"`` for nothing around the images, ``"same"`` for as much as makes ``ceil(size / stride)``
            windows fit, the odd one behind, or how much before and after, for each axis.
        dilation: how far the entries of a window lie apart; one integer or one for each axis.

    Raises:
        ArgumentError: one of them is something else.
        ShapeError: the images have more or fewer axes, or no window fits into one.
    """
    sizes, axes = tuple(images.shape[1:-1]), len(window)
    if len(sizes) != axes:
        raise ShapeError(
            f"{who} slides a window of {_times(window)} over inputs of {axes + 2} axes (batch and channels among "
            f"them), got one of {len(images.shape)}."
        )
    steps = each_axis(strides, axes, who, "strides")
    apart = each_axis(dilation, axes, who, "dilation_rate")
    spans = [step * (entries - 1) + 1 for entries, step in zip(window, apart, strict=True)]
    around = _padding(padding, sizes, spans, steps, who)
    if any(size + sum(pair) < span for size, pair, span in zip(sizes, around, spans, strict=True)):
        raise ShapeError(
            f"{who} finds no window of {_times(spans)} entries in an input of {_times(sizes)}. "
            "Set padding='same', or use fewer or smaller windows."
        )
    return {"strides": steps, "padding": around, "dilation": apart}


def _padding(padding: Any, sizes: Sequence[int], spans: Sequence[int], strides: Sequence[int], who: str) -> Padding:
    if padding == "valid":
        return ((0, 0),) * len(spans)
    if padding == "same":
        steps = zip(sizes, spans, strides, strict=True)
        totals = [max((-(-size // stride) - 1) * stride + span - size, 0) for size, span, stride in steps]
        return tuple((total // 2, total - total // 2) for total in totals)
    if not isinstance(padding, list | tuple) or [len(pair) for pair in padding] != [2] * len(spans):
        raise ArgumentError(
            f"{who} takes padding 'valid', 'same' or (before, after) for each of {len(spans)} axes, got {padding!r}."
        )
    return tuple((int(before), int(after)) for before, after in padding)


def each_axis(value: Any, axes: int, who: str, what: str) -> tuple[int, ...]:
    """Return one integer for every axis, of one that counts for all or one for each.

    Raises:
        ArgumentError: there are more or fewer, or one is not above 0.
    """
    found = tuple(value) if isinstance(value, list | tuple) else (value,) * axes
    if len(found) != axes or not all(is_integer(entry) and entry > 0 for entry in found):
        raise ArgumentError(f"{who} takes {what} of one or {axes} integers above 0, got {value!r}.")
    return tuple(map(int, found))


def is_channels_first(data_format: str | None, who: str) -> bool:
    """Say whether the channels stand before the places; None is what ``config.image_data_format()`` says.

    Raises:
        ArgumentError: ``data_format`` is another.
    """
    found = config.image_data_format() if data_format is None else data_format
    if found not in ("channels_last", "channels_first"):
        raise ArgumentError(f"{who} takes data_format 'channels_last' or 'channels_first', got {data_format!r}.")
    return found == "channels_first"


def enlarged(
    who: str, images: Any, window: Sequence[int], strides: Any, padding: str, output_padding: Any, dilation: Any
) -> tuple[tuple[int, ...], dict[str, Any]]:
    """Return the sizes that a transposed convolution gives, and the options of the convolution it is the gradient of.

    Args:
        who: for the error.
        images: what is enlarged, channels last.
        window: how many entries a window has, for each axis.
        strides: as of ``options_of``.
        padding: ``"valid"`` or ``"same"``.
        output_padding: how much is added behind, one integer or one for each axis; None for what ``padding`` says.
        dilation: as of ``options_of``.

    Raises:
        ArgumentError: one of them is something else, or ``output_padding`` is not less than ``strides``.
        ShapeError: the images have more or fewer axes, or nothing is left of one.
    """
    if padding not in ("valid", "same"):
        raise ArgumentError(f"{who} takes padding 'valid' or 'same', got {padding!r}.")
    options = options_of(who, images, window, strides, "same", dilation)
    steps = options["strides"]
    added = tuple(output_padding) if isinstance(output_padding, list | tuple) else (output_padding,) * len(steps)
    if len(added) != len(steps) or not all(
        more is None or (is_integer(more) and 0 <= more < step) for more, step in zip(added, steps, strict=True)
    ):
        raise ArgumentError(
            f"{who} takes an output_padding of integers below the strides {steps}, got {output_padding!r}."
        )
    sizes, around = [], []
    for size, entries, step, apart, more in zip(
        images.shape[1:-1], window, steps, options["dilation"], added, strict=True
    ):
        span, reach = apart * (entries - 1) + 1, (size - 1) * step
        if padding == "valid":
            larger, before = reach + max(span, step) if more is None else reach + span + more, 0
        else:
            total = span + (step if more is None else span % 2 + more) - 2
            larger, before = reach + total - span + 2, max(span - 1 - (total + 1) // 2, 0)
        sizes.append(larger)
        around.append((before, max(reach + span - before - larger, 0)))
    if min(sizes) < 1:
        raise ShapeError(f"{who} leaves nothing of an input of {_times(images.shape[1:-1])}. Use a larger window.")
    return tuple(sizes), {**options, "padding": tuple(around)}


def of_one_dtype(*arrays: Any) -> list[Any]:
    """Return arrays in the float dtype that they have in common."""
    dtype = as_float(joint_dtype(*(array.dtype for array in arrays)))
    return [cast(array, dtype) for array in arrays]


def _times(sizes: Sequence[int]) -> str:
    return " × ".join(map(str, sizes))
