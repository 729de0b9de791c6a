"""Measuring a step: every other time with a clock between its calls; the model is afterwards as it was before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

import numpy as np

from denselite.data import Source
from denselite.data.batch import Batch
from denselite.errors import DataError
from denselite.models.loop import running
from denselite.models.profile import PRODUCTS, Peak, Profile, Timed
from denselite.models.steps import Step
from denselite.ops.op import Array
from denselite.program.listing import called
from denselite.program.rows import Row, rows_of
from denselite.program.stopwatch import call_cost, clock_cost, product_peak, stamps
from denselite.program.threads import SMALL
from denselite.tensor.variable import Variable

if TYPE_CHECKING:
    from denselite.models.stepping import Stepping

__all__ = ["measure"]

Call = Callable[[], Any]


def measure(model: Stepping, kind: str, step: Step, source: Source, order: Array | None, steps: int) -> Profile:
    """Return where the time of a step goes.

    Args:
        model: the model.
        kind: what such a step is called.
        step: what to run.
        source: the data.
        order: of the rows, as ``fit`` would take them.
        steps: how many steps to time.

    Raises:
        DataError: there is no batch.
    """
    batches = _batches(source, order)
    batch = next(batches, None)
    if batch is None:
        raise DataError(
            f"{type(model).__name__} {model.name!r}: profile() got no batch. Give one row of data at least."
        )
    size = batch.size
    program = step.program(size)
    rows = rows_of(program.plan, size, step.landings)
    plain: list[list[int]] = []
    clocked: list[list[int]] = []
    written = [*(variable for variable, _ in program.plan.graph.writes), *model.variables, model._step_count]
    written += model.optimizer.variables if step.landings or step.tables else []
    with running(step, source) as interrupt, _kept(written), program.lease(size) as bound:
        updates = [call for _, calls in step.updates(bound) for call in calls]
        calls, inputs = [*bound.calls, *bound.commit, *updates], list(bound.inputs.values())
        batch.write(inputs)
        stamps(calls)  # not looked at: memory is touched for the first time, Numba compiles
        for _ in range(steps):
            interrupt.check()
            for times, run in ((plain, _run), (clocked, stamps)):
                start = perf_counter_ns()
                batch = next(batches, batch)
                batch.write(inputs)
                times.append([start, *run(calls)])
        peak = _peak(rows, step.heaviest(size))
        cost = call_cost()
    gathering, *times = np.maximum(_usual(clocked) - clock_cost() / 1e3, 0).tolist()
    first, last = len(bound.calls), len(bound.calls) + len(bound.commit)
    parts = [
        Timed("the batch", "gather", "", "batch", gathering),
        *_instructions(rows, bound.owners, times, f"{model.name}/"),
        *_kinds("state", bound.commit, times[first:last]),
        *_kinds("update", updates, times[last:]),
    ]
    between = max(0.0, float(_usual(plain).sum()) - sum(part.microseconds for part in parts))
    parts.append(Timed("between the calls", "loop", "", "Python", between))
    return Profile(f"A {kind} step of {type(model).__name__} {model.name!r} at batch {size}", parts, cost / 1e3, peak)


def _run(calls: Sequence[Call]) -> list[int]:
    """Run calls as ``fit`` does; return the time before and after them."""
    start = perf_counter_ns()
    for call in calls:
        call()
    return [start, perf_counter_ns()]


def _usual(stamped: Sequence[Sequence[int]]) -> Array:
    """The microseconds between times, on average over the faster half of the steps: so that they add up."""
    times = np.diff(np.array(stamped))
    faster = np.argsort(times.sum(axis=1))[: -(-len(times) // 2)]
    usual: Array = times[faster].mean(axis=0) / 1e3
    return usual


def _batches(source: Source, order: Array | None) -> Iterator[Batch]:
    """Yield batches as large as the first: of arrays without end, of other data those of one epoch."""
    size = 0
    while True:
        for batch in source.batches(order):
            size = size or batch.size
            if batch.size == size:
                yield batch
        if not size or source.num_samples is None:
            return


@contextmanager
def _kept(variables: Iterable[Variable]) -> Iterator[None]:
    """Give variables the values back that they have now."""
    values = [(variable, variable.storage.copy()) for variable in dict.fromkeys(variables)]
    try:
        yield
    finally:
        for variable, value in values:
            np.copyto(variable.storage, value)


def _instructions(rows: Sequence[Row], owners: Sequence[int], times: Sequence[float], prefix: str) -> Iterator[Timed]:
    """What is computed, each instruction with the time of its calls; ``prefix`` is left out of layers' paths."""
    known = {row.place: row for row in rows}
    taken: dict[int, list[float]] = {}
    for owner, time in zip(owners, times, strict=False):
        taken.setdefault(owner, []).append(time)
    for owner, mine in taken.items():
        row = known.get(owner)
        if row is None:  # a constant or an input that has to land somewhere
            yield Timed("copy", "copy", "", "backward", sum(mine), len(mine))
        else:
            text = f"{row.name} = {row.text}"
            yield Timed(text, row.op, row.layer.removeprefix(prefix), row.phase, sum(mine), len(mine), row.flops)


def _kinds(phase: str, calls: Sequence[Call], times: Sequence[float]) -> Iterator[Timed]:
    """Calls of one NumPy function, together."""
    names = [called(call) for call in calls]
    for name, count in Counter(names).items():
        mine = sum(time for other, time in zip(names, times, strict=True) if other == name)
        yield Timed(f"{count} {name}", name, "", phase, mine, count)


def _peak(rows: Sequence[Row], heaviest: int) -> Peak | None:
    """How fast products like the heaviest one could be; None if there is none."""
    products = [row for row in rows if row.op in PRODUCTS and row.dtype.startswith("float")]
    if not products:
        return None
    dtype = max(products, key=lambda row: row.flops).dtype
    return Peak(product_peak(np.dtype(dtype)), dtype, "all BLAS threads" if heaviest > SMALL else "one BLAS thread")
