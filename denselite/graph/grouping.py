"""Whether it matters how rows are grouped into batches: what a graph returns and what it adds up may not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

import numpy as np

from denselite.graph.dims import Affine, is_static
from denselite.graph.graph import COUNT, PROBES, Graph, Value
from denselite.ops.op import Op
from denselite.tensor.context import INPUT, VARIABLE
from denselite.tensor.dtypes import is_float

__all__ = ["labels", "regroupable"]

LINEAR = {"alias", "broadcast_to", "cumsum", "negative", "reshape", "slice", "stop_gradient", "sum", "transpose"}


class Kind(Enum):
    """How a value follows from the rows of a batch."""

    SAME = "it does not"
    ROWS = "row by row: its first axis is a multiple of the batch, one block for each row"
    PLACES = "row by row: the places of entries in a flat value that has rows, each in the block of its own row"
    SUM = "as a sum over the rows"
    MEAN = "as such a sum, divided by a multiple of the number of rows"
    TALLY = "as a multiple of the number of rows"
    STATE = "as what a variable was before, with such a sum added"


SAME, ROWS, PLACES, SUM, MEAN, TALLY, STATE = Kind
SUMS = {SUM, TALLY}
TOTALS = {SUM, TALLY, MEAN}


def regroupable(graph: Graph) -> bool:
    """Prove that any batches of the same rows give the same outputs and leave the same state.

    Row i of every output has to come from row i of the inputs, and what is assigned has to be what was there
    before and a sum over rows, as long as ``labels`` are in range. What the rules below do not lead to, from the
    inputs on, is not proved.
    """
    if graph.batch is not None:
        return False
    kinds: list[Kind] = []
    written = {id(variable) for variable, _ in graph.writes}
    for value in graph.values:
        kind = STATE if id(value.attrs.get("variable")) in written else _kind(graph, value, kinds)
        if kind is None or (kind in TOTALS and value.dtype == np.float16):  # of more rows it may overflow
            return False
        kinds.append(kind)
    outputs = all(kinds[i] is ROWS and graph.values[i].shape[0] == Affine(1, 0) for i in graph.outputs)
    return outputs and all(_adds(graph, i, variable) for variable, i in graph.writes)


def labels(graph: Graph) -> list[tuple[str, int]]:
    """Return the inputs that are taken for labels, each with the number of classes.

    A graph is ``regroupable`` as long as they are in range: others name a place in the row of another.
    """
    found = [(_origin(graph, value), value) for value in graph.values if value.op.name == "class_places"]
    return [(origin.attrs["name"], value.attrs["classes"]) for origin, value in found if origin.op is INPUT]


def _adds(graph: Graph, i: int, variable: object) -> bool:
    """Whether a value is a variable's with something added, which ``_kind`` has found to be a sum over rows."""
    value = graph.values[i]
    read = [graph.values[j] for j in value.inputs]
    return value.op.name == "add" and any(v.op is VARIABLE and v.attrs["variable"] is variable for v in read)


def _kind(graph: Graph, value: Value, kinds: Sequence[Kind]) -> Kind | None:
    """Return the kind of a value, given those of the values before it; None where none is proved."""
    given = [kinds[i] for i in value.inputs]
    if value.op is COUNT:
        return TALLY if value.attrs["count"].offset == 0 else None
    if value.op is INPUT:
        return ROWS if value.shape and _follows_batch(value.shape) else None
    if set(given) <= {SAME} and is_static((value.shape, value.attrs)):
        return None if _is_new_each_time(value) else SAME
    if is_static(value.shape):
        return _summed(value) if set(given) == {ROWS} else _combined(value, given)
    if not _follows_batch(value.shape):
        return None
    if value.op.name == "class_places":
        return PLACES if _knows_labels(graph, value) else None
    if PLACES in given:
        return ROWS if _picks(graph, value, given) else None
    return ROWS if set(given) <= {SAME, ROWS} and _treats_apart(graph, value, given) else None


def _is_new_each_time(value: Value) -> bool:
    """A draw, or what a function of the user's returns."""
    return isinstance(value.op, Op) and value.op.python and value.op.apart is None


def _follows_batch(shape: tuple[Any, ...]) -> bool:
    """The first axis is a multiple of the batch, and no other axis depends on it."""
    return isinstance(shape[0], Affine) and shape[0].offset == 0 and is_static(shape[1:])


def _picks(graph: Graph, value: Value, given: Sequence[Kind]) -> bool:
    """Whether a value is what lies at places, and is taken from what they are places in."""
    if value.op.name != "take" or given != [ROWS, PLACES]:
        return False
    flat, places = (graph.values[i] for i in value.inputs)
    return flat.shape == (Affine(places.shape[0].slope * places.attrs["classes"], 0),)


def _treats_apart(graph: Graph, value: Value, given: Sequence[Kind]) -> bool:
    """Whether the op's rule leads from rows of the operands to rows of the result."""
    if not _only_sizes_follow(value.attrs) or not isinstance(value.op, Op) or value.op.apart is None:
        return False
    probe = PROBES[0]
    operands = (graph.values[i].operand_at(probe) for i in value.inputs)
    return value.op.apart([k is ROWS for k in given], value.operand_at(probe), *operands, **value.attrs_at(probe))


def _only_sizes_follow(attrs: Mapping[str, Any]) -> bool:
    """Attributes follow the batch only where they say how many rows the result has; elsewhere they count rows."""
    rest = {name: attr[1:] if name == "key" else attr for name, attr in attrs.items() if name != "shape"}
    return is_static(rest)


def _knows_labels(graph: Graph, value: Value) -> bool:
    """Whether labels are given, which can be looked at, or places of the largest among as many classes."""
    origin = _origin(graph, value)
    if origin.op.name == "argmax":
        among = graph.values[origin.inputs[0]].shape[origin.attrs["axis"]]
        return bool(among == value.attrs["classes"])
    return origin.op is INPUT


def _origin(graph: Graph, value: Value) -> Value:
    """What labels are, before they were cast and reshaped: an input, the places of the largest, something else."""
    (i,) = value.inputs
    while graph.values[i].op.name in ("cast", "reshape"):
        (i,) = graph.values[i].inputs
    return graph.values[i]


def _summed(value: Value) -> Kind | None:
    """Rows are added up, whole or into bins."""
    whole = value.op.name == "sum" and 0 in value.attrs["axes"]
    return SUM if whole or value.op.name == "bin_sums" else None


def _combined(value: Value, given: Sequence[Kind]) -> Kind | None:
    """What becomes of sums over rows: they are linear, and a mean times the number of rows is a sum again."""
    name, kinds, (first, *others) = value.op.name, {*given}, given
    if not kinds <= {SAME, STATE, *TOTALS} or not (is_static(value.attrs) or name == "divide_by_count"):
        return None
    if STATE in kinds:
        return STATE if name == "add" and given.count(STATE) == 1 and kinds - {STATE} <= SUMS else None
    if name in LINEAR or (name == "cast" and is_float(value.dtype)):
        return first
    if name == "divide_by_count":
        following = [size.offset for size in value.attrs["sizes"] if isinstance(size, Affine)]
        return first if not following else MEAN if first in SUMS and following == [0] else None
    if name in ("add", "subtract"):
        return SUM if kinds <= SUMS else MEAN if kinds <= {SAME, MEAN} else None
    if name in ("multiply", "divide", "take") and others == [SAME]:
        return first
    if name == "multiply":
        return others[0] if first is SAME else SUM if kinds == {MEAN, TALLY} else None
    return MEAN if name == "divide" and first in SUMS and others == [TALLY] else None
