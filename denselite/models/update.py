"""``Update``: where the gradients of a step land, and the calls that then change the weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from denselite.ops.indexing import row_gradient
from denselite.ops.op import Array
from denselite.optimizers import Optimizer
from denselite.program.arena import Arena
from denselite.program.bind import Bound
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["Update"]

Call = Callable[[], Any]


class Update:
    """The second half of a training step.

    Most gradients land side by side in an arena, which the optimizer sweeps. The gradient of a table that is only
    looked up in (an embedding's) is zero but for the rows that a batch names; where the optimizer would leave the
    others as they are, the step returns those rows instead, and only they are updated.

    Args:
        optimizer: the optimizer.
        variables: what it updates, in order.
        compiled: let Numba make one loop of the sweep.
        by_rows: update the rows that a batch names alone, where that is all.

    Attributes:
        swept: the variables whose gradients land in an arena.
        tables: those that are updated by rows.
    """

    def __init__(
        self, optimizer: Optimizer, variables: Sequence[Variable], compiled: bool, by_rows: bool = True
    ) -> None:
        self._optimizer, self._variables, self._compiled = optimizer, list(variables), compiled
        self._by_rows = by_rows
        self.swept = list(variables)
        self.tables: list[Variable] = []
        self._places: dict[Variable, Array] = {}
        self._clean: dict[Variable, Array] = {}

    def results(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """Return what the traced step returns for its gradients: those that land, then rows and indices."""
        rows = {
            v: found
            for v, g in zip(self._variables, gradients, strict=True)
            if self._by_rows and self._optimizer.updates_rows(v) and (found := row_gradient(g)) is not None
        }
        self.tables = list(rows)
        self.swept = [v for v in self._variables if v not in rows]
        landing = [g for v, g in zip(self._variables, gradients, strict=True) if v not in rows]
        return [*landing, *(part for pair in rows.values() for part in pair)]

    def landings(self) -> dict[int, Array]:
        """Return the array that each of the results lands in, by position; made at the first call."""
        for dtype in dict.fromkeys(v.dtype for v in self.swept if v not in self._places):
            arena = Arena([v for v in self.swept if v.dtype == dtype])
            flat = arena.new()
            self._places |= {v: arena.view(flat, k) for k, v in enumerate(arena.variables)}
        return {k: self._places[v] for k, v in enumerate(self.swept)}

    def bind(self) -> tuple[list[Call], list[Call]]:
        """Return the optimizer's calls for a step, before and at the commit."""
        self.landings()
        return self._optimizer.bind(self._variables, list(map(self._places.get, self._variables)), self._compiled)

    def bind_rows(self, bound: Bound) -> tuple[list[Call], list[Call]]:
        """Return the calls that update rows by the results of a program, before and at the commit."""
        prepare: list[Call] = []
        commit: list[Call] = []
        parts = iter(bound.outputs[len(self.swept) :])
        for table in self.tables:
            gradient, ids = next(parts), next(parts)
            clean = self._clean.setdefault(table, np.zeros(table.shape, table.dtype))
            before, then = self._optimizer.bind_rows(table, ids, gradient, clean)
            prepare += before
            commit += then
        return prepare, commit
