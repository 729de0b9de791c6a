"""The plan of a graph: where every value lives, for every batch size.

A value is a view of another, or lies outside (an input, a variable, a constant, a landing place the
caller gives), or gets memory. Memory is handed on: an elementwise op writes over an operand that
nobody reads any more, and what is dead lends its slot to what comes next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from denselite.graph.graph import PROBES, Graph, Value
from denselite.ops.op import Array, Op, Spec
from denselite.tensor.context import CONSTANT, INPUT, VARIABLE, Leaf

__all__ = ["Home", "Plan", "flops_of", "make_plan"]

NEVER = 1 << 60


@dataclass(slots=True)
class Home:
    """Where a value lives.

    Args:
        kind: ``input``, ``variable``, ``constant``, ``fixed`` (follows from constants, made when
            binding), ``slot`` (memory of the program), ``target`` (a landing place of the caller),
            ``over`` (takes the memory of the operand ``of``) or ``view`` (of ``of``).
        root: the value whose memory this is.
        of: the operand that is viewed or written over.
        key: the name of the landing place.
    """

    kind: str
    root: int
    of: int = -1
    key: Any = None


@dataclass(slots=True)
class Plan:
    """What binding needs to know about a graph.

    Args:
        graph: the graph.
        homes: where each value lives.
        ends: for each root, the last value that reads its memory.
        uniform: values that depend on 0-d inputs alone, not on the batch.
        moves: ``(value, key)`` to copy to a landing place after everything else.
        stores: ``(value, input)`` to copy into an input's memory after everything else.
    """

    graph: Graph
    homes: list[Home]
    ends: dict[int, int]
    uniform: set[int]
    moves: list[tuple[int, Any]] = field(default_factory=list)
    stores: list[tuple[int, int]] = field(default_factory=list)

    def instructions(self) -> list[int]:
        """The values that cost something at every step, in order."""
        made = ("slot", "target", "over")
        return [
            i for i, value in enumerate(self.graph.values) if isinstance(value.op, Op) and self.homes[i].kind in made
        ]

    def readers(self) -> list[int]:
        """The views of inputs and the instructions that read them, in order; none where a result is an input's view."""
        shown = set(self.graph.inputs.values())
        found = []
        for i, value in enumerate(self.graph.values):
            if isinstance(value.op, Op) and not shown.isdisjoint(value.inputs):
                found.append(i)
                if self.homes[i].kind == "view":
                    shown.add(i)
        kept = {*self.graph.outputs, *(i for _, i in self.graph.writes), *(i for i, _ in [*self.moves, *self.stores])}
        return found if shown.isdisjoint(kept) else []

    def scratch_of(self, i: int, batch: int) -> list[Spec]:
        """Return the specs of the arrays that a value's kernel needs while it runs."""
        value = self.graph.values[i]
        if not isinstance(value.op, Op) or value.op.scratch is None:
            return []
        return value.op.scratch(
            *(self.graph.values[j].operand_at(batch) for j in value.inputs), **value.attrs_at(batch)
        )


def flops_of(plan: Plan, i: int, batch: int) -> int:
    """Return the floating-point operations of one instruction."""
    value = plan.graph.values[i]
    out = value.operand_at(batch)
    if not isinstance(value.op, Op) or value.op.flops is None:
        return out.size
    operands = (plan.graph.values[j].operand_at(batch) for j in value.inputs)
    return value.op.flops(out, *operands, **value.attrs_at(batch))


