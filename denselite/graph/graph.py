"""``Graph``: what a function does, as a flat list of values, for every batch size at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from denselite.errors import StateError
from denselite.graph.autodiff import ancestors
from denselite.graph.dims import Affine, Mismatch, is_static, resolve, unify
from denselite.ops.op import Op, Spec
from denselite.tensor.context import CONSTANT, Leaf, Trace
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["BATCH", "PROBES", "Graph", "InputSpec", "Operand", "Value", "trace_graph"]

PROBES = (7, 11)  # neither 0 nor 1, which broadcast
CHECKS = (1, 18)  # two sizes cannot tell batch² from a line, nor x[:5] from x[:5] of fewer rows

BATCH: Any = None  # stands for the batch size in an input's shape
InputSpec = tuple[tuple[int | None, ...], np.dtype[Any]]
Traced = Callable[[Trace, dict[str, Tensor]], Sequence[Tensor]]


COUNT = Op(  # a number that follows the batch: what x.shape[0] is in arithmetic
    "count",
    infer=lambda *, count, dtype: ((), np.dtype(dtype)),
    kernel=lambda run, out, *, count, dtype: run(out.fill, count),
    vjp=lambda g, out, *, count, dtype: (),
    sample=lambda rng: ([], {"count": 3, "dtype": "float64"}),
)


@dataclass(slots=True, eq=False)
class Value:
    """One value of a graph.

    Args:
        op: the op that makes it, or the kind of leaf.
        inputs: places of its inputs in ``Graph.values``.
        attrs: static arguments; sizes may be ``Affine``.
        shape: sizes, some ``Affine``.
        dtype: a NumPy dtype.
        scope: the layer it belongs to.
        phase: ``"forward"`` or ``"backward"``.
        static: whether shape and attributes are the same at every batch size.
    """

    op: Op | Leaf
    inputs: tuple[int, ...]
    attrs: dict[str, Any]
    shape: tuple[Any, ...]
    dtype: np.dtype[Any]
    scope: str
    phase: str
    static: bool = False

    def attrs_at(self, batch: int) -> dict[str, Any]:
        """Return the static arguments for one batch size."""
        return self.attrs if self.static else resolve(self.attrs, batch)

    def shape_at(self, batch: int) -> tuple[int, ...]:
        """Return the shape for one batch size."""
        return self.shape if self.static else resolve(self.shape, batch)

    def spec_at(self, batch: int) -> Spec:
        """Return shape and dtype for one batch size."""
        return self.shape_at(batch), self.dtype

    def operand_at(self, batch: int) -> Operand:
        """Return what an op's rules see of the value at one batch size."""
        return Operand(*self.spec_at(batch))


class Operand:
    """A shape and a dtype, without values: what an op's rules are asked with."""

    __slots__ = ("dtype", "ndim", "shape", "size")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.shape, self.dtype, self.ndim = shape, dtype, len(shape)
        self.size = prod(shape)


@dataclass(slots=True, eq=False)
class Graph:
    """A traced function.

    Args:
        values: in topological order.
        inputs: place of each named input.
        outputs: places of what the function returned.
        writes: variables it assigns, each with the place of its new value.
        batch: the one batch size it holds for; None when it holds for all.
    """

    values: list[Value]
    inputs: dict[str, int]
    outputs: list[int]
    writes: list[tuple[Variable, int]] = field(default_factory=list)
    batch: int | None = None


def trace_graph(function: Traced, specs: dict[str, InputSpec], batch: int | None = None) -> Graph:
    """Trace ``function(trace, inputs) -> tensors`` into a graph.

    Args:
        function: takes tensors by name; it is called twice, so it must not change anything.
        specs: shape (``BATCH`` for the batch size) and dtype of each input.
        batch: trace for this batch size only.

    Raises:
        Mismatch: no single graph serves every batch size. Trace for one ``batch`` then.
        StateError: the function draws from ``numpy.random``.
    """
    if batch is not None:  # rare; a number that is drawn makes no graph for every batch size, so it comes by here
        graph = _as_graph(*_trace(function, specs, batch), batch)
        _refuse_draws(graph, function, specs)
        return graph
    first, second = (_as_graph(*_trace(function, specs, probe), probe) for probe in PROBES)
    graph = _unify(first, second)
    for check in CHECKS:
        _check(graph, check)
    if any(value.op is COUNT for value in graph.values):  # shapes cannot tell whether a number is linear
        _check_counts(graph, _as_graph(*_trace(function, specs, CHECKS[-1]), CHECKS[-1]), CHECKS[-1])
    return graph


def _trace(
    function: Traced, specs: dict[str, InputSpec], batch: int, locates: bool = False
) -> tuple[Trace, list[Tensor]]:
    trace = Trace()
    trace.locates = locates
    before = _global_draws()
    with trace.active():
        inputs = {
            name: trace.add_input(name, tuple(batch if size is None else size for size in shape), dtype)
            for name, (shape, dtype) in specs.items()
        }
        outputs = list(function(trace, inputs))
    if _global_draws() != before and not locates:
        _refuse_draws(_as_graph(trace, outputs, batch), function, specs)
        raise StateError(_drawn("A call()"))
    return trace, outputs


