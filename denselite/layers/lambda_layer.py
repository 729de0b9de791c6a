"""``Lambda``: a function as a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import numpy as np

from denselite.declared import Resolves
from denselite.errors import ArgumentError, FormatError
from denselite.layers.declaring import is_shape
from denselite.layers.layer import Layer
from denselite.tensor.dtypes import standardize_dtype

__all__ = ["Lambda"]

_FUNCTIONS = ("function", "output_shape", "mask")  # what may be a function


def _arguments(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping | None):
        raise ArgumentError(f"it takes a dict of the function's further arguments, got {value!r:.80}.")
    return dict(value or {})


def _output_shape(value: Any) -> Any:
    if value is not None and not callable(value) and not is_shape(value):
        raise ArgumentError(f"it takes the shape of a row or a function of the input's shape, got {value!r:.80}.")
    return tuple(value) if is_shape(value) else value


class Lambda(Layer):
    """Apply a function, in plain NumPy or ``denselite.ops``.

    It is saved by the function's name, so a ``lambda`` cannot be saved. No code is ever read from a
    file: whoever loads the model passes the function, ``custom_objects={"name": function}``.

    Args:
        function: callable ``(inputs, **arguments)``; it may also take ``mask`` and ``training``.
        output_shape: the shape of a row of the output, or a function of the input's shape; what the function
            returns says so itself when it is None.
        mask: the mask of the output, or a function ``(inputs, mask)`` that returns it; None for no mask.
        arguments: further arguments of the function.

    Shapes:
        what the function takes -> what it returns.

    Raises:
        ArgumentError: ``function`` cannot be called.
        FormatError: (when loaded) the function is not among ``custom_objects``.

    Example:
        >>> Lambda(np.square)(np.array([[1.0, 3.0]], "float32")).tolist()
        [[1.0, 9.0]]
    """

    function: Callable[..., Any]
    output_shape: Annotated[Any, Resolves(_output_shape)] = None
    mask: Any = None
    arguments: Annotated[Any, Resolves(_arguments)] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.supports_masking = self.mask is not None
        self._takes = _parameters(self.function)

    def call(self, inputs: Any, mask: Any = None, training: bool = False) -> Any:
        given = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{name: given[name] for name in given if name in self._takes})

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self.output_shape is None:
            self.build_from_shape(input_shape)  # a copy could not be made from the config of a lambda
            return super().compute_output_shape(input_shape)
        if callable(self.output_shape):
            return self.output_shape(input_shape)
        return ((input_shape if is_shape(input_shape) else input_shape[0])[0], *self.output_shape)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        for option in _FUNCTIONS:
            config[option] = _described(config[option])
        return {name: value for name, value in config.items() if value is not None}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Rebuild a layer.

        Args:
            config: what ``get_config``, or Keras, wrote.
            custom_objects: the functions by name; one that Keras saved as code goes by the layer's name.

        Raises:
            FormatError: a function is not among ``custom_objects``.
        """
        who = str(config.get("name"))
        found = {name: _revived(config[name], who, custom_objects or {}) for name in _FUNCTIONS if name in config}
        return super().from_config({**config, **found})


def _described(written: Any) -> Any:
    """A function as Keras writes it, ours too."""
    if not isinstance(written, str):
        return written
    return {"module": "builtins", "class_name": "function", "config": written, "registered_name": "function"}


def _revived(described: Any, who: str, known: Mapping[str, Any]) -> Any:
    """The function that a config names, or the array that it holds."""
    if not isinstance(described, Mapping):
        return described
    kind, content = described.get("class_name"), described.get("config")
    if kind in ("__numpy__", "__tensor__") and isinstance(content, Mapping):
        return np.array(content["value"], standardize_dtype(content["dtype"]))
    name = content if kind == "function" else who
    if isinstance(name, str) and name in known:
        return known[name]
    told = f"the function {name!r}" if kind == "function" else "a function that Keras saved as code"
    raise FormatError(
        f"Lambda {who!r} has {told}; nothing is run that a file holds. "
        f"Pass the function when loading: custom_objects={{{name!r}: function}}."
    )


def _parameters(function: Callable[..., Any]) -> set[str]:
    import inspect

    try:
        return set(inspect.signature(function).parameters)
    except ValueError:  # ufuncs and builtins do not say
        return set()
