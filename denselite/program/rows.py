"""What a plan does, as data: one row for each value it makes, with the words to read it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from denselite.ops.op import Array, Op
from denselite.program.bind import Bound, bind
from denselite.program.memory import Layout, aligned, lay_out, nbytes_of
from denselite.program.plan import Plan, flops_of
from denselite.tensor.context import INPUT, VARIABLE

__all__ = ["Row", "Totals", "rows_of", "totals_of"]

_INFIX = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@", "power": "**", "greater": ">",
    "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "==", "not_equal": "!=",
}  # fmt: skip
_UNSEEN = ("broadcast_to", "stop_gradient")  # views that read like what they show
_UNTOLD = ("shape", "dtype", "keepdims", "sizes", "site", "seed")  # attributes that the shape tells, or nobody asks


@dataclass(frozen=True, slots=True)
class Row:
    """One value that a program makes.

    Args:
        place: its place among the values of the graph.
        name: how other rows call it.
        text: the expression that makes it.
        op: the operation.
        layer: the path of the layer, ``""`` outside any.
        phase: ``"forward"`` or ``"backward"``.
        shape: at the batch size listed.
        dtype: its name.
        nbytes: what the value takes.
        home: ``slot`` (a buffer), ``over`` (written over an operand), ``target`` (lands where the
            caller wants it) or ``view`` (costs nothing).
        buffer: the number of the buffer it lies in, None outside any.
        scratch: numbers of the buffers its kernel works with.
        calls: NumPy calls a step.
        flops: floating-point operations a step.
        python: a call runs Python code.
    """

    place: int
    name: str
    text: str
    op: str
    layer: str
    phase: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    home: str
    buffer: int | None
    scratch: tuple[int, ...]
    calls: int
    flops: int
    python: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a program; pairs are (forward, backward).

    Args:
        instructions: values that cost something at every step.
        calls: NumPy calls a step.
        flops: floating-point operations a step.
        buffers: how many blocks of memory the program works in.
        buffer_bytes: their size.
        unshared_bytes: what they would take if no value shared memory with another.
        input_bytes: the arrays that are filled before a step.
        weight_bytes: the variables it reads.
    """

    instructions: tuple[int, int]
    calls: tuple[int, int]
    flops: tuple[int, int]
    buffers: int
    buffer_bytes: int
    unshared_bytes: int
    input_bytes: int
    weight_bytes: int


def rows_of(plan: Plan, batch: int, landings: Mapping[Any, str]) -> list[Row]:
    """Return the rows of a plan in the order they are computed.

    Args:
        plan: the plan.
        batch: the batch size.
        landings: names of the places that results land in, by their key.
    """
    layout = lay_out(plan, batch)
    bound = _bind(plan, batch, layout)
    calls = Counter(bound.owners)
    words = _Words(plan, batch, bound.arrays, landings)
    rows = []
    for i, value in enumerate(plan.graph.values):
        home = plan.homes[i]
        if not isinstance(value.op, Op) or home.kind == "fixed" or words.inlined(i):
            continue
        costs = home.kind != "view"
        rows.append(
            Row(
                place=i,
                name=words.names[i],
                text=words.expression(i),
                op=value.op.name,
                layer=value.scope,
                phase=value.phase,
                shape=value.shape_at(batch),
                dtype=value.dtype.name,
                nbytes=nbytes_of(value.spec_at(batch)),
                home=home.kind,
                buffer=layout.slot_of.get(home.root),
                scratch=tuple(layout.scratch.get(i, ())),
                calls=calls[i],
                flops=flops_of(plan, i, batch) if costs else 0,
                python=value.op.python,
            )
        )
    return rows


def totals_of(plan: Plan, batch: int, rows: list[Row]) -> Totals:
    """Return the sums over the rows of a plan."""
    layout = lay_out(plan, batch)
    costly = [row for row in rows if row.home != "view"]
    forward = [row for row in costly if row.phase == "forward"]
    backward = [row for row in costly if row.phase != "forward"]
    values = plan.graph.values
    scratch = [spec for i in plan.instructions() for spec in plan.scratch_of(i, batch)]
    return Totals(
        instructions=(len(forward), len(backward)),
        calls=(sum(row.calls for row in forward), sum(row.calls for row in backward)),
        flops=(sum(row.flops for row in forward), sum(row.flops for row in backward)),
        buffers=len(layout.sizes),
        buffer_bytes=sum(layout.sizes),
        unshared_bytes=sum(row.nbytes for row in costly if row.home != "target") + sum(map(nbytes_of, scratch)),
        input_bytes=sum(nbytes_of(v.spec_at(batch)) for v in values if v.op is INPUT),
        weight_bytes=sum(nbytes_of(v.spec_at(batch)) for v in values if v.op is VARIABLE),
    )


