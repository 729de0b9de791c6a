"""Fewer values for the same result: equal ones once, neutral ones never, unread ones not at all."""

from __future__ import annotations

from typing import Any

from denselite.graph.graph import Graph, Value
from denselite.graph.identities import SMALL, equal_value, shorter
from denselite.ops.op import Op
from denselite.tensor.context import CONSTANT, INPUT, VARIABLE

__all__ = ["simplify"]


def simplify(graph: Graph) -> Graph:
    """Return an equal graph without repeated, neutral or unread values."""
    replaced: list[int] = []  # old place -> place among kept
    kept: list[Value] = []
    known: dict[Any, int] = {}
    for value in graph.values:
        inputs = tuple(replaced[i] for i in value.inputs)
        if (found := shorter(value, inputs, kept)) is not None:
            value, inputs = found, found.inputs
        equal = equal_value(value, inputs, kept)
        key = _key(value, inputs)
        if equal is not None:
            replaced.append(equal)
        elif key is not None and key in known:
            replaced.append(known[key])
        else:
            replaced.append(len(kept))
            if key is not None:
                known[key] = len(kept)
            kept.append(
                Value(value.op, inputs, value.attrs, value.shape, value.dtype, value.scope, value.phase, value.static)
            )
    return _without_unread(
        Graph(
            kept,
            {name: replaced[i] for name, i in graph.inputs.items()},
            [replaced[i] for i in graph.outputs],
            [(variable, replaced[i]) for variable, i in graph.writes],
            graph.batch,
        )
    )


def _key(value: Value, inputs: tuple[int, ...]) -> Any:
    if value.op is INPUT:
        return None
    if value.op is VARIABLE:
        return VARIABLE, id(value.attrs["variable"])
    if value.op is CONSTANT:
        array = value.attrs["value"]
        return (CONSTANT, array.dtype, array.shape, array.tobytes()) if array.size <= SMALL else None
    if isinstance(value.op, Op) and value.op.effect:
        return None
    return id(value.op), inputs, repr(value.attrs)


def _without_unread(graph: Graph) -> Graph:
    needed = {*graph.outputs, *(i for _, i in graph.writes), *graph.inputs.values()}
    needed.update(i for i, value in enumerate(graph.values) if isinstance(value.op, Op) and value.op.effect)
    for place in range(len(graph.values) - 1, -1, -1):
        if place in needed:
            needed.update(graph.values[place].inputs)
    order = sorted(needed)
    moved = {old: new for new, old in enumerate(order)}
    values = []
    for old in order:
        value = graph.values[old]
        value.inputs = tuple(moved[i] for i in value.inputs)
        values.append(value)
    return Graph(
        values,
        {name: moved[i] for name, i in graph.inputs.items()},
        [moved[i] for i in graph.outputs],
        [(variable, moved[i]) for variable, i in graph.writes],
        graph.batch,
    )
