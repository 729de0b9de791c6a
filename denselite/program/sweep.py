"""Sweeps: an elementwise rule over flat arrays, in blocks that stay in cache.

An optimizer's rule is traced on one flat block, like a layer on a batch: the block's length is its
batch size. What depends on scalars alone (a bias correction) is computed once a sweep.
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
from denselite.program.plan import make_plan
from denselite.tensor.symbols import Tensor

__all__ = ["BLOCK", "bind_sweep"]

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
    first = blocks[0]
    specs: dict[str, InputSpec] = {name: ((BATCH,), array.dtype) for name, array in first.items()}
    specs |= {name: ((), array.dtype) for name, array in scalars.items()}
    written: list[str] = []

    def traced(trace: Any, inputs: dict[str, Tensor]) -> list[Tensor]:
        result = rule({name: inputs[name] for name in first}, {name: inputs[name] for name in scalars})
        written[:] = result
        return [_as(result[name], inputs[name]) for name in written]

    graph = simplify(trace_graph(traced, specs))
    stores = {graph.inputs[name]: graph.outputs[k] for k, name in enumerate(written)}
    stored = replace(graph, outputs=[])  # outputs are kept to the end; what a sweep stores need not be
    plan = make_plan(stored, stores=stores, donated={graph.inputs[name] for name in scratch})
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


def _as(value: Tensor, like: Tensor) -> Tensor:
    return broadcast_to(cast(value, like.dtype), like.shape)  # type: ignore[no-any-return]
