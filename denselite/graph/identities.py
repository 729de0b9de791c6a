"""Identities: values that are equal to a value before them, or to a shorter expression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from denselite.graph.graph import COUNT, Value
from denselite.ops.op import Op
from denselite.tensor.context import CONSTANT

__all__ = ["SMALL", "equal_value", "shorter"]

SMALL = 64  # constants up to this many elements are compared by value


def equal_value(value: Value, inputs: tuple[int, ...], kept: Sequence[Value]) -> int | None:
    """Return the place of what a value is equal to: ``x * 1``, ``x + 0``, ``x - 0``, ``x / 1``, ``x / n * n``.

    Args:
        value: the value.
        inputs: the places of its operands.
        kept: the values before it.
    """
    if not isinstance(value.op, Op) or value.op.name not in ("multiply", "add", "subtract", "divide"):
        return None
    commutes = value.op.name in ("multiply", "add")
    for other, place in ((inputs[1], inputs[0]), (inputs[0], inputs[1]))[: 2 if commutes else 1]:
        if _is_unit(value.op, kept[other]):
            found = place
        elif value.op.name == "multiply" and _divides_by(kept[place], kept[other]):
            (found,) = kept[place].inputs
        else:
            continue
        if kept[found].shape == value.shape and kept[found].dtype == value.dtype:
            return found
    return None


def _is_unit(op: Op, other: Value) -> bool:
    constant = other.attrs.get("value") if other.op is CONSTANT else None
    unit = 1 if op.name in ("multiply", "divide") else 0
    return constant is not None and constant.size <= SMALL and bool(np.all(constant == unit))


def _divides_by(value: Value, count: Value) -> bool:
    """``value`` is something divided by a number of rows, which is ``count``."""
    return count.op is COUNT and value.op.name == "divide_by_count" and value.attrs["sizes"] == (count.attrs["count"],)


def shorter(value: Value, inputs: tuple[int, ...], kept: Sequence[Value]) -> Value | None:
    """Return an equal value that takes less, if there is one: the sum over classes of one number a row is that number.

    The gradient of what labels pick has one number a row; a softmax before them needs the sum.

    Args:
        value: the value.
        inputs: the places of its operands.
        kept: the values before it.
    """
    if value.op.name != "sum" or value.attrs["axes"] != (len(kept[inputs[0]].shape) - 1,):
        return None
    table = kept[inputs[0]]
    if table.op.name != "reshape":
        return None
    laid = kept[table.inputs[0]]
    if laid.op.name != "take_back" or len(laid.shape) != 1:
        return None
    number, places = laid.inputs
    if kept[places].op.name != "class_places" or kept[places].attrs["classes"] != table.shape[-1]:
        return None
    return replace(value, op=table.op, inputs=(number,), attrs={"shape": value.shape})
