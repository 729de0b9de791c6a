"""``Again``: a prediction of a few rows like the one before, without the work that found out how.

A service asks for a row at a time. What the first prediction found out (the step, its memory, what rows are cast to)
is right for the next as long as nothing has changed that it was found out from.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from typing import TYPE_CHECKING, Any

import numpy as np

from denselite import config
from denselite.data import Source
from denselite.layers.layer import changes
from denselite.models.steps import Lease, Step, runs_python
from denselite.ops.op import Array

if TYPE_CHECKING:
    from denselite.models.stepping import Stepping

__all__ = ["Again"]

MOST_ROWS = 32  # whose memory is kept


class Again:
    """How a model predicted the rows of an array, which were one batch.

    Args:
        model: the model.
        step: its predicting step.
        x: the array.
    """

    def __init__(self, model: Stepping, step: Step, x: Array) -> None:
        self.model, self.step = model, step
        self.dtype, self.row_shape = x.dtype, x.shape[1:]
        self.nested = model._output_structure.kind != "leaf"
        self.changes, self.settings = changes(), config.settings()
        self._idle: deque[tuple[Lease, Context]] = deque()

    @classmethod
    def after(cls, model: Stepping, step: Step, source: Source, x: Any) -> Again | None:
        """Return how ``x`` was predicted, None where more belongs to it than to copy rows and make NumPy calls."""
        is_array = type(x) is np.ndarray and [spec.shape for spec in source.specs] == [x.shape[1:]]
        if not is_array or source.num_batches != 1 or len(x) > MOST_ROWS or runs_python(model, step, len(x)):
            return None
        return cls(model, step, x)

    def covers(self, x: Any, batch_size: int | None) -> bool:
        """Tell whether ``x`` is predicted as the array was."""
        return (
            type(x) is np.ndarray
            and x.dtype is self.dtype
            and x.shape[1:] == self.row_shape
            and 0 < len(x) <= MOST_ROWS
            and (batch_size is None or (type(batch_size) is int and batch_size >= len(x)))
            and self.changes == changes()
            and self.settings is config.settings()
            and not self.model._tracks_nans
        )

    def predict(self, x: Array) -> Any:
        """Return the outputs for ``x``, in the model's structure."""
        try:
            lease, context = self._idle.pop()
        except IndexError:
            lease, context = Lease(self.model, self.step), Context()
            context.run(np.seterr, all="ignore")  # once: to enter errstate costs more than a small layer
        try:
            bound, inputs, calls = lease.bind(len(x))
            inputs[0][...] = x
            context.run(_replay, calls)
            outputs = [output.copy() for output in bound.outputs]
            return self.model._nest_outputs(outputs) if self.nested else outputs[0]
        finally:
            self._idle.append((lease, context))


def _replay(calls: Sequence[Callable[[], Any]]) -> None:
    for call in calls:
        call()
