"""Python functions in a program: called at every step with copies of arrays, and what they return goes on.

    pass_through(function, values, seen)    new values = function(copies of values, copies of seen)

A function may return arrays of the same shapes, which take the values' places, or None. The gradient goes
through as if nothing had happened.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from denselite.ops.op import Array, Op
from denselite.tensor.context import constant, current_trace
from denselite.tensor.symbols import Tensor

__all__ = ["GradientGate", "pass_through"]

Function = Callable[[list[Array], list[Array]], Sequence[Any] | None]


class _Call:
    """One call of a function in a program; calls are equal by what they are of, so that traces can be compared.

    A program runs in one thread from its begin to its end, which is why results wait in one.
    """

    def __init__(self, function: Function, key: Any, count: int) -> None:
        self.function, self.key, self.count = function, key, count
        self.results = threading.local()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Call) and other.key == self.key and other.count == self.count

    def __hash__(self) -> int:
        return hash(self.count)

    def __call__(self, out: Array, *arrays: Array) -> None:
        copies = [array.copy() for array in arrays]
        found = self.function(copies[: self.count], copies[self.count :])
        self.results.found = arrays if found is None else found
        self.store(out, 0)

    def store(self, out: Array, place: int) -> None:
        """Write one of the results of the last call."""
        np.copyto(out, self.results.found[place] if place < self.count else 0, casting="unsafe")


_call = Op(
    "python_call",
    infer=lambda *values, call: (values[0].shape, values[0].dtype),
    kernel=lambda run, out, *arrays, call: run(call, out, *arrays),
    vjp=lambda g, out, *values, call: (g, *[None] * (len(values) - 1)),
    python=True,
    effect=True,
)

_result = Op(
    "python_result",
    infer=lambda value, first, *, call, place: (value.shape, value.dtype),
    kernel=lambda run, out, value, first, *, call, place: run(call.store, out, place),
    vjp=lambda g, out, value, first, *, call, place: (g, None),
    python=True,
)


def pass_through(function: Function, key: Any, values: Sequence[Any], seen: Sequence[Any] = ()) -> list[Any]:
    """Return values as a Python function leaves them.

    Args:
        function: takes a list of copies of ``values`` and one of ``seen``; returns arrays of the shapes of
            ``values``, or None to leave them as they are.
        key: calls with equal keys are one when two traces are compared.
        values: arrays or tensors.
        seen: further arrays or tensors, one at least if there are no values.

    Example:
        >>> [x] = pass_through(lambda values, seen: [values[0] + seen[0]], "add", [np.ones(2)], [np.ones(2)])
        >>> x.tolist()
        [2.0, 2.0]
    """
    call = _Call(function, key, len(values))
    first = _call(*values, *seen, call=call)
    return [first if k == 0 else _result(value, first, call=call, place=k) for k, value in enumerate(values)]


class GradientGate:
    """Where a Python function meets the gradients of some values and of what is made of them.

        gate = GradientGate(function, key)
        x, = gate.enter([x])
        y, = gate.leave([f(x)])

    On the way back ``function(gradients by x, gradients by y)`` is called, lists with None where there is
    no gradient; what it returns for the first list goes on.

    Args:
        function: takes the two lists.
        key: calls with equal keys are one when two traces are compared.
    """

    def __init__(self, function: Callable[[list[Any], list[Any]], Sequence[Any] | None], key: Any) -> None:
        self.function, self.key = function, key
        self.sizes = [0, 0]
        self.token: Any = None
        self.found: dict[tuple[int, int], Tensor] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GradientGate) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.sizes[0])

    def enter(self, values: Sequence[Tensor]) -> list[Any]:
        """Return float tensors as tensors whose gradients come by here, also if no weight lies behind them."""
        trace = current_trace()
        assert trace is not None, "gradients are taken inside a trace"
        asked = constant(np.zeros((), np.float32))
        trace.asked.add(asked.index)
        self.token = _token(asked, *values, gate=self)
        return self._gated(values, 0)

    def leave(self, values: Sequence[Tensor]) -> list[Any]:
        """Return what was made of the values, likewise."""
        gated = self._gated(values, 1)
        self.token = None
        return gated

    def _gated(self, values: Sequence[Tensor], side: int) -> list[Any]:
        self.sizes[side] = len(values)
        return [_gate(value, self.token, gate=self, place=(side, k)) for k, value in enumerate(values)]

    def keep(self, place: tuple[int, int], g: Tensor) -> Tensor:
        """Keep a gradient until all are there."""
        self.found[place] = g
        return constant(np.zeros((), np.float32))

    def release(self) -> list[Any]:
        """Record the function's call on what was kept; return the gradients by the values that entered."""
        sides = [[self.found.get((side, k)) for k in range(size)] for side, size in enumerate(self.sizes)]
        self.found = {}
        (inner, inside), (outer, outside) = (_present(side) for side in sides)

        def call(values: list[Array], seen: list[Array]) -> Sequence[Any] | None:
            new = self.function(_spread(values, inside, self.sizes[0]), _spread(seen, outside, self.sizes[1]))
            return None if new is None else [new[k] for k in inside]

        return _spread(pass_through(call, self.key, inner, outer), inside, self.sizes[0])


def _present(values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    places = [k for k, value in enumerate(values) if value is not None]
    return [values[k] for k in places], places


def _spread(values: Sequence[Any], places: Sequence[int], size: int) -> list[Any]:
    held = dict(zip(places, values, strict=True))
    return [held.get(k) for k in range(size)]


_token = Op(
    "gradient_token",  # it stands before all that is gated, so that its gradient comes after all of theirs
    infer=lambda asked, *values, gate: ((), np.dtype(np.float32)),
    kernel=lambda run, out, asked, *values, gate: run(out.fill, 0),
    vjp=lambda g, out, asked, *values, gate: (None, *gate.release()),
)

_gate = Op(
    "gradient_gate",
    infer=lambda x, token, *, gate, place: (x.shape, x.dtype),
    view=lambda x, *, gate, place: x,
    vjp=lambda g, out, x, token, *, gate, place: (g if place[0] else None, gate.keep(place, g)),
)
