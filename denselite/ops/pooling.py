"""Pools: the largest entry or the average of each window, channels last.

A pool is taken along one axis after the other, a few images at a time, so that long rows are read and what lies between
stays in cache. The gradient goes back place by place of the window (that of a maximum in ``ops.maxima``).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.ops.apart import each
from denselite.ops.maxima import SAMPLE, back, back_infer, first_maximum
from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.ops.shaping import moveaxis
from denselite.ops.sliding import each_axis, is_channels_first, of_one_dtype, options_of
from denselite.ops.windows import Places, at_once, chunks
from denselite.tensor.room import spare

__all__ = ["average_pool", "max_pool"]


def _pool_infer(x: Any, **options: Any) -> Spec:
    return (x.shape[0], *Places(x.shape[1:-1], **options).out, x.shape[-1]), x.dtype


def _along_each(x: Any, *, window: Any, strides: Any, padding: Any) -> list[Places]:
    """The places of windows along one axis after the other."""
    found, sizes = [], list(x.shape[1:-1])
    for axis in range(len(sizes)):
        alone: list[Any] = [
            tuple(entry if k == axis else other for k, entry in enumerate(entries))
            for entries, other in ((window, 1), (strides, 1), (padding, (0, 0)))
        ]
        found.append(Places(sizes, *alone))
        sizes[axis] = found[-1].out[axis]
    return found


def _between(x: Any, **options: Any) -> list[Spec]:
    """What is known between two axes, of one chunk."""
    images = at_once(x.shape[0], prod(x.shape[1:]))
    return [((images, *places.out, x.shape[-1]), x.dtype) for places in _along_each(x, **options)[:-1]]


def _pool_kernel(ufunc: np.ufunc, least: Any) -> Any:
    """A kernel that joins the entries of a window by ``ufunc``, ``least`` in the padding."""

    def kernel(run: Run, out: Array, x: Array, *between: Array, **options: Any) -> None:
        along = _along_each(x, **options)
        for chunk in chunks(len(x), prod(x.shape[1:])):
            source = x[chunk]
            for places, room in zip(along, (*(part[: len(source)] for part in between), out[chunk]), strict=True):
                _join(run, ufunc, least(x.dtype), room, source, places)
                source = room

    return kernel


def _join(run: Run, ufunc: np.ufunc, least: Any, out: Array, x: Array, places: Places) -> None:
    pairs = [(out[at], x[entries]) for _, at, entries in places.meetings()]
    if places.is_padded:
        run(out.fill, least)
    else:
        run(np.copyto, *pairs.pop(0))
    for into, part in pairs:
        run(ufunc, into, part, out=into)


def _least(dtype: np.dtype[Any]) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


_max_pool = Op(
    "max_pool",
    _pool_infer,
    _pool_kernel(np.maximum, _least),
    scratch=_between,
    vjp=lambda g, out, x, **options: (
        back(g, first_maximum(x, out, **options), sizes=tuple(x.shape[1:-1]), **options),
    ),
    reads=("0", "out"),
    flops=lambda out, x, *, window, **_: prod(out.shape) * prod(window),
    apart=each,
    sample=lambda rng: ([rng.normal(size=(2, 4, 5, 3))], SAMPLE),
)
_sum_pool: Op = Op(
    "sum_pool",
    _pool_infer,
    _pool_kernel(np.add, lambda dtype: 0),
    scratch=_between,
    vjp=lambda g, out, x, **options: (_spread(g, sizes=tuple(x.shape[1:-1]), **options),),
    flops=lambda out, x, *, window, **_: prod(out.shape) * prod(window),
    apart=each,
    sample=lambda rng: ([rng.normal(size=(2, 4, 5, 3))], SAMPLE),
)


def _spread_kernel(run: Run, out: Array, g: Array, *, sizes: Any, **options: Any) -> None:
    places = Places(sizes, **options)
    if not places.is_tiled:
        run(out.fill, 0)
    for chunk in chunks(len(g), prod(out.shape[1:])):
        for _, at, entries in places.meetings():
            seen = out[chunk][entries]
            if places.is_tiled:
                run(np.copyto, seen, g[chunk][at])
            else:
                run(np.add, seen, g[chunk][at], seen)


_spread: Op = Op(
    "sum_pool_back",
    back_infer,
    _spread_kernel,
    vjp=lambda d, out, g, *, sizes, **options: (_sum_pool(d, **options),),
    apart=each,
    sample=lambda rng: ([rng.normal(size=(2, 2, 5, 3))], {"sizes": (4, 5), **SAMPLE}),
)


def _pool_arguments(who: str, inputs: Any, pool_size: Any, strides: Any, padding: Any) -> dict[str, Any]:
    window = each_axis(pool_size, len(inputs.shape) - 2, who, "pool_size")
    options = options_of(who, inputs, window, window if strides is None else strides, padding)
    return {"window": window, "strides": options["strides"], "padding": options["padding"]}


@public
def max_pool(
    inputs: Any,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
) -> Any:
    """Return the largest entry of each window; its gradient goes to the first of equal ones, as in JAX.

    Args:
        inputs: images ``(batch, *sizes, channels)``, or ``(batch, channels, *sizes)`` for ``channels_first``.
        pool_size: how many entries a window has, one integer or one for each axis.
        strides: how far windows lie apart; ``pool_size`` by default.
        padding: ``"valid"`` for none, ``"same"`` for ``ceil(size / stride)`` windows; what is added never counts.
        data_format: ``"channels_last"`` or ``"channels_first"``; None for ``config.image_data_format()``.

    Shapes:
        ``(batch, *sizes, channels)`` -> ``(batch, *windows, channels)``.

    Raises:
        ArgumentError: an option is another.
        ShapeError: no window fits into an image.

    Example:
        >>> max_pool(np.array([[[1.0], [3.0], [2.0], [0.0]]]), 2).tolist()
        [[[3.0], [2.0]]]
    """
    if is_channels_first(data_format, "max_pool"):
        return moveaxis(max_pool(moveaxis(inputs, 1, -1), pool_size, strides, padding, "channels_last"), -1, 1)
    return _max_pool(inputs, **_pool_arguments("max_pool", inputs, pool_size, strides, padding))


@public
def average_pool(
    inputs: Any,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
) -> Any:
    """Return the average of each window.

    Args:
        inputs: images ``(batch, *sizes, channels)``, or ``(batch, channels, *sizes)`` for ``channels_first``.
        pool_size: how many entries a window has, one integer or one for each axis.
        strides: how far windows lie apart; ``pool_size`` by default.
        padding: ``"valid"`` for none, ``"same"`` for ``ceil(size / stride)`` windows; what is added never counts.
        data_format: ``"channels_last"`` or ``"channels_first"``; None for ``config.image_data_format()``.

    Shapes:
        ``(batch, *sizes, channels)`` -> ``(batch, *windows, channels)``.

    Raises:
        ArgumentError: an option is another.
        ShapeError: no window fits into an image.

    Example:
        >>> average_pool(np.array([[[1.0], [3.0], [5.0]]]), 2, padding="same").tolist()
        [[[2.0], [5.0]]]
    """
    if is_channels_first(data_format, "average_pool"):
        return moveaxis(average_pool(moveaxis(inputs, 1, -1), pool_size, strides, padding, "channels_last"), -1, 1)
    (inputs,) = of_one_dtype(inputs)
    options = _pool_arguments("average_pool", inputs, pool_size, strides, padding)
    count: Any = prod(options["window"])
    if any(map(any, options["padding"])):
        padded = [size + sum(pair) for size, pair in zip(inputs.shape[1:-1], options["padding"], strict=True)]
        spare("What counts the entries of windows", (2, *padded), inputs.dtype.itemsize)
        count = _sum_pool(np.ones((1, *inputs.shape[1:-1], 1), inputs.dtype), **options)
    return _sum_pool(inputs, **options) / count
