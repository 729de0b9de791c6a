"""Binding: the NumPy calls of a plan with their arrays, for one batch size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from denselite.ops.op import Array, Op
from denselite.program.memory import Layout, carve
from denselite.program.plan import Plan

__all__ = ["Bound", "bind", "bind_inputs", "copies"]

Call = Callable[[], Any]


class Bound:
    """The calls of a plan for one batch size, and the arrays they work on.

    Attributes:
        calls: what a step runs, in order.
        commit: what then gives the variables that the graph assigns their new values.
        owners: for each call, the value it belongs to.
        arrays: the array of each value.
        inputs: the arrays to fill before a step, by name.
        outputs: the arrays that hold the results after it.
    """

    __slots__ = ("arrays", "calls", "commit", "inputs", "outputs", "owners")

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.commit: list[Call] = []
        self.owners: list[int] = []
        self.arrays: list[Array] = []
        self.inputs: dict[str, Array] = {}
        self.outputs: list[Array] = []

    def __call__(self) -> None:
        """Run every call, without warnings about infinities and NaN."""
        with np.errstate(all="ignore"):
            for call in self.calls:
                call()


def bind(
    plan: Plan,
    batch: int,
    layout: Layout,
    slots: list[Array],
    inputs: Mapping[str, Array],
    targets: Mapping[Any, Array] | None = None,
    known: Mapping[int, Array] | None = None,
) -> Bound:
    """Bind a plan to arrays.

    Args:
        plan: the plan.
        batch: the batch size.
        layout: who uses which slot.
        slots: the memory of the slots, at least as large as ``batch`` needs.
        inputs: an array for each input.
        targets: an array for each landing place.
        known: arrays of values that are computed elsewhere; their calls are left out.
    """
    return _Binder(plan, batch, layout, slots, inputs, targets or {}, known or {}).bind()


def bind_inputs(
    bound: Bound,
    plan: Plan,
    batch: int,
    layout: Layout,
    slots: list[Array],
    inputs: Mapping[str, Array],
    readers: Sequence[int],
) -> list[Call]:
    """Return the calls of a bound plan as they are with other arrays as inputs.

    Args:
        bound: the plan, bound to this layout and these slots.
        plan: the plan.
        batch: the batch size.
        layout: who uses which slot.
        slots: the memory of the slots.
        inputs: an array for each input, laid out as that which was bound.
        readers: what ``plan.readers()`` says, and it says something.
    """
    binder = _Binder(plan, batch, layout, slots, inputs, {}, {})
    arrays = binder.bound.arrays = list(bound.arrays)
    for i in [*plan.graph.inputs.values(), *readers]:
        arrays[i] = binder.array(i)
    again = set(readers)
    made = iter(binder.bound.calls)
    return [next(made) if owner in again else call for owner, call in zip(bound.owners, bound.calls, strict=True)]


class _Binder:
    def __init__(
        self, plan: Plan, batch: int, layout: Layout, slots: list[Array], inputs: Any, targets: Any, known: Any
    ) -> None:
        self.plan, self.batch, self.layout, self.slots = plan, batch, layout, slots
        self.inputs, self.targets, self.known = inputs, targets, known
        self.bound = Bound()
        self.owner = 0

    def bind(self) -> Bound:
        graph, bound = self.plan.graph, self.bound
        for i in range(len(graph.values)):
            self.owner = i
            bound.arrays.append(self.array(i))
        for i, key in self.plan.moves:
            self.owner = i
            self._later(np.copyto, self.targets[key], bound.arrays[i])
        stored = copies([(bound.arrays[home], bound.arrays[i]) for i, home in self.plan.stores])
        bound.calls += stored
        bound.owners += [self.plan.stores[-1][0]] * len(stored) if stored else []
        bound.commit = copies([(variable.storage, bound.arrays[i]) for variable, i in graph.writes])
        bound.inputs = {name: bound.arrays[i] for name, i in graph.inputs.items()}
        bound.outputs = [bound.arrays[i] for i in graph.outputs]
        return bound

    def array(self, i: int) -> Any:
        """Return the array of a value, and make the calls that fill it."""
        value, home, arrays = self.plan.graph.values[i], self.plan.homes[i], self.bound.arrays
        if i in self.known:
            return self.known[i]
        if home.kind == "input":
            return self.inputs[value.attrs["name"]]
        if home.kind == "variable":
            return value.attrs["variable"].storage
        if home.kind == "constant":
            return value.attrs["value"]
        op: Op = value.op  # type: ignore[assignment]
        attrs = value.attrs_at(self.batch)
        if home.kind == "view":
            assert op.view is not None
            return op.view(arrays[home.of], **attrs)
        operands = [arrays[j] for j in value.inputs]
        if home.kind == "fixed":
            return np.asarray(op.compute(operands, attrs))
        if home.kind == "over":
            out = arrays[home.of].reshape(value.shape_at(self.batch))
        elif home.kind == "target":
            out = self.targets[home.key]
        else:
            out = carve(self.slots[self.layout.slot_of[i]], value.spec_at(self.batch))
        assert op.kernel is not None
        for position in op.contiguous:
            if not operands[position].flags.c_contiguous:
                straight = np.empty_like(operands[position], order="C")
                self._later(np.copyto, straight, operands[position])
                operands[position] = straight
        specs = self.plan.scratch_of(i, self.batch)
        scratch = [
            carve(self.slots[slot], spec) for slot, spec in zip(self.layout.scratch.get(i, ()), specs, strict=True)
        ]
        op.kernel(self._later, out, *operands, *scratch, **attrs)
        return out

    def _later(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.bound.calls.append(partial(function, *args, **kwargs))
        self.bound.owners.append(self.owner)


def copies(pairs: list[tuple[Array, Array]]) -> list[Call]:
    """Copies ``(into, source)`` as if all at once: a source that an earlier one overwrites is kept first."""
    kept: list[Call] = []
    copies: list[Call] = []
    for k, (into, source) in enumerate(pairs):
        if any(np.may_share_memory(source, earlier) for earlier, _ in pairs[:k]):
            former, source = source, np.empty_like(source)
            kept.append(partial(np.copyto, source, former))
        copies.append(partial(np.copyto, into, source))
    return kept + copies
