"""Reading ONNX: what moves entries: shapes, slices, looking up by index, joining, padding, constants."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from denselite.errors import FormatError, UncoveredError
from denselite.exchange.onnx.scene import LARGEST, Reader, Scene
from denselite.exchange.onnx.sizes import Size, are_sizes, as_sizes
from denselite.layers import Flatten
from denselite.tensor.dtypes import is_float
from denselite.tensor.symbols import KerasTensor

__all__ = ["READERS"]


def _constant(
    scene: Scene, *, value: Any = None, value_float: float | None = None, value_floats: Any = None,
    value_int: int | None = None, value_ints: Any = None,
) -> Any:  # fmt: skip
    floats = value_float if value_floats is None else value_floats
    ints = value_int if value_ints is None else value_ints
    if value is not None:
        return value
    return np.asarray(ints, np.int64) if floats is None else np.asarray(floats, np.float32)


def _shape(scene: Scene, x: Any, *, start: int = 0, end: int | None = None) -> Any:
    return as_sizes(scene.sizes_of(x)[start:end])


def _size(scene: Scene, x: Any) -> Any:
    return as_sizes(prod(scene.sizes_of(x)))


def _reshape(scene: Scene, x: Any, shape: Any, *, allowzero: int = 0) -> Any:
    wanted: list[Any] = list(shape) if are_sizes(shape) else scene.ints("the shape", shape)
    if not allowzero:
        sizes = scene.sizes_of(x) if 0 in wanted else ()
        wanted = [sizes[k] if entry == 0 else entry for k, entry in enumerate(wanted)]
    if not isinstance(x, KerasTensor):
        return scene.call("reshape", x, wanted)
    wanted = _for_every_batch(scene, x, wanted) if scene.fixed else wanted
    wanted = _settled(scene, x, wanted) if _open(wanted) > 1 else wanted
    if _open(wanted) > 1:
        raise UncoveredError("needs a shape with two sizes that are open")
    return _reshaped(scene, x, [-1 if isinstance(entry, Size) else int(entry) for entry in wanted])


def _open(sizes: list[Any]) -> int:
    """How many sizes are not told."""
    return sum(isinstance(size, Size) or size == -1 for size in sizes)


def _for_every_batch(scene: Scene, x: KerasTensor, wanted: list[Any]) -> list[Any]:
    """Replace what a file that fixes the batch says by a shape for every batch, where there is no doubt which it is.

    Raises:
        UncoveredError: there is.
    """
    sizes = scene.sizes_of(x)
    place = next((k for k, size in enumerate(sizes) if isinstance(size, Size)), None)
    if place is None or any(isinstance(entry, Size) for entry in wanted):
        return wanted
    known = prod(size.slope * scene.fixed if isinstance(size, Size) else size for size in sizes)
    left = known // max(prod(entry for entry in wanted if entry != -1), 1)
    found = [left if entry == -1 else entry for entry in wanted]
    stays = found[:place] == list(sizes[:place]) and found[place : place + 1] == [scene.fixed]
    if stays or (place == 0 and found and found[0] % scene.fixed == 0):
        return [*found[:place], -1, *found[place + 1 :]]
    raise UncoveredError(f"gives shape {tuple(wanted)} to batches of {scene.fixed}")


def _settled(scene: Scene, x: Any, wanted: list[Any]) -> list[Any]:
    """Replace -1 by what is left of the entries of a row, where the batch stays the batch."""
    first, *row = scene.sizes_of(x)
    if isinstance(first, Size) and first.is_known and wanted[0] == first and all(isinstance(n, int) for n in row):
        known = prod(entry for entry in wanted[1:] if entry != -1)
        if isinstance(known, int) and known:
            return [first, *(prod(row) // known if entry == -1 else entry for entry in wanted[1:])]
    return wanted


def _reshaped(scene: Scene, x: KerasTensor, wanted: list[int]) -> Any:
    row = x.shape[1:]
    base = scene.before_merging(x)
    if base is not None and wanted == [-1 if size is None else size for size in base.shape]:
        return base
    if len(row) > 1 and None not in row and x.shape[0] is None and is_float(x.dtype):
        if wanted == [-1, prod(row)]:
            return scene.layer(Flatten, x, data_format="channels_last")
        if wanted == [-1, row[-1]]:
            return scene.merge(x)
    return scene.call("reshape", x, tuple(wanted))


def _flatten(scene: Scene, x: Any, *, axis: int = 1) -> Any:
    axis = axis + len(x.shape) if axis < 0 else axis
    sizes = scene.sizes_of(x)
    return _reshape(scene, x, as_sizes([prod(sizes[:axis]), prod(sizes[axis:])]), allowzero=1)


def _squeeze(scene: Scene, x: Any, axes: Any = None) -> Any:
    if axes is None and scene.fixed:
        raise UncoveredError("leaves out every axis of size 1, and the batch may be one")
    if axes is None:
        found = [axis for axis, size in enumerate(x.shape) if size == 1]
    else:
        found = scene.ints("the axes", np.asarray(axes))
    return scene.call("squeeze", x, tuple(found)) if found else x


def _unsqueeze(scene: Scene, x: Any, axes: Any) -> Any:
    return scene.call("expand_dims", x, tuple(scene.ints("the axes", np.asarray(axes))))


def _transpose(scene: Scene, x: Any, *, perm: Any = None) -> Any:
    return scene.transpose(x, range(len(x.shape))[::-1] if perm is None else perm)


def _concat(scene: Scene, *xs: Any, axis: int) -> Any:
    return scene.call("concatenate", list(xs), axis=axis)


def _split(scene: Scene, x: Any, split: Any = None, *, axis: int = 0, num_outputs: int | None = None) -> Any:
    count, size = len(scene.step.makes), x.shape[axis]
    if split is None:
        if size is None:
            raise UncoveredError("splits an axis of open size")
        part = -(-size // count)
        split = [part] * (count - 1)
    else:
        split = scene.ints("the sizes", np.asarray(split))[:-1]
    if not split:
        return (x,)
    return tuple(scene.call("split", x, [int(end) for end in np.cumsum(split)], axis=axis))


def _slice(scene: Scene, x: Any, starts: Any, ends: Any, axes: Any = None, steps: Any = None) -> Any:
    begins, stops = scene.ints("the starts", starts), scene.ints("the ends", ends)
    places = list(range(len(begins))) if axes is None else scene.ints("the axes", np.asarray(axes))
    strides = [1] * len(begins) if steps is None else scene.ints("the steps", np.asarray(steps))
    key = [slice(None)] * len(x.shape)
    for place, begin, stop, stride in zip(places, begins, stops, strides, strict=True):
        key[place] = slice(_bound(x.shape[place], begin), _bound(x.shape[place], stop), stride)
    return x if all(part == slice(None) for part in key) else scene.call("getitem", x, tuple(key))


def _bound(size: int | None, place: int) -> int:
    """An end of a slice: what lies far beyond every axis is no number that is written."""
    far = 2**31 if size is None else size + 1
    return max(-far, min(place, far))


def _expand(scene: Scene, x: Any, shape: Any) -> Any:
    wanted = list(shape) if are_sizes(shape) else scene.ints("the shape", shape)
    more = len(wanted) - len(x.shape)
    if more > 0 and isinstance(x, KerasTensor):
        x = scene.call("reshape", x, (1,) * more + tuple(-1 if size is None else size for size in x.shape))
    sizes = (1,) * (len(wanted) - len(x.shape)) + scene.sizes_of(x)
    wanted = [1] * -more + wanted
    grown = [size if entry == 1 else entry for size, entry in zip(sizes, wanted, strict=True)]
    if isinstance(x, KerasTensor):
        pairs = zip(sizes, grown, strict=True)
        repeats = tuple(entry if old == 1 and not isinstance(entry, Size) else 1 for old, entry in pairs)
        x = scene.call("tile", x, repeats) if set(repeats) - {1} else x
    else:
        x = scene.call("broadcast_to", x, tuple(1 if isinstance(entry, Size) else entry for entry in grown))
    for axis, (old, entry) in enumerate(zip(sizes, grown, strict=True)):
        if isinstance(entry, Size) and old == 1:
            ones = scene.call("reshape", scene.ones(entry, x.dtype), (-1, *(1,) * (len(wanted) - axis - 1)))
            x = scene.call("logical_and" if x.dtype == bool else "multiply", x, ones)
    return x


def _constant_of_shape(scene: Scene, shape: Any, *, value: Any = None) -> Any:
    entry = np.zeros((), np.float32) if value is None else value.reshape(())
    return _expand(scene, entry, shape)


def _range(scene: Scene, start: Any, limit: Any, delta: Any) -> Any:
    first, step = (scene.static("the start and the step", end).reshape(()) for end in (start, delta))
    if are_sizes(limit) or isinstance(limit, KerasTensor):
        if first != 0 or step != 1 or not are_sizes(limit):
            raise UncoveredError("counts to a number that follows from the inputs")
        ones = scene.ones(limit.reshape(-1)[0])
        return scene.call("subtract", scene.call("cumsum", ones, axis=0), ones)
    if not step:
        raise FormatError("a range with the step 0")
    count = max(int(np.ceil((limit.reshape(()) - first) / step)), 0)
    indices = _expand(scene, np.ones((), first.dtype), [count])
    return scene.call("add", scene.call("multiply", np.cumsum(indices) - indices, step), first)


def _tile(scene: Scene, x: Any, repeats: Any) -> Any:
    return scene.call("tile", x, tuple(scene.ints("the repeats", repeats)))


def _pad(
    scene: Scene, x: Any, pads: Any = None, constant_value: Any = None, axes: Any = None, *,
    mode: str = "constant", value: float = 0.0,
) -> Any:  # fmt: skip
    rank = len(x.shape)
    entries = scene.ints("the pads", np.asarray(pads))
    places = list(range(rank)) if axes is None else scene.ints("the axes", axes)
    widths = [(0, 0)] * rank
    for k, place in enumerate(places):
        widths[place] = (entries[k], entries[len(places) + k])
    if any(end < 0 for pair in widths for end in pair):
        if mode != "constant":
            raise UncoveredError(f"has negative pads and mode {mode!r}")
        key = tuple(slice(max(-before, 0), min(behind, 0) or None) for before, behind in widths)
        x = scene.call("getitem", x, key)
        widths = [(max(before, 0), max(behind, 0)) for before, behind in widths]
    if mode != "constant":
        return _mirrored(scene, x, widths, mode)
    filler = value if constant_value is None else scene.static("the value", constant_value).reshape(()).item()
    return scene.call("pad", x, tuple(widths), constant_values=filler)


def _mirrored(scene: Scene, x: Any, widths: list[tuple[int, int]], mode: str) -> Any:
    """Put around what is there: each entry's place is looked up."""
    if mode not in ("reflect", "edge", "wrap"):
        raise UncoveredError(f"has mode {mode!r}")
    for axis, around in enumerate(widths):
        if any(around):
            size = x.shape[axis]
            if size is None or size + sum(around) > LARGEST:
                raise UncoveredError(f"puts {around} around an axis of size {size}")
            x = scene.call("take", x, np.pad(np.arange(size), around, mode), axis=axis)  # type: ignore[call-overload]
    return x


