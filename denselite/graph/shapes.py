"""Shapes that a function would return, found by tracing it at two sizes of whatever is unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from denselite.graph.dims import Affine, resolve
from denselite.graph.graph import PROBES
from denselite.tensor.context import Trace
from denselite.tensor.symbols import Tensor
from denselite.tree import Structure, flatten

__all__ = ["OpenShape", "Sizes", "infer_sizes", "infer_specs", "opened"]

OpenShape = tuple[int | None, ...]
Sizes = tuple[Any, ...]  # integers, None, and Affine for what is known to be a multiple of the batch

# For an unknown axis that is not the first: long enough for a layer that cuts something off, and divisible by what it
# may be divided by. The next one of the same shape is longer by twice the first number, so that no two are equal.
_OTHERS = (120, 240)


def infer_specs(
    function: Callable[[list[Tensor]], Any], specs: Sequence[tuple[Sizes, np.dtype[Any]]], eager: bool = False
) -> tuple[list[tuple[OpenShape, np.dtype[Any]]], Structure]:
    """Return shape and dtype of each tensor that ``function`` returns, and how they are nested.

    Args:
        function: takes a tensor for each spec and returns tensors, nested as it likes.
        specs: shapes with ``None`` where the size is unknown, and dtypes.
        eager: let ``function`` compute, on zeros: for one that looks at values.

    Returns:
        Shapes with ``None`` on each axis whose size follows an unknown one.
    """
    found, structure = infer_sizes(function, specs, eager)
    return [(opened(sizes), dtype) for sizes, dtype in found], structure


def infer_sizes(
    function: Callable[[list[Tensor]], Any], specs: Sequence[tuple[Sizes, np.dtype[Any]]], eager: bool = False
) -> tuple[list[tuple[Sizes, np.dtype[Any]]], Structure]:
    """Return what ``infer_specs`` does, with ``Affine`` for an open size that is a multiple of the batch."""
    (first, structure), (second, _) = (_trace(function, specs, probe, eager) for probe in (0, 1))
    found = [(tuple(map(_size, a.shape, b.shape)), a.dtype) for a, b in zip(first, second, strict=True)]
    return found, structure


def opened(sizes: Sizes) -> OpenShape:
    """Return a shape with ``None`` for what follows from the batch."""
    return tuple(None if isinstance(size, Affine) else size for size in sizes)


def _size(first: int, second: int) -> Any:
    """What a size is that was found at both probes."""
    if first == second:
        return first
    return Affine(first // PROBES[0], 0) if first * PROBES[1] == second * PROBES[0] else None


def _trace(
    function: Callable[[list[Tensor]], Any],
    specs: Sequence[tuple[Sizes, np.dtype[Any]]],
    probe: int,
    eager: bool,
) -> tuple[list[Any], Structure]:
    trace = Trace(eager)
    with trace.active():
        inputs = []
        for i, (open_shape, dtype) in enumerate(specs):
            shape = _probe_shape(open_shape, probe)
            value = np.zeros(shape, dtype) if eager else None
            inputs.append(trace.add_input(f"input_{i}", shape, dtype, value))
        return flatten(function(inputs))


def _probe_shape(sizes: Sizes, probe: int) -> tuple[int, ...]:
    return tuple(_probed(size, axis, probe) for axis, size in enumerate(sizes))


def _probed(size: Any, axis: int, probe: int) -> int:
    if size is not None:
        return int(resolve(size, PROBES[probe]))
    return PROBES[probe] if axis == 0 else _OTHERS[probe] + 2 * _OTHERS[0] * (axis - 1)
