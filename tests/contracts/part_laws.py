"""Tools for holding losses, metrics and activations to the same laws: trace for all batch sizes, run, differentiate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from denselite.graph.autodiff import gradients
from denselite.graph.graph import BATCH, Graph, trace_graph
from denselite.ops.op import Array
from denselite.program.program import Program
from denselite.tensor.context import Trace
from denselite.tensor.symbols import Tensor

Function = Callable[..., Any]


def trace(function: Function, arrays: Mapping[str, Array], wrt: str | None = None) -> Graph:
    """The graph of ``function(**tensors)`` for every batch size, with its gradient by the input ``wrt``."""

    def traced(_: Trace, inputs: dict[str, Tensor]) -> list[Tensor]:
        value = function(**inputs)
        outputs = [] if value is None else [value]
        if wrt is not None:
            (gradient,) = gradients(value, [inputs[wrt]])
            outputs.append(inputs[wrt] * 0.0 if gradient is None else gradient)
        return outputs

    return trace_graph(traced, {name: ((BATCH, *a.shape[1:]), a.dtype) for name, a in arrays.items()})


def run(graph: Graph, arrays: Mapping[str, Array]) -> list[Array]:
    """What the planned graph gives for these arrays; variables it assigns get their new values."""
    program = Program(graph)
    with program.lease(len(next(iter(arrays.values())))) as step:
        for name, array in arrays.items():
            step.inputs[name][...] = array
        with np.errstate(all="ignore"):
            step()
        for commit in step.commit:
            commit()
        return [np.array(output) for output in step.outputs]


def value_and_gradient(function: Function, arrays: Mapping[str, Array], wrt: str) -> list[Array]:
    """The planned value and its gradient by the input ``wrt`` (of the sum, if the value has axes)."""
    return run(trace(function, arrays, wrt), arrays)


def numeric_gradient(function: Function, arrays: Mapping[str, Array], wrt: str, step: float = 1e-5) -> Array:
    """Central differences of ``sum(function(**arrays))``, entry by entry."""
    slopes = np.zeros_like(arrays[wrt])
    for place in np.ndindex(slopes.shape):
        sides = []
        for sign in (1.0, -1.0):
            moved = arrays[wrt].copy()
            moved[place] += sign * step
            sides.append(float(np.sum(function(**{**arrays, wrt: moved}))))
        slopes[place] = (sides[0] - sides[1]) / (2 * step)
    return slopes


def wide_values(graph: Graph) -> list[str]:
    """The float64 values of a graph that have axes: none belong in a float32 step."""
    return [f"{v.op.name} {v.shape}" for v in graph.values if v.dtype == np.float64 and v.shape]
