"""Fewer values for the same result: equal ones once, neutral ones never, unread ones not at all."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.graph.graph import Graph, Value
from denselite.ops.op import Op
from denselite.tensor.context import CONSTANT, INPUT, VARIABLE

__all__ = ["simplify"]

_SMALL = 64  # constants up to this many elements are compared by value


def simplify(graph: Graph) -> Graph:
    """Return an equal graph without repeated, neutral or unread values."""
    replaced: list[int] = []  # old place -> place among kept
    kept: list[Value] = []
    known: dict[Any, int] = {}
    for value in graph.values:
        inputs = tuple(replaced[i] for i in value.inputs)
        neutral = _neutral(value, inputs, kept)
        key = _key(value, inputs)
        if neutral is not None:
            replaced.append(neutral)
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


def _neutral(value: Value, inputs: tuple[int, ...], kept: list[Value]) -> int | None:
    """The place of an operand that ``value`` equals: ``x * 1``, ``x + 0``, ``x - 0``, ``x / 1``."""
    if not isinstance(value.op, Op) or value.op.name not in ("multiply", "add", "subtract", "divide"):
        return None
    unit = 1 if value.op.name in ("multiply", "divide") else 0
    commutes = value.op.name in ("multiply", "add")
    for other, place in ((inputs[1], inputs[0]), (inputs[0], inputs[1]))[: 2 if commutes else 1]:
        constant = kept[other].attrs.get("value") if kept[other].op is CONSTANT else None
        if constant is None or constant.size > _SMALL or not np.all(constant == unit):
            continue
        if kept[place].shape == value.shape and kept[place].dtype == value.dtype:
            return place
    return None


def _key(value: Value, inputs: tuple[int, ...]) -> Any:
    if value.op is INPUT:
        return None
    if value.op is VARIABLE:
        return VARIABLE, id(value.attrs["variable"])
    if value.op is CONSTANT:
        array = value.attrs["value"]
        return (CONSTANT, array.dtype, array.shape, array.tobytes()) if array.size <= _SMALL else None
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
