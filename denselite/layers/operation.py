"""Ops as layers: ``x + 1`` or ``ops.relu(x)`` on a Keras tensor is a node of the declared graph too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from denselite import ops, tree
from denselite.errors import UnknownNameError, suggestion
from denselite.layers.layer import Layer
from denselite.naming import auto_name
from denselite.ops.op import declare
from denselite.tensor.symbols import KerasTensor

__all__ = ["Operation"]


class Operation(Layer):
    """A call of a function of ``denselite.ops`` in a model.

    Args:
        function: the name of the function.

    Raises:
        UnknownNameError: ``denselite.ops`` has no such function.
    """

    function: str

    def __post_init__(self) -> None:
        self._function: Callable[..., Any] = find(self.function)
        self.name = self.name or auto_name(self.function)
        super().__post_init__()
        object.__setattr__(self, "built", True)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Apply the function, or declare that it will be."""
        declares = any(isinstance(leaf, KerasTensor) for leaf in tree.flatten((args, kwargs))[0])
        return self._declare(args, kwargs) if declares else self._function(*args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name}


def find(name: str) -> Callable[..., Any]:
    """Return the function of ``denselite.ops`` called ``name``."""
    if name in ops.__all__:
        return getattr(ops, name)  # type: ignore[no-any-return]
    raise UnknownNameError(f"denselite.ops has no function {name!r}.{suggestion(name, ops.__all__)}")


declare.append(lambda function, args, kwargs: Operation(function.__name__)(*args, **kwargs))
