"""What a layer holds: the variables and layers assigned to its attributes, in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from denselite.tensor.variable import Variable

__all__ = ["Tracker"]


class Tracker:
    """The variables and sub-layers of one layer."""

    def __init__(self) -> None:
        self.variables: list[Variable] = []
        self.by_attribute: dict[str, list[Any]] = {}

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
        if isinstance(value, Variable):
            self.add_variable(value)
        elif isinstance(value, list | tuple | Mapping):
            entries = value.values() if isinstance(value, Mapping) else value
            self._hold(name, [entry for entry in entries if _is_layer(entry)])
        else:
            self._hold(name, [value] if _is_layer(value) else [])

    def _hold(self, name: str, layers: list[Any]) -> None:
        if layers:
            self.by_attribute[name] = layers
        else:
            self.by_attribute.pop(name, None)


def _is_layer(value: Any) -> bool:
    return hasattr(value, "_tracker") and hasattr(value, "call")
