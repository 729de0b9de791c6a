"""The loop over batches that steps, in ``fit`` and ``evaluate``, and what it runs in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

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

__all__ = ["Loop", "finalized", "running"]


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
    with blas_threads(step.heaviest(source.usual_size)), np.errstate(all="ignore"), Interrupt() as interrupt:
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
