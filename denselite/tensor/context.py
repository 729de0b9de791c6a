"""The trace under way: what variables hold at this point of it, and who is asking.

While a function is traced, reading a variable gives a leaf tensor and assigning one gives it a new
tensor as its value: state is single-assignment, a read after an assignment sees the new value, and
nothing is written until a program commits. Outside a trace variables are read and written at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np

from denselite.tensor.origin import users_line
from denselite.tensor.symbols import Tensor

if TYPE_CHECKING:
    from denselite.tensor.variable import Variable

__all__ = [
    "CONSTANT",
    "INPUT",
    "VARIABLE",
    "Leaf",
    "Trace",
    "constant",
    "current_scope",
    "current_trace",
    "scope",
    "untraced",
]


class Leaf:
    """A kind of tensor that no op makes."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


INPUT = Leaf("input")
VARIABLE = Leaf("variable")
CONSTANT = Leaf("constant")

_current: ContextVar[Trace | None] = ContextVar("denselite_trace", default=None)
_scope: ContextVar[str] = ContextVar("denselite_scope", default="")


class Trace:
    """The state of one trace.

    Attributes:
        inputs: the leaf tensors the traced function was called with, by name.
        losses: scalar tensors that layers add to the loss, by the layer. What a layer adds in its last
            call counts, as in Keras: a shared layer's activity is penalised once.
        watched: for each layer that is watched (by its id), what its calls returned, in order.
        effects: tensors whose op does something besides its value.
        asked: the indices of tensors whose gradient is wanted for its own sake, as sources' are.
        eager: whether every tensor gets its value at once.
        locates: whether constants remember the user's line that they come from.
        step: the training step, a 0-d integer tensor that random draws are keyed by.
        seed: what draws without a seed are keyed by; None for a fresh one each.
    """

    def __init__(self, eager: bool = False) -> None:
        self.eager, self.locates = eager, False
        self.inputs: dict[str, Tensor] = {}
        self.losses: dict[int, list[Tensor]] = {}
        self.watched: dict[int, list[Any]] = {}
        self.effects: list[Tensor] = []
        self.asked: set[int] = set()
        self.step: Tensor | None = None
        self.seed: int | None = None
        self.phase = "forward"
        self.leaves: dict[int, tuple[Variable, Tensor]] = {}
        self._values: dict[int, Tensor] = {}
        self._written: dict[int, Variable] = {}
        self._sites: dict[Any, int] = {}

    def leaf(self, kind: Leaf, shape: tuple[int, ...], dtype: np.dtype[Any], **attrs: Any) -> Tensor:
        """Make a tensor that no op makes."""
        return Tensor(kind, (), attrs, shape, dtype, current_scope(), self.phase)

    def add_input(
        self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any], value: np.ndarray[Any, Any] | None = None
    ) -> Tensor:
        """Make the tensor that stands for an input of the program; in an eager trace with its value."""
        self.inputs[name] = self.leaf(INPUT, shape, dtype, name=name)
        self.inputs[name].value = value
        return self.inputs[name]

    def read(self, variable: Variable) -> Tensor:
        """Return what ``variable`` holds at this point of the trace."""
        key = id(variable)
        if key not in self._values:
            tensor = self.leaf(VARIABLE, variable.shape, variable.dtype, variable=variable)
            tensor.value = variable.storage if self.eager else None
            self.leaves[key] = (variable, tensor)
            self._values[key] = tensor
        return self._values[key]

    def write(self, variable: Variable, value: Tensor) -> None:
        """Let ``variable`` hold ``value`` from this point of the trace on."""
        self.read(variable)
        self._values[id(variable)] = value
        self._written[id(variable)] = variable

    def lend(self, variable: Variable, value: Tensor) -> None:
        """Let ``variable`` hold ``value`` from this point to the end of the trace; a program does not write it."""
        self.read(variable)
        self._values[id(variable)] = value

    @property
    def writes(self) -> list[tuple[Variable, Tensor]]:
        """Each variable that was assigned, with its last value."""
        return [(variable, self._values[key]) for key, variable in self._written.items()]

    def call_site(self, key: Any) -> int:
        """Return how often ``call_site`` was asked for ``key`` before: 0 at the first call."""
        self._sites[key] = self._sites.get(key, -1) + 1
        return self._sites[key]

    @contextmanager
    def active(self) -> Iterator[Trace]:
        """Make this the trace that ops record into."""
        token = _current.set(self)
        try:
            yield self
        finally:
            _current.reset(token)


def current_trace() -> Trace | None:
    """Return the trace under way, ``None`` when values are computed at once."""
    return _current.get()


@contextmanager
def untraced() -> Iterator[None]:
    """Compute at once inside, whatever trace is under way: weights are made for good."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)


def current_scope() -> str:
    """Return the path of the layer being built or called, ``""`` outside any."""
    return _scope.get()


@contextmanager
def scope(name: str, absolute: bool = False) -> Iterator[str]:
    """Enter a layer: variables made and ops recorded inside belong to it.

    Args:
        name: the layer's name, appended to the path of the layer it is called from.
        absolute: ``name`` is the whole path.
    """
    outer = _scope.get()
    path = f"{outer}/{name}" if outer and not absolute else name
    token = _scope.set(path)
    try:
        yield path
    finally:
        _scope.reset(token)


def constant(array: np.ndarray[Any, Any]) -> Tensor:
    """Return ``array`` as a leaf of the current trace; it is copied, so later writes do not show."""
    trace = _current.get()
    value = array.copy()
    value.flags.writeable = False
    made = Tensor(
        CONSTANT, (), {"value": value}, value.shape, value.dtype, _scope.get(), trace.phase if trace else "forward"
    )
    if trace is not None and trace.locates:
        made.line = users_line()
    made.value = value if trace is not None and trace.eager else None
    return made
