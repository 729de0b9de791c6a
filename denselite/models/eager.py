"""``run_eagerly``: a step whose tensors have values while it is traced, and which is traced for every batch.

It stands in for a ``Program``: what is leased is not a list of NumPy calls, but one call that runs the code of
layers, losses and metrics, with ``print``, ``if`` and a debugger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from denselite.errors import StateError
from denselite.graph.autodiff import ancestors
from denselite.graph.graph import InputSpec, Traced
from denselite.ops.op import Array
from denselite.program.bind import Bound, copies
from denselite.program.finite import FiniteCheck
from denselite.tensor.context import Trace
from denselite.tensor.symbols import Tensor

__all__ = ["EagerProgram"]


class EagerProgram:
    """A function of tensors that computes as it is traced.

    Args:
        function: the function, as ``trace_graph`` takes it.
        specs: shape (``BATCH`` for the batch size) and dtype of each input.
        targets: arrays that results are copied to, by output position.
    """

    capacity = 1 << 62  # rows: the memory of a lease does not grow
    readers: tuple[int, ...] = ()  # what an array that is read where it lies is bound to again

    def __init__(self, function: Traced, specs: Mapping[str, InputSpec], targets: Mapping[int, Array]) -> None:
        self.function, self.specs, self.targets = function, dict(specs), dict(targets)

    @property
    def plan(self) -> Any:
        """There is none."""
        raise StateError("A step that runs eagerly has no plan to list. compile(run_eagerly=False) makes one.")

    def heaviest(self, batch: int) -> int:
        """Return more than any number: nobody knows the largest product, and BLAS keeps its threads."""
        return 1 << 62

    def acquire(self) -> EagerProgram:
        """Return what ``bind`` is asked of: nothing is kept between steps."""
        return self

    def release(self, memory: EagerProgram) -> None:
        """Take back what ``acquire`` gave."""

    def bind(self, batch: int) -> EagerBatch:
        """Return the call that computes a batch of this size, and what then writes the variables."""
        return EagerBatch(self, batch)

    def checked(self, bound: EagerBatch, step: Callable[[], int]) -> list[Callable[[], Any]]:
        """Return the call with a look at every value that it made, for NaN; ``step`` tells the step's number."""
        return [bound.compute, partial(bound.look, FiniteCheck(step))]


class EagerBatch(Bound):
    """What stands in for bound calls: the arrays of one batch, and the last trace.

    Args:
        program: what to run.
        batch: the batch size.
    """

    def __init__(self, program: EagerProgram, batch: int) -> None:
        super().__init__()
        self.program = program
        self.trace = Trace(eager=True)
        self.found: list[Tensor] = []
        self.inputs = {
            name: np.empty([batch if size is None else size for size in shape], dtype)
            for name, (shape, dtype) in program.specs.items()
        }
        self.calls, self.commit = [self.compute], [self.write]

    def compute(self) -> None:
        """Trace the function with values."""
        self.trace = trace = Trace(eager=True)
        with trace.active():
            given = {name: trace.add_input(name, a.shape, a.dtype, a) for name, a in self.inputs.items()}
            self.found = list(self.program.function(trace, given))
        self.outputs[:] = [_value(tensor) for tensor in self.found]
        for k, target in self.program.targets.items():
            np.copyto(target, self.outputs[k])

    def write(self) -> None:
        """Give the variables that were assigned their new values."""
        for copy in copies([(variable.storage, _value(tensor)) for variable, tensor in self.trace.writes]):
            copy()

    def look(self, check: FiniteCheck) -> None:
        """Look at every value of the last trace, in the order in which they were made."""
        for tensor in ancestors([*self.found, *(tensor for _, tensor in self.trace.writes)]):
            check.look(tensor.index, [made.index for made in tensor.inputs], _value(tensor), tensor)


def _value(tensor: Tensor) -> Array:
    assert tensor.value is not None, "in an eager trace every tensor has a value"
    return tensor.value
