"""Where the first NaN of a step comes from: every operation's result is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from denselite.errors import DivergenceError
from denselite.graph.graph import Value
from denselite.ops.op import Array, Op
from denselite.program.bind import Bound
from denselite.program.plan import Plan
from denselite.tensor.context import CONSTANT, INPUT, VARIABLE
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["FiniteCheck", "checked_calls"]

Call = Callable[[], Any]


class FiniteCheck:
    """Looks at the values of one step in the order in which they are made.

    An infinity that an operation was given, as a mask is, may go on; a NaN may not.

    Args:
        step: returns the number of the step, for messages.
    """

    def __init__(self, step: Callable[[], int]) -> None:
        self.step = step
        self.infinite: set[int] = set()

    def look(self, key: int, inputs: Sequence[int], array: Array, made: Value | Tensor) -> None:
        """Look at one value.

        Args:
            key: its number.
            inputs: those of its operands.
            array: its elements.
            made: what says how it was made.

        Raises:
            DivergenceError: it is the first one that is not finite.
        """
        if array.dtype.kind != "f":
            return
        nans = int(np.isnan(array).sum())
        infinite = not nans and bool(np.isinf(array).any())
        if infinite:
            self.infinite.add(key)
        given = made.op is CONSTANT or any(i in self.infinite for i in inputs)
        if nans or (infinite and not given):
            raise DivergenceError(f"Step {self.step()}: {_told(made)} {_counted(array)}. {_advice(made)}")
        if not infinite:
            self.infinite.discard(key)

    def look_at_variables(self, variables: Sequence[Variable]) -> None:
        """Look at what an update has left."""
        for variable in variables:
            if not np.isfinite(variable.storage).all():
                raise DivergenceError(
                    f"Step {self.step() - 1}: the optimizer (update) made {_counted(variable.storage)} in "
                    f"{variable.path!r}. A smaller learning rate, or clipnorm=, keeps weights finite."
                )


def checked_calls(plan: Plan, bound: Bound, step: Callable[[], int]) -> list[Call]:
    """Return the calls of a bound plan, with a look at each value once it is made.

    Args:
        plan: the plan.
        bound: its calls and arrays.
        step: returns the number of the step, for messages.
    """
    check, values = FiniteCheck(step), plan.graph.values
    made: dict[int, int] = {}  # the last of the calls that make a value; a copy of it elsewhere may follow later
    for place, owner in enumerate(bound.owners):
        if made.get(owner, place - 1) == place - 1:
            made[owner] = place
    ready: list[int] = []  # after which call a value is there
    looks: dict[int, list[Call]] = {}
    for i, value in enumerate(values):
        own = -1 if plan.homes[i].kind == "view" else made.get(i, -1)
        ready.append(max([own, *(ready[j] for j in value.inputs)]))
        looks.setdefault(ready[i], []).append(partial(check.look, i, value.inputs, bound.arrays[i], value))
    calls: list[Call] = [*looks.get(-1, ())]
    for place, call in enumerate(bound.calls):
        calls += [call, *looks.get(place, ())]
    return calls


def _told(made: Value | Tensor) -> str:
    if made.op is INPUT:
        return f"the input {made.attrs['name']} holds"
    if made.op is VARIABLE:
        return f"the weight {made.attrs['variable'].path!r} holds"
    if made.op is CONSTANT:
        return "a constant holds"
    return f"{made.op.name!r}{f' in layer {made.scope!r}' if made.scope else ''} ({made.phase}) made"


def _counted(array: Array) -> str:
    nans = int(np.isnan(array).sum())
    return f"{'NaN' if nans else 'an infinity'}, {nans or int(np.isinf(array).sum())} of {array.size} values"


def _advice(made: Value | Tensor) -> str:
    if made.op is VARIABLE:
        return "An earlier step, or set_weights(), left it so."
    return "Everything it was given is finite." if isinstance(made.op, Op) else "Clean the data."
