"""What a layer holds and how far it has come: nothing of it is an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from denselite.tensor.symbols import Node
from denselite.tensor.variable import Variable

__all__ = ["Progress", "Tracker"]


class Progress:
    """Attributes of a layer that follow from what was done with it.

    Attributes:
        built: whether it has its weights.
        path: its name behind those of the layers it is in; None before it is built.
        version: how often another attribute was set outside a trace.
    """

    built: bool = False
    path: str | None = None
    version: int = 0
    _building: bool = False  # inside build
    _build_shape: Any = None  # what it was built for
    _nodes: list[Node]  # its calls on Keras tensors
    _tracker: Tracker


class Tracker:
    """The variables and sub-layers of one layer.

    Lists and dicts are kept as they are and looked into when asked, so what is appended to one later
    is found too.
    """

    def __init__(self) -> None:
        self.variables: list[Variable] = []
        self._held: dict[str, Any] = {}

    @property
    def by_attribute(self) -> dict[str, list[Any]]:
        """The sub-layers that each attribute holds, for attributes that hold any."""
        found = {name: _leaves(value, _is_layer) for name, value in self._held.items()}
        return {name: layers for name, layers in found.items() if layers}

    @property
    def layers(self) -> list[Any]:
        """Sub-layers in the order of the attributes that hold them, each once."""
        return list({id(layer): layer for layers in self.by_attribute.values() for layer in layers}.values())

    def add_variable(self, variable: Variable) -> None:
        """Hold a variable."""
        if all(variable is not known for known in self.variables):
            self.variables.append(variable)

    def track(self, name: str, value: Any) -> None:
        """Look at a value that is assigned to an attribute."""
        for variable in _leaves(value, lambda entry: isinstance(entry, Variable)):
            self.add_variable(variable)
        if _is_layer(value) or isinstance(value, list | tuple | Mapping):
            self._held[name] = value
        else:
            self._held.pop(name, None)


def _leaves(value: Any, wanted: Callable[[Any], bool]) -> list[Any]:
    """What is wanted in a value: the value itself, or what lists, tuples and dicts hold, however nested."""
    if wanted(value):
        return [value]
    if isinstance(value, list | tuple | Mapping):
        entries = value.values() if isinstance(value, Mapping) else value
        return [leaf for entry in entries for leaf in _leaves(entry, wanted)]
    return []


def _is_layer(value: Any) -> bool:
    return hasattr(value, "_tracker") and hasattr(value, "call")
