"""Reading ONNX: what goes along axes: sums, extremes, running sums, order, products by subscripts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from denselite.errors import UncoveredError
from denselite.exchange.onnx.scene import Reader, Scene

__all__ = ["READERS"]


def _reduced(reduce: Callable[[Scene, Any, Any, bool], Any]) -> Reader:
    def reader(scene: Scene, x: Any, axes: Any = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0) -> Any:
        found = [] if axes is None else scene.ints("the axes", np.asarray(axes))
        if not found and noop_with_empty_axes:
            return x
        result = reduce(scene, x, tuple(found) or None, bool(keepdims))
        return result if result.dtype in (x.dtype, object) else scene.call("cast", result, x.dtype.name)

    return reader


def _by(function: str) -> Reader:
    return _reduced(lambda scene, x, axes, keepdims: scene.call(function, x, axis=axes, keepdims=keepdims))


def _of(before: str, then: str | None = None) -> Reader:
    """A sum of a function of each entry, and a function of the sum."""

    def reduce(scene: Scene, x: Any, axes: Any, keepdims: bool) -> Any:
        total = scene.call("sum", scene.call(before, x), axis=axes, keepdims=keepdims)
        return total if then is None else scene.call(then, total)

    return _reduced(reduce)


def _log_sum(scene: Scene, x: Any, axes: Any, keepdims: bool) -> Any:
    return scene.call("log", scene.call("sum", x, axis=axes, keepdims=keepdims))


def _place_of(function: str) -> Reader:
    def reader(scene: Scene, x: Any, *, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> Any:
        if select_last_index:
            raise UncoveredError("asks for the last of equal entries")
        found = scene.call(function, x, axis=axis, keepdims=bool(keepdims))
        return found if found.dtype == np.int64 else scene.call("cast", found, "int64")

    return reader


def _cumsum(scene: Scene, x: Any, axis: Any, *, exclusive: int = 0, reverse: int = 0) -> Any:
    (along,) = scene.ints("the axis", axis)
    turned = scene.call("flip", x, axis=along) if reverse else x
    found = scene.call("cumsum", turned, axis=along)
    found = found if found.dtype == x.dtype else scene.call("cast", found, x.dtype.name)
    found = scene.call("subtract", found, turned) if exclusive else found
    return scene.call("flip", found, axis=along) if reverse else found


def _top_k(scene: Scene, x: Any, k: Any, *, axis: int = -1, largest: int = 1, sorted: int = 1) -> Any:
    """Of equals the first comes first."""
    (count,) = scene.ints("k", k)
    signed = scene.call("cast", x, "int64") if x.dtype.kind in "bu" else x
    order = scene.call("argsort", scene.call("negative", signed) if largest else signed, axis=axis)
    order = order if order.dtype == np.int64 else scene.call("cast", order, "int64")
    if count != x.shape[axis]:
        key = [slice(None)] * len(x.shape)
        key[axis] = slice(0, count)
        order = scene.call("getitem", order, tuple(key))
    return scene.call("take_along_axis", x, order, axis=axis), order


def _einsum(scene: Scene, *xs: Any, equation: str) -> Any:
    return scene.call("einsum", equation.replace(" ", ""), *xs)


READERS: dict[str, Reader] = {
    "ArgMax": _place_of("argmax"),
    "ArgMin": _place_of("argmin"),
    "CumSum": _cumsum,
    "Einsum": _einsum,
    "ReduceL1": _of("absolute"),
    "ReduceL2": _of("square", "sqrt"),
    "ReduceLogSum": _reduced(_log_sum),
    "ReduceLogSumExp": _by("logsumexp"),
    "ReduceMax": _by("max"),
    "ReduceMean": _by("mean"),
    "ReduceMin": _by("min"),
    "ReduceProd": _by("prod"),
    "ReduceSum": _by("sum"),
    "ReduceSumSquare": _of("square"),
    "TopK": _top_k,
}
