"""Where the maximum of each window is, and what goes there and comes from there: the gradient of ``max_pool``."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from denselite.ops.op import Array, Op, Run, Spec
from denselite.ops.windows import Places, chunk_of, chunks

__all__ = ["SAMPLE", "back", "back_infer", "first_maximum"]

# Of samples: windows that overlap along one axis, which is padded, and lie side by side along the other.
SAMPLE: dict[str, Any] = {"window": (2, 3), "strides": (2, 1), "padding": ((0, 0), (1, 1))}

Meeting = tuple[Array, tuple[Any, ...], tuple[Any, ...]]


def back_infer(g: Any, *_: Any, sizes: Any, **options: Any) -> Spec:
    """The shape of images of ``sizes``, whose pool ``g`` is shaped like."""
    return (g.shape[0], *sizes, g.shape[-1]), g.dtype


def _numbers(rng: np.random.Generator) -> Array:
    return rng.choice(np.asarray([1, 4], np.uint8), (2, 2, 5, 3))  # the middle columns, which never are padding


def _first_kernel(run: Run, out: Array, x: Array, top: Array, waiting: Array, misses: Array, **options: Any) -> None:
    """The number of places before the first that has the maximum: those at which it was still waited for."""
    places = Places(x.shape[1:-1], **options)
    run(out.fill, 0)
    for chunk in chunks(len(x), prod(top.shape[1:])):
        still = waiting[: out[chunk].size].reshape(out[chunk].shape)
        run(still.fill, True)
        for _, at, entries in places.meetings():
            miss = misses[: still[at].size].reshape(still[at].shape)
            run(np.not_equal, x[chunk][entries], top[chunk][at], miss)
            run(np.logical_and, still[at], miss, still[at])
            run(np.add, out[chunk], still.view(np.uint8), out[chunk])


first_maximum: Op = Op(
    "max_pool_first",
    lambda x, top, *, window, **_: (top.shape, np.min_scalar_type(prod(window))),
    _first_kernel,
    scratch=lambda x, top, **_: [chunk_of(top, bool), chunk_of(top, bool)],
    sample=lambda rng: ([rng.choice([0.5, 1.0], (2, 4, 5, 3)), np.ones((2, 2, 5, 3))], SAMPLE),
)


def _bits(array: Array) -> Array:
    """The same memory as integers: times 1 or 0 a pattern of bits is taken or left, whatever it means."""
    return array.view(f"i{array.itemsize}")


def _taken(run: Run, first: Array, places: Places, hits: Array, bits: Array) -> Iterator[Meeting]:
    """Bind, for each chunk and place, which windows have their maximum there: yield that, as bits, and the places.

    A product of operands of one type needs no buffers to cast in.
    """
    for chunk in chunks(len(first), prod(first.shape[1:])):
        for number, (_, at, entries) in enumerate(places.meetings()):
            asked = first[chunk][at]
            hit, mask = (part[: asked.size].reshape(asked.shape) for part in (hits, _bits(bits)))
            run(np.equal, asked, np.asarray(number, first.dtype), hit)
            run(np.copyto, mask, hit)
            yield mask, (chunk, *at[1:]), (chunk, *entries[1:])


def _max_back_kernel(
    run: Run, out: Array, g: Array, first: Array, hits: Array, bits: Array, *, sizes: Any, **options: Any
) -> None:
    places = Places(sizes, **options)
    if not places.is_tiled:
        run(out.fill, 0)
    for mask, at, entries in _taken(run, first, places, hits, bits):
        if places.is_tiled:
            run(np.multiply, _bits(g[at]), mask, _bits(out[entries]))
        else:
            run(np.multiply, _bits(g[at]), mask, mask)
            run(np.add, out[entries], mask.view(out.dtype), out[entries])


back: Op = Op(
    "max_pool_back",
    back_infer,
    _max_back_kernel,
    scratch=lambda g, first, **_: [chunk_of(g, bool), chunk_of(g, g.dtype)],
    vjp=lambda d, out, g, first, *, sizes, **options: (_pick(d, first, **options), None),
    reads=("1",),
    sample=lambda rng: ([rng.normal(size=(2, 2, 5, 3)), _numbers(rng)], {"sizes": (4, 5), **SAMPLE}),
)


def _pick_kernel(run: Run, out: Array, d: Array, first: Array, hits: Array, bits: Array, **options: Any) -> None:
    run(out.fill, 0)
    for mask, at, entries in _taken(run, first, Places(d.shape[1:-1], **options), hits, bits):
        run(np.multiply, _bits(d[entries]), mask, mask)
        run(np.bitwise_or, _bits(out[at]), mask, _bits(out[at]))


_pick: Op = Op(
    "max_pool_pick",
    lambda d, first, **_: (first.shape, d.dtype),
    _pick_kernel,
    scratch=lambda d, first, **_: [chunk_of(first, bool), chunk_of(first, d.dtype)],
    vjp=lambda h, out, d, first, **options: (back(h, first, sizes=tuple(d.shape[1:-1]), **options), None),
    reads=("1",),
    sample=lambda rng: ([rng.normal(size=(2, 4, 5, 3)), _numbers(rng)], SAMPLE),
)
