"""``Wrapper``: a layer around another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from denselite.declared import Resolves
from denselite.errors import ArgumentError
from denselite.layers.layer import Layer

__all__ = ["Wrapper"]


def _layer(value: Any) -> Any:
    if isinstance(value, Mapping):
        from denselite.layers import layers  # it holds this file's classes too

        value = layers.get(value)
    if not isinstance(value, Layer):
        raise ArgumentError(f"it takes a layer, got {value!r:.80}. Write Dense(...), not Dense.")
    return value


class Wrapper(Layer):
    """Base of layers that do something with another layer; write ``call`` in a subclass.

    Args:
        layer: the layer inside; its weights are this layer's.

    Raises:
        ArgumentError: ``layer`` is no layer.

    Example:
        >>> import numpy as np
        >>> from denselite.layers import Dense
        >>> class Twice(Wrapper):
        ...     def call(self, inputs):
        ...         return 2 * self.layer(inputs)
        >>> Twice(Dense(1, kernel_initializer="ones"))(np.array([[1.0, 2.0]], "float32")).tolist()
        [[6.0]]
    """

    layer: Annotated[Any, Resolves(_layer)]

    def build(self, input_shape: Any) -> None:
        self.layer.build_from_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        config, built = super().get_config(), self.layer.get_build_config()
        if built is not None and not self.layer._built_at_init:
            config["layer"] = {**config["layer"], "build_config": built}
        return config
