"""The loops over batches: the one that steps, and the one that collects predictions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from denselite.callbacks import CallbackList
from denselite.data import Source
from denselite.layers.hooks import hook_changes
from denselite.models.interrupt import Interrupt
from denselite.models.steps import Lease, Step
from denselite.ops.op import Array
from denselite.program.threads import blas_threads

if TYPE_CHECKING:
    from denselite.models.stepping import Stepping

__all__ = ["Loop", "collect", "finalized", "running"]


class Loop:
    """Runs a step for every batch of a pass and tells callbacks.

    Args:
        model: the model.
        step: what to run.
        source: the data.
        reporter: who is told.
        kind: ``"train"`` or ``"test"``, as in the hooks' names.
    """

    def __init__(self, model: Stepping, step: Step, source: Source, reporter: CallbackList, kind: str) -> None:
        self.model, self.source, self.reporter, self.kind = model, source, reporter, kind
        self.lease, self.hooks = Lease(model, step), hook_changes()

    def run(self, order: Array | None, interrupt: Interrupt, done: int = 0) -> bool:
        """Run one pass, of which ``done`` batches are done; False if the data gave no batch at all."""
        model, reporter = self.model, self.reporter
        if not done:
            model._objective.reset()
        begins = reporter.overridden(f"on_{self.kind}_batch_begin")
        begin = getattr(reporter, f"on_{self.kind}_batch_begin")
        end = getattr(reporter, f"on_{self.kind}_batch_end")
        wants = reporter.pace(f"on_{self.kind}_batch_end")
        logs = model._objective.logs
        training = self.kind == "train"  # what is left of an earlier fit must not shorten an evaluation
        number = done - 1
        for number, batch in enumerate(self.source.batches(order, done), start=done):
            if begins:
                begin(number)
            if self.hooks != hook_changes():  # a callback or a hook registered or removed one
                self.close()
                self.lease, self.hooks = Lease(model, model._step(self.kind, self.source)), hook_changes()
            _, inputs, calls = self.lease.bind(batch.size)
            batch.write(inputs)
            for call in calls:
                call()
            if wants(number):
                end(number, logs())
            if interrupt.requested:
                interrupt.check()
            if model.stop_training and training:
                break
        return number >= 0

    def close(self) -> None:
        """Give the memory back."""
        self.lease.close()


@contextmanager
def running(step: Step, source: Source) -> Iterator[Interrupt]:
    """Set up what batches run in: BLAS threads by the step's size, no warnings of NumPy's, Ctrl-C between steps."""
    with blas_threads(step.heaviest(_size(source))), np.errstate(all="ignore"), Interrupt() as interrupt:
        yield interrupt


@contextmanager
def finalized(model: Stepping) -> Iterator[None]:
    """However training ends, the optimizer has the last word about the weights, if a step was taken."""
    before = int(model._step_count)
    try:
        yield
    finally:
        if int(model._step_count) != before:
            model.optimizer.finalize_variable_values(model.trainable_weights)


def _size(source: Source) -> int:
    """How many rows a batch has, about: where batches come ready-made, nobody knows."""
    return source.batch_size or 32


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
    return nullcontext() if source.num_batches == 1 else blas_threads(step.heaviest(_size(source)))


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
