"""The loop over batches that collects predictions."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from denselite.callbacks import CallbackList
from denselite.data import Source
from denselite.layers.hooks import hook_changes
from denselite.models.steps import Lease, Step
from denselite.ops.op import Array
from denselite.program.threads import blas_threads

if TYPE_CHECKING:
    from denselite.models.stepping import Stepping

__all__ = ["collect"]


def collect(model: Stepping, step: Step, source: Source, reporter: CallbackList | None) -> Any:
    """Run a predicting step over all batches and return the outputs, in the model's structure."""
    lease, hooks = Lease(model, step), hook_changes()
    pieces = _Pieces(source)
    if reporter:
        reporter.on_predict_begin()
    wants = reporter.pace("on_predict_batch_end") if reporter else None  # once the bar is open
    try:
        with _threads(step, source), np.errstate(all="ignore"):
            for number, batch in enumerate(source.batches()):
                if reporter and reporter.overridden("on_predict_batch_begin"):
                    reporter.on_predict_batch_begin(number)
                if hooks != hook_changes():
                    lease.close()
                    lease, hooks = Lease(model, model._step("predict", source)), hook_changes()
                bound, inputs, calls = lease.bind(batch.size)
                batch.write(inputs)
                for call in calls:
                    call()
                pieces.add(bound.outputs, batch.size)
                if reporter and wants and wants(number):
                    reporter.on_predict_batch_end(
                        number, {"outputs": model._nest_outputs([o.copy() for o in bound.outputs])}
                    )
    finally:
        lease.close()
    if reporter:
        reporter.on_predict_end()
    return model._nest_outputs(pieces.joined())


def _threads(step: Step, source: Source) -> AbstractContextManager[None]:
    """Choose BLAS threads for a loop; for a single batch the choice would cost more than it gains."""
    return nullcontext() if source.num_batches == 1 else blas_threads(step.heaviest(source.usual_size))


class _Pieces:
    """Outputs of batches put together: in one array where the number of rows is known."""

    def __init__(self, source: Source) -> None:
        rows = source.num_samples
        if rows is not None and source.num_batches is not None and source.batch_size is not None:
            rows = min(rows, source.num_batches * source.batch_size)
        self.rows = rows
        self.whole: list[Array] = []
        self.parts: list[list[Array]] = []
        self.done = 0

    def add(self, outputs: list[Array], size: int) -> None:
        if self.rows is None:
            self.parts.append([output.copy() for output in outputs])
            return
        if not self.whole:
            self.whole = [np.empty((self.rows, *output.shape[1:]), output.dtype) for output in outputs]
        for whole, output in zip(self.whole, outputs, strict=True):
            whole[self.done : self.done + size] = output
        self.done += size

    def joined(self) -> list[Array]:
        if self.rows is not None:
            return self.whole
        return [np.concatenate(parts) for parts in zip(*self.parts, strict=True)]
