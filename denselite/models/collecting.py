"""The loop over batches that collects predictions; several threads may share it.

No batch of a prediction waits for another. Where a product is large enough for BLAS to split it over its threads, whole
batches are split over as many threads instead: what is no product is then shared too, and nobody waits for anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from denselite.callbacks import CallbackList
from denselite.data import Batch, Source
from denselite.layers.hooks import hook_changes
from denselite.models.sharing import share
from denselite.models.steps import Lease, Step, runs_python
from denselite.ops.op import Array
from denselite.program.threads import SMALL, blas_setting, blas_threads

if TYPE_CHECKING:
    from denselite.models.stepping import Stepping

__all__ = ["collect"]

_SILENT = CallbackList()  # nobody is told
MOST_THREADS = 8  # that share a prediction, each with memory of its own; with more BLAS splits the products
COPIED = 1 << 18  # bytes of a batch: more are read where they lie, which takes 20 µs to arrange
HIGH = 512  # rows of a product: below, it takes too long that each thread packs the weights for itself


def collect(model: Stepping, step: Step, source: Source, reporter: CallbackList = _SILENT) -> Any:
    """Run a predicting step over all batches and return the outputs, in the model's structure."""
    reporter.on_predict_begin()
    collector = _Collector(model, step, source, reporter)
    batches = enumerate(source.batches())
    threads = _threads(model, step, source, reporter)
    if threads > 1:
        share(collector.run, batches, threads)
    else:
        with _limit(step, source):
            collector.run(batches)
    reporter.on_predict_end()
    return model._nest_outputs(collector.pieces.joined())


class _Collector:
    """Predicts batches and tells callbacks, in any number of threads.

    Args:
        model: the model.
        step: its predicting step.
        source: the data.
        reporter: who is told; it has begun.
    """

    def __init__(self, model: Stepping, step: Step, source: Source, reporter: CallbackList) -> None:
        self.model, self.step, self.source, self.reporter = model, step, source, reporter
        self.wants = reporter.pace("on_predict_batch_end")
        self.pieces = _Pieces(source)
        self.lock, self.done = Lock(), 0

    def run(self, batches: Iterable[tuple[int, Batch]]) -> None:
        """Predict numbered batches."""
        model, reporter = self.model, self.reporter
        begins = reporter.overridden("on_predict_batch_begin")
        lease, hooks = Lease(model, self.step), hook_changes()
        try:
            with np.errstate(all="ignore"):
                for number, batch in batches:
                    if begins:
                        reporter.on_predict_batch_begin(number)
                    if hooks != hook_changes():
                        lease.close()
                        lease, hooks = Lease(model, model._step("predict", self.source)), hook_changes()
                    bound, inputs, calls = lease.bind(batch.size)
                    rows = batch.lying()
                    if sum(array.nbytes for array in rows) > COPIED and (found := lease.bind_rows(batch.size, rows)):
                        calls = found
                    else:
                        batch.write(inputs)
                    for call in calls:
                        call()
                    self.pieces.add(number, batch.size, bound.outputs)
                    self._tell(bound.outputs)
        finally:
            lease.close()

    def _tell(self, outputs: list[Array]) -> None:
        with self.lock:
            number, self.done = self.done, self.done + 1
            if self.wants(number):
                logs = {"outputs": self.model._nest_outputs([output.copy() for output in outputs])}
                self.reporter.on_predict_batch_end(number, logs)


def _limit(step: Step, source: Source) -> AbstractContextManager[None]:
    """Choose BLAS threads for a loop; for a single batch the choice would cost more than it gains."""
    return nullcontext() if source.num_batches == 1 else blas_threads(step.heaviest(source.usual_size))


def _threads(model: Stepping, step: Step, source: Source, reporter: CallbackList) -> int:
    """How many threads share a prediction: as many as BLAS may use, one where it is small, watched or runs Python."""
    rows, count = source.usual_size, source.num_batches or 1
    if count == 1 or reporter.follows("predict") or not source.lasting or step.heaviest(rows) <= SMALL:
        return 1
    if runs_python(model, step, rows):
        return 1
    program = step.program(rows)
    if program.assigns or program.height(rows) < HIGH:
        return 1
    threads = blas_setting() or 1
    return min(threads, count) if threads <= MOST_THREADS else 1


class _Pieces:
    """Outputs of batches put together: in one array where the number of rows is known."""

    def __init__(self, source: Source) -> None:
        self.size, rows = source.batch_size, source.num_samples
        if rows is not None and source.num_batches is not None and self.size is not None:
            rows = min(rows, source.num_batches * self.size)
        self.rows = rows
        self.whole: list[Array] = []
        self.parts: list[list[Array]] = []
        self.lock = Lock()

    def add(self, number: int, size: int, outputs: list[Array]) -> None:
        """Keep the outputs of a batch, which are overwritten by the next."""
        if self.rows is None or self.size is None:
            self.parts.append([output.copy() for output in outputs])
            return
        if not self.whole:
            with self.lock:
                self.whole = self.whole or [np.empty((self.rows, *x.shape[1:]), x.dtype) for x in outputs]
        start = number * self.size
        for whole, output in zip(self.whole, outputs, strict=True):
            whole[start : start + size] = output

    def joined(self) -> list[Array]:
        """Return the outputs for all rows."""
        return self.whole or [np.concatenate(parts) for parts in zip(*self.parts, strict=True)]
