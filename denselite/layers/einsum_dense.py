"""``EinsumDense``: a fully connected layer along the axes that an equation names."""

from __future__ import annotations

from typing import Annotated, Any

from denselite import activations, constraints, initializers, ops, regularizers
from denselite.declared import Resolves
from denselite.errors import ArgumentError, DenseliteError, ShapeError
from denselite.initializers.scaling import ScaledInitializer
from denselite.layers.einsum_equation import Equation, read_equation
from denselite.layers.input_spec import InputSpec
from denselite.layers.key_order import placed_behind
from denselite.layers.layer import is_shape
from denselite.layers.single import Single
from denselite.tensor.dtypes import is_integer

__all__ = ["EinsumDense"]


def _output_shape(value: Any) -> tuple[int | None, ...]:
    sizes = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not all(size is None or (is_integer(size) and size > 0) for size in sizes):
        raise ArgumentError(f"it holds sizes greater than 0 and None, got {value!r}.")
    return sizes


class EinsumDense(Single):
    """``activation(einsum(equation, inputs, kernel) + bias)``.

    Args:
        equation: ``"ab,bc->ac"``: letters for the axes of input, kernel and output, the batch first;
            ``...`` before or behind the letters of input and output stands for any further axes.
        output_shape: sizes of the output's letters but for the batch (and what ``...`` stands for); None where
            it is the input's.
        activation: a name, a callable, or None for none.
        bias_axes: letters of the output that the bias has; None for no bias.
        kernel_initializer: how the kernel starts.
        bias_initializer: how the bias starts.
        kernel_regularizer: penalty on the kernel, added to the loss.
        bias_regularizer: penalty on the bias, added to the loss.
        kernel_constraint: what the kernel is set to after every update.
        bias_constraint: what the bias is set to after every update.

    Shapes:
        what the equation says; the kernel has its letters' sizes, the bias from the first of its letters on, 1 for
        those between that are not.

    Raises:
        ArgumentError: the equation has another form, or ``bias_axes`` are not axes of the output.
        ShapeError: the input does not fit the equation, or a size that is needed is not known.

    Example:
        >>> import numpy as np
        >>> layer = EinsumDense("abc,cd->abd", (None, 2), bias_axes="d", kernel_initializer="ones")
        >>> layer(np.array([[[1.0, 2.0], [3.0, 4.0]]], "float32")).tolist()
        [[[3.0, 3.0], [7.0, 7.0]]]
    """

    equation: str
    output_shape: Annotated[Any, Resolves(_output_shape)]
    activation: activations.Activation = None
    bias_axes: str | None = None
    kernel_initializer: initializers.Initialized = "glorot_uniform"
    bias_initializer: initializers.Initialized = "zeros"
    kernel_regularizer: regularizers.Regularized = None
    bias_regularizer: regularizers.Regularized = None
    kernel_constraint: constraints.Constrained = None
    bias_constraint: constraints.Constrained = None

    def build(self, input_shape: Any) -> None:
        if not is_shape(input_shape):
            raise ShapeError(f"{self._who} expects one input, got {input_shape}.")
        try:
            read = read_equation(self.equation, len(input_shape))
            sizes = read.sizes(input_shape, self.output_shape)
            bias = read.bias_letters(self.bias_axes) if self.bias_axes is not None else None
        except DenseliteError as error:
            raise type(error)(f"{self._who}: {self.equation!r} {error}; its input has shape {input_shape}.") from None
        self._equation = str(read)
        self.kernel = self.add_weight(
            self._shape(list(read.kernel), sizes, "kernel"), self._initializer(read),
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint, name="kernel",
        )  # fmt: skip
        self.bias = None
        if bias is not None:
            self.bias = self.add_weight(
                self._shape(bias, sizes, "bias"), self.bias_initializer,
                regularizer=self.bias_regularizer, constraint=self.bias_constraint, name="bias",
            )  # fmt: skip
        self.input_spec = InputSpec(
            ndim=len(input_shape),
            axes={k: sizes[letter] for k, letter in enumerate(read.inputs) if letter in read.kernel},
        )

    def _shape(self, letters: list[str | None], sizes: dict[str, int | None], what: str) -> tuple[int, ...]:
        shape = tuple(1 if letter is None else sizes[letter] for letter in letters)
        if None in shape:
            unknown = [letter for letter in letters if letter and sizes[letter] is None]
            raise ShapeError(
                f"{self._who} cannot make its {what}: no size is known for {', '.join(unknown)} of "
                f"{self.equation!r}. Give it in output_shape."
            )
        return shape  # type: ignore[return-value]  # no None is left

    def _initializer(self, read: Equation) -> Any:
        """The kernel's initializer, told which axes count inputs and outputs where it goes by that."""
        given = self.kernel_initializer
        if not isinstance(given, ScaledInitializer) or (given.input_axes and given.output_axes):
            return given
        from_output = [letter in read.outputs for letter in read.kernel]
        axes = {
            "input_axes": [k for k, known in enumerate(from_output) if not known],
            "output_axes": [k for k, known in enumerate(from_output) if known],
        }
        return type(given).from_config({**given.get_config(), **axes})

    def call(self, inputs: Any) -> Any:
        outputs = ops.einsum(self._equation, ops.cast(inputs, self.dtype), self.kernel)
        if self.bias is not None:
            outputs = outputs + self.bias
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self) -> dict[str, Any]:
        config = {"activity_regularizer": None, **super().get_config(), "quantization_config": None}
        config = placed_behind(config, "activity_regularizer", "bias_regularizer")  # written by Keras even if None
        return placed_behind(config, "output_shape", "dtype")
