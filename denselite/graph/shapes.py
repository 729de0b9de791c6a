"""Shapes that a function would return, found by tracing it at two sizes of whatever is unknown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from denselite.graph.graph import PROBES
from denselite.tensor.context import Trace
from denselite.tensor.symbols import Tensor
from denselite.tree import Structure, flatten

__all__ = ["OpenShape", "infer_specs"]

OpenShape = tuple[int | None, ...]

# For an unknown axis that is not the first: long enough for a layer that cuts something off, and divisible by what it
# may be divided by. The next one of the same shape is longer by twice the first number, so that no two are equal.
_OTHERS = (120, 240)


def infer_specs(
    function: Callable[[list[Tensor]], Any], specs: Sequence[tuple[OpenShape, np.dtype[Any]]], eager: bool = False
) -> tuple[list[tuple[OpenShape, np.dtype[Any]]], Structure]:
    """Return shape and dtype of each tensor that ``function`` returns, and how they are nested.

    Args:
        function: takes a tensor for each spec and returns tensors, nested as it likes.
        specs: shapes with ``None`` where the size is unknown, and dtypes.
        eager: let ``function`` compute, on zeros: for one that looks at values.

    Returns:
        Shapes with ``None`` on each axis whose size follows an unknown one.
    """
    (first, structure), (second, _) = (_trace(function, specs, probe, eager) for probe in (0, 1))
    found: list[tuple[OpenShape, np.dtype[Any]]] = []
    for a, b in zip(first, second, strict=True):
        found.append((tuple(m if m == n else None for m, n in zip(a.shape, b.shape, strict=True)), a.dtype))
    return found, structure


def _trace(
    function: Callable[[list[Tensor]], Any],
    specs: Sequence[tuple[OpenShape, np.dtype[Any]]],
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


def _probe_shape(shape: OpenShape, probe: int) -> tuple[int, ...]:
    return tuple(
        size if size is not None else PROBES[probe] if axis == 0 else _OTHERS[probe] + 2 * _OTHERS[0] * (axis - 1)
        for axis, size in enumerate(shape)
    )