def _refuse_draws(graph: Graph, function: Traced, specs: dict[str, InputSpec]) -> None:
    """Trace once more: a constant that is another one now was drawn from a generator that no key steers."""
    assert graph.batch is not None
    trace, outputs = _trace(function, specs, graph.batch, locates=True)
    again = ancestors([*outputs, *(value for _, value in trace.writes)])
    constants = [t for t in again if t.op is CONSTANT]
    before = [value for value in graph.values if value.op is CONSTANT]
    for a, b in zip(before, constants, strict=False):
        if a.shape == b.shape and not np.array_equal(a.attrs["value"], b.attrs["value"], equal_nan=a.dtype.kind == "f"):
            raise StateError(_drawn(f"{f'Layer {b.scope!r}' if b.scope else 'The function'} ({b.line})"))


def _drawn(who: str) -> str:
    return (
        f"{who} drew random numbers while it was traced: the draw would be the same at every step. "
        "Use denselite.random.uniform/normal(seed=SeedGenerator()) instead."
    )


def _global_draws() -> Any:
    """What changes when someone draws from ``numpy.random``; a normal may come from the one kept back."""
    state: Any = np.random.get_state(legacy=False)  # noqa: NPY002 (it is the global generator that is watched)
    inner = [part.tobytes() if isinstance(part, np.ndarray) else part for part in state["state"].values()]
    return inner, state.get("has_gauss"), state.get("gauss")


def _as_graph(trace: Trace, outputs: list[Tensor], batch: int) -> Graph:
    writes = trace.writes
    order = ancestors([*outputs, *(value for _, value in writes), *trace.inputs.values(), *trace.effects])
    place = {tensor.index: i for i, tensor in enumerate(order)}
    values = [
        Value(t.op, tuple(place[i.index] for i in t.inputs), t.attrs, t.shape, t.dtype, t.scope, t.phase, static=True)
        for t in order
    ]
    return Graph(
        values,
        {name: place[tensor.index] for name, tensor in trace.inputs.items()},
        [place[tensor.index] for tensor in outputs],
        [(variable, place[value.index]) for variable, value in writes],
        batch,
    )


def _unify(first: Graph, second: Graph) -> Graph:
    if len(first.values) != len(second.values) or (first.inputs, first.outputs) != (second.inputs, second.outputs):
        raise Mismatch(f"{len(first.values)} operations at batch {PROBES[0]}, {len(second.values)} at {PROBES[1]}")
    if [(id(v), i) for v, i in first.writes] != [(id(v), i) for v, i in second.writes]:
        raise Mismatch("different variables are assigned")
    values = []
    for a, b in zip(first.values, second.values, strict=True):
        if a.op is not b.op or a.inputs != b.inputs or a.dtype != b.dtype:
            raise Mismatch(f"{a.op.name} at batch {PROBES[0]} is {b.op.name} at {PROBES[1]}")
        shape = unify(a.shape, b.shape, PROBES)
        if any(isinstance(size, Affine) and size.slope < 0 for size in shape):
            raise Mismatch(f"{a.op.name} gives fewer rows for a larger batch")
        attrs = _unify_attrs(a, b)
        op = COUNT if "count" in attrs else a.op
        values.append(
            Value(op, a.inputs, attrs, shape, a.dtype, a.scope, a.phase, is_static(shape) and is_static(attrs))
        )
    return Graph(values, first.inputs, first.outputs, first.writes)


def _unify_attrs(a: Value, b: Value) -> dict[str, Any]:
    """Also a number that follows the batch (``x.shape[0]`` used in arithmetic) is the same attribute."""
    if a.op is CONSTANT and a.shape == () == b.shape and a.attrs["value"] != b.attrs["value"]:
        first, second = (float(value.attrs["value"]) for value in (a, b))
        if first.is_integer() and second.is_integer():
            return {"count": unify(int(first), int(second), PROBES), "dtype": a.dtype.name}
    return unify(a.attrs, b.attrs, PROBES)  # type: ignore[no-any-return]


def _check_counts(graph: Graph, other: Graph, batch: int) -> None:
    if len(graph.values) != len(other.values):
        raise Mismatch(f"{len(graph.values)} operations, {len(other.values)} at batch {batch}")
    for value, found in zip(graph.values, other.values, strict=True):
        if value.op is COUNT and value.attrs_at(batch)["count"] != float(found.attrs["value"]):
            raise Mismatch(f"a number is {float(found.attrs['value'])} at batch {batch}, not linear in it")


def _check(graph: Graph, batch: int) -> None:
    """Infer every shape at another batch size and compare."""
    for value in graph.values:
        operands = [graph.values[i] for i in value.inputs]
        if not isinstance(value.op, Op) or (value.static and all(operand.static for operand in operands)):
            continue
        expected = value.shape_at(batch)
        try:
            found = value.op.infer(*(operand.operand_at(batch) for operand in operands), **value.attrs_at(batch))[0]
        except (ValueError, IndexError) as error:
            raise Mismatch(f"{value.op.name} cannot be told for batch {batch}: {error}") from None
        if tuple(found) != expected:
            raise Mismatch(f"{value.op.name} has shape {tuple(found)} at batch {batch}, not {expected}")
