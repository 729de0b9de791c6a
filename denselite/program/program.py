"""``Program``: a planned graph, ready to be leased, filled and run by any number of threads."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from math import prod
from typing import Any

from denselite.graph.graph import Graph
from denselite.graph.grouping import labels, regroupable
from denselite.graph.simplify import simplify
from denselite.ops.op import Array, Op
from denselite.program.bind import Bound, bind, bind_inputs
from denselite.program.finite import checked_calls
from denselite.program.memory import aligned, carve, lay_out, nbytes_of
from denselite.program.plan import flops_of, make_plan
from denselite.tensor.variable import storage_epoch

__all__ = ["Memory", "Program"]

BOUND_SIZES = 8  # batch sizes kept bound per memory
IDLE_MEMORIES = 8  # memories kept for the next lease


class Memory:
    """One private copy of a program's memory, with the calls bound to it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.capacity = -1
        self.epoch = -1
        self.bound: OrderedDict[int, Bound] = OrderedDict()

    def bind(self, batch: int) -> Bound:
        """Return the calls for a batch size: bound before, or bound now to prefixes of the memory."""
        bound = self.bound.get(batch)
        if bound is not None and self.epoch == storage_epoch():
            return bound
        if batch > self.capacity:
            self._grow(batch)
        if self.epoch != storage_epoch():
            self.bound.clear()
            self.epoch = storage_epoch()
        plan = self.program.plan
        values = plan.graph.values
        inputs = {name: carve(self.buffers[name], values[i].spec_at(batch)) for name, i in plan.graph.inputs.items()}
        bound = bind(plan, batch, self.layout, self.slots, inputs, self.program.targets)
        self.bound[batch] = bound
        if len(self.bound) > BOUND_SIZES:
            self.bound.popitem(last=False)
        return bound

    def bind_inputs(self, batch: int, arrays: Sequence[Array]) -> list[Callable[[], Any]]:
        """Return the calls for a batch size that read other arrays than the inputs bound, without copying them."""
        plan, bound = self.program.plan, self.bind(batch)
        inputs = dict(zip(plan.graph.inputs, arrays, strict=True))
        return bind_inputs(bound, plan, batch, self.layout, self.slots, inputs, self.program.readers)

    def _grow(self, batch: int) -> None:
        plan = self.program.plan
        self.bound.clear()
        self.capacity = batch
        self.layout = lay_out(plan, batch)
        self.slots = [aligned(nbytes) for nbytes in self.layout.sizes]
        self.buffers = {}
        for name, i in plan.graph.inputs.items():
            self.buffers[name] = aligned(nbytes_of(plan.graph.values[i].spec_at(batch)))


class Program:
    """A planned graph.

    Args:
        graph: a traced graph; it is simplified and planned here.
        targets: values of the graph's outputs that land in arrays of the caller's, by output position.

    Example:
        with program.lease(32) as step:
            step.inputs["x"][...] = rows
            step()
            result = step.outputs[0].copy()
    """

    def __init__(self, graph: Graph, targets: Mapping[int, Array] | None = None) -> None:
        graph = simplify(graph)
        self.targets = dict(targets or {})
        self.plan = make_plan(graph, {position: graph.outputs[position] for position in self.targets})
        self.batch = graph.batch
        self.readers = self.plan.readers()
        self._known: dict[int, tuple[int, int]] = {}  # the largest instruction of a batch size
        self._idle: deque[Memory] = deque(maxlen=IDLE_MEMORIES)

    @property
    def runs_python(self) -> bool:
        """Whether any of its calls runs Python code: a random draw, a hook."""
        ops = (self.plan.graph.values[i].op for i in self.plan.instructions())
        return any(isinstance(op, Op) and op.python for op in ops)

    @property
    def assigns(self) -> bool:
        """Whether it gives variables new values, so that the order of runs matters."""
        return bool(self.plan.graph.writes)

    @cached_property
    def regroupable(self) -> bool:
        """Whether it is proved not to matter which rows come in one batch."""
        return regroupable(self.plan.graph)

    @cached_property
    def labels(self) -> list[tuple[int, int]]:
        """The places of the inputs that are taken for labels, each with the number of classes."""
        names = list(self.plan.graph.inputs)
        return [(names.index(name), classes) for name, classes in labels(self.plan.graph)]

    def footprint(self, batch: int) -> int:
        """Return the bytes that one memory takes for a batch size, its inputs included."""
        values = self.plan.graph.values
        inputs = sum(nbytes_of(values[i].spec_at(batch)) for i in self.plan.graph.inputs.values())
        return inputs + sum(lay_out(self.plan, batch).sizes)

    def acquire(self) -> Memory:
        """Take a memory that nobody uses; give it back with ``release``."""
        try:
            return self._idle.pop()
        except IndexError:
            return Memory(self)

    def release(self, memory: Memory) -> None:
        """Give a memory back for the next lease."""
        self._idle.append(memory)

    @contextmanager
    def lease(self, batch: int) -> Iterator[Bound]:
        """Borrow a bound copy for one batch size; a busy program lends another one."""
        memory = self.acquire()
        try:
            yield memory.bind(batch)
        finally:
            self.release(memory)

    def checked(self, bound: Bound, step: Callable[[], int]) -> list[Callable[[], Any]]:
        """Return the calls with a look at every value that they make, for NaN; ``step`` tells the step's number."""
        return checked_calls(self.plan, bound, step)

    def flops(self, batch: int) -> int:
        """Return the floating-point operations of one run: exact for products, one an element elsewhere."""
        return sum(flops_of(self.plan, i, batch) for i in self.plan.instructions())

    def heaviest(self, batch: int) -> int:
        """Return the floating-point operations of the largest instruction of one run."""
        return self._largest(batch)[0]

    def height(self, batch: int) -> int:
        """Return the rows of that instruction's result: of a product, so many share one read of the weights."""
        return self._largest(batch)[1]

    def _largest(self, batch: int) -> tuple[int, int]:
        found = self._known.get(batch)
        if found is None:
            counts = [(flops_of(self.plan, i, batch), i) for i in self.plan.instructions()]
            flops, i = max(counts, default=(0, 0))
            found = self._known[batch] = flops, prod(self.plan.graph.values[i].shape_at(batch)[:-1])
        return found

    def listing(self, batch: int = 32) -> Any:
        """Return the instructions as a table; ``print`` it."""
        from denselite.program.listing import Listing

        return Listing(self.plan, batch)
