"""Pools: the largest entry or the average of each window, channels last.

A pool is taken along one axis after the other, a few images at a time, so that long rows are read and what lies between
stays in cache. The gradient goes back place by place of the window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.ops.shaping import moveaxis
from denselite.ops.sliding import each_axis, is_channels_first, of_one_dtype, options_of
from denselite.ops.windows import Places, at_once, chunks

__all__ = ["average_pool", "max_pool"]

Meeting = tuple[Array, tuple[slice, ...], tuple[slice, ...]]


def _places(sizes: Sequence[int], window: Any, **options: Any) -> Places:
    return Places(sizes, window, options["strides"], options["padding"], (1,) * len(window))


def _pool_infer(x: Any, *, window: Any, **options: Any) -> Spec:
    return (x.shape[0], *_places(x.shape[1:-1], window, **options).out, x.shape[-1]), x.dtype


def _along_each(x: Any, *, window: Any, **options: Any) -> list[Places]:
    """The places of windows along one axis after the other."""
    found, sizes = [], list(x.shape[1:-1])
    for axis in range(len(sizes)):
        alone = [
            tuple(entry if k == axis else other for k, entry in enumerate(entries))
            for entries, other in ((window, 1), (options["strides"], 1), (options["padding"], (0, 0)))
        ]
        found.append(_places(sizes, alone[0], strides=alone[1], padding=alone[2]))
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
    elif len(pairs) == 1:
        run(np.copyto, *pairs.pop())
    else:
        (_, first), (_, second), *pairs = pairs
        run(ufunc, first, second, out=out)
    for into, part in pairs:
        run(ufunc, into, part, out=into)


def _least(dtype: np.dtype[Any]) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


_max_pool = Op(
    "max_pool",
    _pool_infer,
    _pool_kernel(np.maximum, _least),
    scratch=_between,
    vjp=lambda g, out, x, **options: (_back(g, _first(x, out, **options), sizes=tuple(x.shape[1:-1]), **options),),
    reads=("0", "out"),
    flops=lambda out, x, *, window, **_: prod(out.shape) * prod(window),
    sample=lambda rng: ([rng.normal(size=(2, 4, 5, 3))], _OPTIONS),
)
_sum_pool: Op = Op(
    "sum_pool",
    _pool_infer,
    _pool_kernel(np.add, lambda dtype: 0),
    scratch=_between,
    vjp=lambda g, out, x, **options: (_spread(g, sizes=tuple(x.shape[1:-1]), **options),),
    flops=lambda out, x, *, window, **_: prod(out.shape) * prod(window),
    sample=lambda rng: ([rng.normal(size=(2, 4, 5, 3))], _OPTIONS),
)


def _back_infer(g: Any, *_: Any, sizes: Any, **options: Any) -> Spec:
    return (g.shape[0], *sizes, g.shape[-1]), g.dtype


def _is_tiled(places: Places) -> bool:
    """Whether every entry lies in one window."""
    return places.strides == places.window and places.sizes == tuple(
        count * entries for count, entries in zip(places.out, places.window, strict=True)
    )


def _spread_kernel(run: Run, out: Array, g: Array, *, sizes: Any, **options: Any) -> None:
    places = _places(sizes, **options)
    if not _is_tiled(places):
        run(out.fill, 0)
    for chunk in chunks(len(g), prod(out.shape[1:])):
        for _, at, entries in places.meetings():
            seen = out[chunk][entries]
            if _is_tiled(places):
                run(np.copyto, seen, g[chunk][at])
            else:
                run(np.add, seen, g[chunk][at], seen)


_spread: Op = Op(
    "sum_pool_back",
    _back_infer,
    _spread_kernel,
    vjp=lambda d, out, g, *, sizes, **options: (_sum_pool(d, **options),),
    sample=lambda rng: ([rng.normal(size=(2, 2, 5, 3))], {"sizes": (4, 5), **_OPTIONS}),
)


def _first_kernel(
    run: Run, out: Array, x: Array, top: Array, waiting: Array, misses: Array, *, window: Any, **options: Any
) -> None:
    """The number of places before the first that has the maximum: those at which it was still waited for."""
    places = _places(x.shape[1:-1], window, **options)
    run(out.fill, 0)
    for chunk in chunks(len(x), prod(top.shape[1:])):
        still = waiting[: out[chunk].size].reshape(out[chunk].shape)
        run(still.fill, True)
        for _, at, entries in places.meetings():
            miss = misses[: still[at].size].reshape(still[at].shape)
            run(np.not_equal, x[chunk][entries], top[chunk][at], miss)
            run(np.logical_and, still[at], miss, still[at])
            run(np.add, out[chunk], still.view(np.uint8), out[chunk])


_first = Op(
    "max_pool_first",
    lambda x, top, *, window, **_: (top.shape, np.min_scalar_type(prod(window))),
    _first_kernel,
    scratch=lambda x, top, **_: [_of_chunk(top, bool), _of_chunk(top, bool)],
    sample=lambda rng: ([(x := rng.normal(size=(2, 4, 5, 3))), _max_pool(x, **_OPTIONS)], _OPTIONS),
)


def _of_chunk(like: Any, dtype: Any) -> Spec:
    size = prod(like.shape[1:])
    return (at_once(like.shape[0], size) * size,), np.dtype(dtype)


def _bits(array: Array) -> Array:
    """The same memory as integers: times 1 or 0 a pattern of bits is taken or left, whatever it means."""
    return array.view(f"i{array.itemsize}")


def _taken(run: Run, first: Array, places: Places, hits: Array) -> Iterator[Meeting]:
    """Bind, for each chunk and place, which windows have their maximum there; yield that and where they are."""
    for chunk in chunks(len(first), prod(first.shape[1:])):
        for number, (_, at, entries) in enumerate(places.meetings()):
            hit = hits[: first[chunk][at].size].reshape(first[chunk][at].shape)
            run(np.equal, first[chunk][at], np.asarray(number, first.dtype), hit)
            yield hit.view(np.int8), (chunk, *at[1:]), (chunk, *entries[1:])


def _max_back_kernel(
    run: Run, out: Array, g: Array, first: Array, hits: Array, parts: Array, *, sizes: Any, **options: Any
) -> None:
    places = _places(sizes, **options)
    if not _is_tiled(places):
        run(out.fill, 0)
    for hit, at, entries in _taken(run, first, places, hits):
        if _is_tiled(places):
            run(np.multiply, _bits(g[at]), hit, _bits(out[entries]))
        else:
            part = parts[: hit.size].reshape(hit.shape)
            run(np.multiply, _bits(g[at]), hit, _bits(part))
            run(np.add, out[entries], part, out[entries])


_back: Op = Op(
    "max_pool_back",
    _back_infer,
    _max_back_kernel,
    scratch=lambda g, first, **_: [_of_chunk(g, bool), _of_chunk(g, g.dtype)],
    vjp=lambda d, out, g, first, *, sizes, **options: (_pick(d, first, **options), None),
    reads=("1",),
    sample=lambda rng: ([rng.normal(size=(2, 2, 5, 3)), _numbers(rng)], {"sizes": (4, 5), **_OPTIONS}),
)


def _pick_kernel(
    run: Run, out: Array, d: Array, first: Array, hits: Array, parts: Array, *, window: Any, **options: Any
) -> None:
    run(out.fill, 0)
    for hit, at, entries in _taken(run, first, _places(d.shape[1:-1], window, **options), hits):
        part = _bits(parts[: hit.size].reshape(hit.shape))
        run(np.multiply, _bits(d[entries]), hit, part)
        run(np.bitwise_or, _bits(out[at]), part, _bits(out[at]))


_pick: Op = Op(
    "max_pool_pick",
    lambda d, first, **_: (first.shape, d.dtype),
    _pick_kernel,
    scratch=lambda d, first, **_: [_of_chunk(first, bool), _of_chunk(first, d.dtype)],
    vjp=lambda h, out, d, first, **options: (_back(h, first, sizes=tuple(d.shape[1:-1]), **options), None),
    reads=("1",),
    sample=lambda rng: ([rng.normal(size=(2, 4, 5, 3)), _numbers(rng)], _OPTIONS),
)

_OPTIONS = {"window": (2, 3), "strides": (2, 1), "padding": ((0, 0), (1, 1))}


def _numbers(rng: np.random.Generator) -> Array:
    return rng.choice(np.asarray([1, 4], np.uint8), (2, 2, 5, 3))  # the middle columns, which never are padding


def _pool_arguments(who: str, inputs: Any, pool_size: Any, strides: Any, padding: Any) -> dict[str, Any]:
    window = each_axis(pool_size, len(inputs.shape) - 2, who, "a pool_size")
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
        count = _sum_pool(np.ones((1, *inputs.shape[1:-1], 1), inputs.dtype), **options)
    return _sum_pool(inputs, **options) / count
