"""``Activation``: an activation function as a layer."""

from __future__ import annotations

from typing import Any

from denselite import activations
from denselite.layers.single import Single

__all__ = ["Activation"]


class Activation(Single):
    """Apply an activation function.

    Args:
        activation: a name or a callable.

    Shapes:
        any -> the same.

    Example:
        >>> import numpy as np
        >>> Activation("relu")(np.array([[-1.0, 2.0]], "float32")).tolist()
        [[0.0, 2.0]]
    """

    _built_at_init = True
    supports_masking = True

    activation: activations.Activation

    def call(self, inputs: Any) -> Any:
        return inputs if self.activation is None else self.activation(inputs)