def _bind(plan: Plan, batch: int, layout: Layout) -> Bound:
    """Bind to memory that nobody runs on, to see the calls and what follows from constants."""
    values = plan.graph.values
    slots = [aligned(size) for size in layout.sizes]
    inputs = {name: np.empty(*values[i].spec_at(batch)) for name, i in plan.graph.inputs.items()}
    landing = {plan.homes[i].key: i for i in range(len(values)) if plan.homes[i].kind == "target"}
    landing |= {key: i for i, key in plan.moves}
    targets = {key: np.empty(*values[i].spec_at(batch)) for key, i in landing.items()}
    return bind(plan, batch, layout, slots, inputs, targets)


class _Words:
    """Names of values and the expressions they are made by."""

    def __init__(self, plan: Plan, batch: int, arrays: list[Array], landings: Mapping[Any, str]) -> None:
        self.values, self.homes = plan.graph.values, plan.homes
        self.batch, self.arrays = batch, arrays
        self.names: dict[int, str] = {}
        held = Counter(v.attrs["variable"].name for v in self.values if v.op is VARIABLE)
        self.repeated = {name for name, times in held.items() if times > 1}
        landed = {i: landings.get(key, f"out{key}") for i, key in plan.moves}
        count = 0
        for i, value in enumerate(self.values):
            home = self.homes[i]
            if home.kind == "target":
                self.names[i] = landings.get(home.key, f"out{home.key}")
            elif i in landed:
                self.names[i] = landed[i]
            elif isinstance(value.op, Op) and not self.inlined(i) and home.kind != "fixed":
                count += 1
                self.names[i] = f"v{count}"

    def inlined(self, i: int) -> bool:
        """A view that has no row of its own."""
        value = self.values[i]
        flipped = value.op.name == "transpose" and len(value.shape) == 2
        return self.homes[i].kind == "view" and (flipped or value.op.name in _UNSEEN)

    def expression(self, i: int) -> str:
        value = self.values[i]
        attrs = value.attrs_at(self.batch)
        operands = [self.reference(j, value.scope) for j in value.inputs]
        if value.op.name in _INFIX and len(operands) == 2:
            return f" {_INFIX[value.op.name]} ".join(operands)
        if value.op.name == "negative":
            return f"-{operands[0]}"
        if value.op.name == "slice":
            return f"{operands[0]}[{', '.join(map(_index, attrs['key']))}]"
        if value.op.name == "divide_by_count":
            return f"{operands[0]} / {prod(attrs['sizes'])}"
        told = [f"{_word(key)}{_plain(v)}" for key, v in attrs.items() if key not in _UNTOLD]
        return f"{value.op.name}({', '.join([*operands, *told])})"

    def reference(self, i: int, layer: str) -> str:
        """How a row of ``layer`` calls value ``i``."""
        value = self.values[i]
        if value.op is INPUT:
            return str(value.attrs["name"])
        if value.op is VARIABLE:
            name: str = value.attrs["variable"].name
            return name if name not in self.repeated or value.scope == layer else f"{value.scope}.{name}"
        if self.homes[i].kind in ("constant", "fixed"):
            return _number(self.arrays[i])
        if self.inlined(i):
            shown = self.reference(value.inputs[0], layer)
            return shown if value.op.name in _UNSEEN else f"{shown}.T"
        return self.names[i]


def _number(array: Array) -> str:
    """The number that a constant is all over, if it is one."""
    same = array.size > 0 and bool(np.all(array == array.flat[0]))
    return f"{array.flat[0].item():g}" if same else "constant"


def _word(key: str) -> str:
    return "axis " if key in ("axis", "axes") else f"{key}="


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _index(key: Any) -> str:
    if not isinstance(key, slice):
        return "..." if key is Ellipsis else str(key)
    start, stop, step = ("" if part is None else str(part) for part in (key.start, key.stop, key.step))
    return f"{start}:{stop}" + (f":{step}" if step else "")
