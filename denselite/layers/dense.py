"""``Dense``: every output is a weighted sum of every input."""

from __future__ import annotations

from typing import Any

from denselite import activations, constraints, initializers, ops, regularizers
from denselite.declared import PositiveInt
from denselite.errors import ShapeError
from denselite.layers.layer import is_shape
from denselite.layers.single import Single, told_shape

__all__ = ["Dense"]


_BUILD_HINTS = {1: " Add a last axis: x[:, None].", 2: " Say how many features there are."}


class Dense(Single):
    """A fully connected layer: ``activation(inputs @ kernel + bias)``.

    Args:
        units: size of the last axis of the output, at least 1.
        activation: a name, a callable, or None for none.
        use_bias: whether to add a bias.
        kernel_initializer: how the kernel starts.
        bias_initializer: how the bias starts.
        kernel_regularizer: penalty on the kernel, added to the loss.
        bias_regularizer: penalty on the bias, added to the loss.
        activity_regularizer: penalty on the output, added to the loss.
        kernel_constraint: what the kernel is set to after every update.
        bias_constraint: what the bias is set to after every update.

    Shapes:
        ``(batch, ..., features)`` -> ``(batch, ..., units)``; kernel ``(features, units)``, bias ``(units,)``.

    Raises:
        ArgumentError: ``units`` is no integer above 0, or a name is not known.
        ShapeError: the input has no last axis of known size, or another one than the kernel.

    Example:
        >>> import numpy as np
        >>> layer = Dense(2, kernel_initializer="ones")
        >>> layer(np.array([[1.0, 2.0, 3.0]], "float32")).tolist()
        [[6.0, 6.0]]
    """

    supports_masking = True

    units: PositiveInt
    activation: activations.Activation = None
    use_bias: bool = True
    kernel_initializer: initializers.Initialized = "glorot_uniform"
    bias_initializer: initializers.Initialized = "zeros"
    kernel_regularizer: regularizers.Regularized = None
    bias_regularizer: regularizers.Regularized = None
    activity_regularizer: regularizers.Regularized = None
    kernel_constraint: constraints.Constrained = None
    bias_constraint: constraints.Constrained = None

    def build(self, input_shape: Any) -> None:
        if not is_shape(input_shape) or len(input_shape) < 2 or input_shape[-1] is None:
            raise ShapeError(
                f"Dense {self.name!r} expects an input of shape (batch, ..., features), got {input_shape}."
                f"{_BUILD_HINTS.get(len(input_shape) if is_shape(input_shape) else 0, '')}"
            )
        self.kernel = self.add_weight(
            (input_shape[-1], self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def call(self, inputs: Any) -> Any:
        if inputs.shape[-1] != self.kernel.shape[0]:
            hint = " Add Flatten() before it." if len(inputs.shape) > 2 else ""
            raise ShapeError(
                f"Dense {self.name!r} expects last axis {self.kernel.shape[0]}, "
                f"got input shape {told_shape(inputs)}.{hint}"
            )
        outputs = ops.matmul(ops.cast(inputs, self.dtype), self.kernel)
        if self.bias is not None:
            outputs = outputs + self.bias
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "quantization_config": None}  # Keras' key; there is nothing of it here
