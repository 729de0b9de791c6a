"""``Convolving``: what convolutions have in common, around the operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from denselite.errors import ArgumentError, ShapeError
from denselite.layers.input_spec import InputSpec
from denselite.layers.key_order import placed_behind
from denselite.layers.layer import is_shape
from denselite.layers.windowed import Windowed

__all__ = ["Convolving"]


class Convolving(Windowed):
    """A layer that slides a kernel, adds a bias and applies an activation.

    A subclass declares the arguments, in Keras' order, makes its kernels in ``_add_kernels`` and says in ``_convolve``
    what is done with them.
    """

    _per_axis = ("kernel_size", "strides", "dilation_rate")

    strides = dilation_rate = activation = use_bias = cast(Any, None)

    def _add_kernels(self, channels: int) -> int:
        """Make the kernels for inputs of so many channels; return how many features there are."""
        raise NotImplementedError

    def _convolve(self, images: Any) -> Any:
        """Return the features of images, channels last."""
        raise NotImplementedError

    def build(self, input_shape: Any) -> None:
        axis = 1 if self.data_format == "channels_first" else self._axes + 1
        if not is_shape(input_shape) or len(input_shape) != self._axes + 2 or input_shape[axis] is None:
            raise ShapeError(
                f"{self._who} expects an input of {self._axes + 2} axes, of which axis {axis} has a known size (the "
                f"channels: data_format is {self.data_format!r}), got {input_shape}."
            )
        self.input_spec = InputSpec(ndim=self._axes + 2, axes={axis: input_shape[axis]})
        features = self._add_kernels(input_shape[axis])
        self.bias = None
        if self.use_bias:
            self.bias = self._add("bias", (features,))

    def _add(self, name: str, shape: Sequence[int], arguments: str | None = None) -> Any:
        """Make a weight as ``<arguments>_initializer``, ``..._regularizer`` and ``..._constraint`` say."""
        initializer, regularizer, constraint = (
            getattr(self, f"{arguments or name}_{what}") for what in ("initializer", "regularizer", "constraint")
        )
        return self.add_weight(shape, initializer, regularizer=regularizer, constraint=constraint, name=name)

    def call(self, inputs: Any) -> Any:
        outputs = self._channels_last(self._biased, inputs)
        return outputs if self.activation is None else self.activation(outputs)

    def _biased(self, images: Any) -> Any:
        features = self._convolve(images)
        return features if self.bias is None else features + self.bias

    def _refuse_strides_of_dilated(self) -> None:
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                f"{type(self).__name__}() takes strides above 1 or a dilation_rate above 1, not both, got "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}."
            )

    def get_config(self) -> dict[str, Any]:
        config = {"activity_regularizer": None, **super().get_config()}
        return placed_behind(  # where Keras writes it
            config, "activity_regularizer", "bias_regularizer" if self.activity_regularizer is None else "dtype"
        )