def _gather_elements(scene: Scene, x: Any, indices: Any, *, axis: int = 0) -> Any:
    return scene.call("take_along_axis", x, indices, axis=axis)


def _scatter_elements(
    scene: Scene, x: Any, indices: Any, updates: Any, *, axis: int = 0, reduction: str = "none"
) -> Any:
    if len(x.shape) != 1 or reduction != "add":
        raise UncoveredError("scatters otherwise than by adding to a vector")
    places = scene.call("expand_dims", indices, -1)
    return scene.call("scatter_update", x, places, updates, reduction="add")


def _one_hot(scene: Scene, x: Any, depth: Any, values: Any, *, axis: int = -1) -> Any:
    (count,) = scene.ints("the depth", depth)
    if count > LARGEST:
        raise UncoveredError(f"has {count:,} classes")
    off, on = (entry.reshape(()) for entry in np.split(scene.static("the values", values), 2))
    rank = len(x.shape) + 1
    classes = np.arange(count).reshape(-1, *(1,) * (rank - 1 - axis % rank)).astype(x.dtype)
    wrapped = scene.call("where", scene.call("less", x, np.zeros((), x.dtype)), _above(scene, x, count), x)
    column = scene.call("expand_dims", wrapped, axis)
    return scene.call("where", scene.call("equal", column, classes), on, off)


def _above(scene: Scene, x: Any, count: int) -> Any:
    return scene.call("add", x, np.asarray(count, x.dtype))


READERS: dict[str, Reader] = {
    "Concat": _concat,
    "Constant": _constant,
    "ConstantOfShape": _constant_of_shape,
    "Expand": _expand,
    "Flatten": _flatten,
    "GatherElements": _gather_elements,
    "OneHot": _one_hot,
    "Pad": _pad,
    "Range": _range,
    "Reshape": _reshape,
    "ScatterElements": _scatter_elements,
    "Shape": _shape,
    "Size": _size,
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Tile": _tile,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