class _Planner:
    def __init__(self, graph: Graph, targets: Mapping[Any, int], stores: Mapping[int, int], donated: set[int]) -> None:
        self.graph, self.targets, self.stores = graph, dict(targets), dict(stores)
        self.donated = donated | set(stores)
        self.wishes = {i: home for home, i in stores.items()}  # where a value would best be made
        self.landings = {i: key for key, i in targets.items()}
        self.probe = PROBES[0] if graph.batch is None else graph.batch
        self.dummies: list[Array] = []  # right shape and strides, no memory: tells what is a view
        self.views: set[int] = set()  # values that show the memory of their operand
        self.last: list[int] = []  # the last value that reads it
        self.uniform: set[int] = set()

    def plan(self) -> Plan:
        self._lay_out()
        self._find_ends()
        self._find_uniform()
        homes = self._settle()
        ends: dict[int, int] = {}
        for i, home in enumerate(homes):
            ends[home.root] = max(ends.get(home.root, -1), self.last[i])
        moves = [(i, key) for key, i in self.targets.items() if homes[i].kind != "target" or homes[i].key != key]
        stores = [(i, home) for home, i in self.stores.items() if homes[i].root != home or not self._is_straight(i)]
        return Plan(self.graph, homes, ends, self.uniform, moves, stores)

    def _lay_out(self) -> None:
        for i, value in enumerate(self.graph.values):
            shape = value.shape_at(self.probe)
            dummy = _dummy(shape, value.dtype)
            if isinstance(value.op, Op) and value.op.view is not None:
                source = value.inputs[0]
                try:
                    dummy = value.op.view(self.dummies[source], **value.attrs_at(self.probe))
                    self.views.add(i)
                except ValueError:  # not as a view: the op's kernel copies
                    assert value.op.kernel is not None
            self.dummies.append(dummy)

    def _find_ends(self) -> None:
        self.last = list(range(len(self.graph.values)))
        for i, value in enumerate(self.graph.values):
            for j in value.inputs:
                self.last[j] = i
        kept = [*self.graph.outputs, *(i for _, i in self.graph.writes), *self.targets.values(), *self.stores.values()]
        for i in kept:
            self.last[i] = NEVER

    def _find_uniform(self) -> None:
        for i, value in enumerate(self.graph.values):
            if value.shape == () and value.static and all(j in self.uniform for j in value.inputs):
                self.uniform.add(i)

    def _settle(self) -> list[Home]:
        homes: list[Home] = []
        fixed: set[int] = set()
        ends: dict[int, int] = {}
        for i, value in enumerate(self.graph.values):
            home = self._leaf_home(i, value)
            if home is None and self._is_fixed(value, fixed):
                fixed.add(i)
                home = Home("fixed", i)
            if home is None and i in self.views:
                home = Home("view", homes[value.inputs[0]].root, of=value.inputs[0])
            if home is None and i in self.landings:
                home = Home("target", i, key=self.landings[i])
            if home is None:
                home = self._memory_home(i, value, homes, ends)
            homes.append(home)
            ends[home.root] = max(ends.get(home.root, -1), self.last[i])
        return homes

    def _is_fixed(self, value: Value, fixed: set[int]) -> bool:
        """It follows from constants, and making it is all that its op does."""
        known = all(j in fixed or self.graph.values[j].op is CONSTANT for j in value.inputs)
        return known and isinstance(value.op, Op) and not value.op.effect

    def _leaf_home(self, i: int, value: Value) -> Home | None:
        kinds = {INPUT: "input", VARIABLE: "variable", CONSTANT: "constant"}
        return Home(kinds[value.op], i) if isinstance(value.op, Leaf) else None

    def _memory_home(self, i: int, value: Value, homes: list[Home], ends: dict[int, int]) -> Home:
        wish = self.wishes.get(i)
        candidates = [j for j in self._over_candidates(value) if self._may_take(i, j, value, homes, ends)]
        candidates.sort(key=lambda j: homes[j].root != wish)  # first the memory where the value has to end up
        if candidates and (wish is None or homes[candidates[0]].root == wish or not self._is_free(wish, i, ends)):
            return Home("over", homes[candidates[0]].root, of=candidates[0])
        if wish is not None and self._is_free(wish, i, ends):
            return Home("over", wish, of=wish)
        return Home("slot", i)

    def _is_free(self, donated: int, i: int, ends: dict[int, int]) -> bool:
        """Nobody reads the donated input's memory at ``i`` or later."""
        return ends.get(donated, -1) < i and self._alike(donated, i)

    def _over_candidates(self, value: Value) -> list[int]:
        return [value.inputs[p] for p in value.op.inplace] if isinstance(value.op, Op) else []

    def _may_take(self, i: int, j: int, value: Value, homes: list[Home], ends: dict[int, int]) -> bool:
        root = homes[j].root
        owns = homes[root].kind == "slot" or (homes[root].kind == "input" and root in self.donated)
        others = [k for k in value.inputs if k != j and homes[k].root == root]
        return (
            owns
            and root not in self.uniform  # such outlive a block; a compiled loop reads them when all are made
            and ends[root] == i
            and not others
            and self._alike(j, i)
            and self.dummies[root].nbytes == self.dummies[j].nbytes
        )

    def _alike(self, j: int, i: int) -> bool:
        """The memory of ``j`` can hold ``i`` as it lies."""
        a, b = self.graph.values[j], self.graph.values[i]
        return a.dtype == b.dtype and a.shape == b.shape and self._is_straight(j)

    def _is_straight(self, i: int) -> bool:
        """Not a reversed or transposed view."""
        return self.dummies[i].flags.c_contiguous


def _dummy(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    strides, step = [], dtype.itemsize
    for size in reversed(shape):
        strides.append(step)
        step *= size
    return as_strided(np.empty(1, dtype), shape, tuple(reversed(strides)))


def make_plan(
    graph: Graph,
    targets: Mapping[Any, int] | None = None,
    stores: Mapping[int, int] | None = None,
    donated: set[int] | None = None,
) -> Plan:
    """Plan the memory of a graph.

    Args:
        graph: a simplified graph.
        targets: the value that has to land in an array of the caller's, by the key it goes by.
        stores: the value that has to end up in the memory of an input, by that input.
        donated: inputs that may be written over once they are read.
    """
    return _Planner(graph, targets or {}, stores or {}, donated or set()).plan()
