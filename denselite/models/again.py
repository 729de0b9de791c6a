"""``Again``: a prediction of a few rows like the one before, without the work that found out how.

A service asks for a row at a time. What the first prediction found out (the step, its memory, what rows are cast to)
is right for the next as long as nothing has changed that it was found out from.
"""

from __future__ import annotations

from collections import deque
from contextvars import Context
from typing import TYPE_CHECKING, Any

import numpy as np

from denselite.changes import changes
from denselite.data import Source
from denselite.models.steps import Call, Lease, Step, runs_python
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
        self.changes = changes()
        self._idle: deque[_Memory] = deque()

    @classmethod
    def after(cls, model: Stepping, step: Step, source: Source, x: Any) -> Again | None:
        """Return how ``x`` was predicted, None where more belongs to it than to copy rows and make NumPy calls."""
        is_array = type(x) is np.ndarray and [spec.shape for spec in source.specs] == [x.shape[1:]]
        if not is_array or source.num_batches != 1 or len(x) > MOST_ROWS or runs_python(model, step, len(x)):
            return None
        return cls(model, step, x)

    def predict(self, x: Any, batch_size: int | None) -> Any:
        """Return the outputs for ``x``, in the model's structure; None where it is not predicted as the array was."""
        if type(x) is not np.ndarray or x.dtype is not self.dtype or self.changes != changes():
            return None
        if batch_size is not None and not (type(batch_size) is int and batch_size >= len(x)):
            return None
        try:
            memory = self._idle.pop()
        except IndexError:
            memory = _Memory(self.model, self.step)
        try:
            bound = memory.bound.get(x.shape)
            if bound is None:
                if x.shape[1:] != self.row_shape or not 0 < len(x) <= MOST_ROWS:
                    return None
                bound = memory.bind(x.shape)
            rows, calls, outputs = bound
            rows[...] = x
            memory.context.run(_replay, calls)
            if self.nested:
                return self.model._nest_outputs([output.copy() for output in outputs])
            return outputs[0].copy()
        finally:
            self._idle.append(memory)


class _Memory:
    """What one thread predicts in.

    Args:
        model: the model.
        step: its predicting step.
    """

    def __init__(self, model: Stepping, step: Step) -> None:
        self.lease = Lease(model, step)
        self.context = Context()
        self.context.run(np.seterr, all="ignore")  # once: to enter errstate costs more than a small layer
        self.bound: dict[tuple[int, ...], tuple[Array, list[Call], list[Array]]] = {}

    def bind(self, shape: tuple[int, ...]) -> tuple[Array, list[Call], list[Array]]:
        """Return the array that takes rows of a shape, the calls, and the outputs that they write."""
        if all(shape[0] > rows for rows, *_ in self.bound):  # the memory may grow, and lie elsewhere
            self.bound.clear()
        bound, inputs, calls = self.lease.bind(shape[0])
        found = self.bound[shape] = inputs[0], calls, bound.outputs
        return found


def _replay(calls: list[Call]) -> None:
    for call in calls:
        call()
