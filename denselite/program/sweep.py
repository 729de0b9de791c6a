"""Sweeps: an elementwise rule over flat arrays, in blocks that stay in cache.

An optimizer's rule is traced on one flat block, like a layer on a batch: the block's length is its
batch size. What depends on scalars alone (a bias correction) is computed once a sweep. A rule that needs
a whole weight (its norm, its rows) is traced on the weights as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from denselite.graph.graph import BATCH, InputSpec, trace_graph
from denselite.graph.simplify import simplify
from denselite.ops.identity import cast
from denselite.ops.op import Array
from denselite.ops.shaping import broadcast_to
from denselite.program.bind import bind
from denselite.program.compiled import NotElementwiseError, fuse
from denselite.program.memory import aligned, lay_out
from denselite.program.plan import Plan, make_plan
from denselite.tensor.symbols import Tensor

__all__ = ["BLOCK", "bind_sweep", "bind_whole"]

BLOCK = 65536  # elements: the five arrays of an Adam sweep, in blocks this long, fit in a core's second cache

Rule = Callable[[dict[str, Tensor], dict[str, Tensor]], Mapping[str, Tensor]]


def bind_sweep(
    rule: Rule,
    blocks: Sequence[Mapping[str, Array]],
    scalars: Mapping[str, Array],
    scratch: Sequence[str] = (),
    compiled: bool = False,
) -> list[Callable[[], Any]]:
    """Bind ``new values = rule(arrays, scalars)`` to flat arrays, block by block.

    Args:
        rule: elementwise, in NumPy or ops; what it returns by an array's name is written there.
        blocks: groups of flat arrays of one length, by name; every group has the same names.
        scalars: 0-d arrays, read at every sweep.
        scratch: names of arrays that may be overwritten once they are read.
        compiled: let Numba make one loop of the calls, where it can.

    Returns:
        The calls of one sweep.
    """
    if not blocks:
        return []
    plan = _plan(rule, {name: ((BATCH,), array.dtype) for name, array in blocks[0].items()}, scalars, scratch)
    longest = min(BLOCK, max(len(next(iter(block.values()))) for block in blocks))
    layout = lay_out(plan, longest)
    slots = [aligned(nbytes) for nbytes in layout.sizes]
    calls: list[Callable[[], Any]] = []
    known: dict[int, Array] = {}
    for block in blocks:
        length = len(next(iter(block.values())))
        for start in range(0, length, BLOCK):
            stop = min(start + BLOCK, length)
            part = {name: array[start:stop] for name, array in block.items()}
            bound = bind(plan, stop - start, layout, slots, {**part, **scalars}, known=known)
            known = known or {i: bound.arrays[i] for i in plan.uniform}
            if compiled:
                with suppress(NotElementwiseError):
                    calls += fuse(bound.calls, part, block)
                    break
            calls += bound.calls
    return calls


def bind_whole(
    rule: Rule, groups: Sequence[Mapping[str, Array]], scalars: Mapping[str, Array], scratch: Sequence[str] = ()
) -> list[Callable[[], Any]]:
    """Bind ``new values = rule(arrays, scalars)`` to arrays of any shape, each group as a whole.

    The groups are one graph, one after the other: what depends on scalars alone is computed once, and
    the memory that one group has used is the next one's.

    Args:
        rule: in NumPy or ops; what it returns by an array's name is written there.
        groups: arrays by name; shapes and names may differ between groups.
        scalars: 0-d arrays, read at every call.
        scratch: names of arrays that may be overwritten once they are read.

    Returns:
        The calls of one update of all groups.
    """
    arrays = {_numbered(name, k): array for k, group in enumerate(groups) for name, array in group.items()}

    def each(inputs: dict[str, Tensor], scalars: dict[str, Tensor]) -> dict[str, Tensor]:
        new: dict[str, Tensor] = {}
        for k, group in enumerate(groups):
            result = rule({name: inputs[_numbered(name, k)] for name in group}, scalars)
            new |= {_numbered(name, k): value for name, value in result.items()}
        return new

    donated = [_numbered(name, k) for k in range(len(groups)) for name in scratch]
    plan = _plan(each, {name: (array.shape, array.dtype) for name, array in arrays.items()}, scalars, donated, batch=1)
    layout = lay_out(plan, 1)
    slots = [aligned(nbytes) for nbytes in layout.sizes]
    return bind(plan, 1, layout, slots, {**arrays, **scalars}).calls


def _numbered(name: str, k: int) -> str:
    return f"{name} {k}"


def _plan(
    rule: Rule,
    arrays: Mapping[str, InputSpec],
    scalars: Mapping[str, Array],
    scratch: Sequence[str],
    batch: int | None = None,
) -> Plan:
    """Plan a rule whose results end up in the memory of its arguments."""
    written: list[str] = []

    def traced(trace: Any, inputs: dict[str, Tensor]) -> list[Tensor]:
        result = rule({name: inputs[name] for name in arrays}, {name: inputs[name] for name in scalars})
        written[:] = result
        return [_as(result[name], inputs[name]) for name in written]

    specs = {**arrays, **{name: ((), array.dtype) for name, array in scalars.items()}}
    graph = simplify(trace_graph(traced, specs, batch))
    stores = {graph.inputs[name]: graph.outputs[k] for k, name in enumerate(written)}
    stored = replace(graph, outputs=[])  # outputs are kept to the end; what a sweep stores need not be
    return make_plan(stored, stores=stores, donated={graph.inputs[name] for name in scratch})


def _as(value: Tensor, like: Tensor) -> Tensor:
    return broadcast_to(cast(value, like.dtype), like.shape)  # type: ignore[no-any-return]
