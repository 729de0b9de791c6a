"""Layers without weights that reshape, rescale, drop or pass on: a few lines each."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, Any

import numpy as np

from denselite import activations, ops
from denselite.declared import Fraction, Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.layer import Layer
from denselite.ops.random import SeedGenerator, dropout_mask

__all__ = ["Activation", "Dropout", "Flatten", "Rescaling", "Reshape"]


def _shape(value: Any) -> tuple[int, ...]:
    sizes = (value,) if isinstance(value, int) else tuple(value)
    if (
        not all(isinstance(size, int | np.integer) and (size > 0 or size == -1) for size in sizes)
        or sizes.count(-1) > 1
    ):
        raise ArgumentError(f"a target shape holds positive sizes and at most one -1, got {value!r}.")
    return tuple(int(size) for size in sizes)


class Activation(Layer):
    """Apply an activation function.

    Args:
        activation: a name or a callable.

    Shapes:
        any -> the same.

    Example:
        >>> Activation("relu")(np.array([[-1.0, 2.0]], "float32")).tolist()
        [[0.0, 2.0]]
    """

    _built_at_init = True

    activation: activations.Activation

    def call(self, inputs: Any) -> Any:
        return inputs if self.activation is None else self.activation(inputs)


class Dropout(Layer):
    """In training, set a random share of the inputs to 0 and scale the others by ``1 / (1 - rate)``.

    The mask follows from the layer's seed, the call and the training step, so a run repeats.

    Args:
        rate: share that is dropped, 0 to 1.
        noise_shape: shape of the mask where it should be shared along axes (size 1), None in it for
            the input's own size.
        seed: an integer >= 0; None takes one from the library's own sequence.

    Shapes:
        any -> the same.

    Source: Srivastava et al., 2014.

    Example:
        >>> Dropout(0.5)(np.ones((1, 3), "float32")).tolist()
        [[1.0, 1.0, 1.0]]
    """

    _built_at_init = True

    rate: Fraction
    noise_shape: Sequence[int | None] | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._stream = SeedGenerator(self.seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        shape = tuple(inputs.shape)
        if self.noise_shape is not None:
            shape = tuple(
                size if wanted is None else wanted for size, wanted in zip(shape, self.noise_shape, strict=True)
            )
        return inputs * dropout_mask(shape, self.rate, inputs.dtype, self._stream)


class Flatten(Layer):
    """Make all axes but the batch one axis.

    Args:
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``, whose channels are moved last first.

    Shapes:
        ``(batch, ...)`` -> ``(batch, features)``; ``(batch,)`` -> ``(batch, 1)``.

    Example:
        >>> Flatten()(np.ones((2, 3, 4), "float32")).shape
        (2, 12)
    """

    data_format: str | None = None

    def call(self, inputs: Any) -> Any:
        if self.data_format == "channels_first" and len(inputs.shape) > 2:
            inputs = np.moveaxis(inputs, 1, -1)
        return ops.reshape(inputs, (inputs.shape[0], prod(inputs.shape[1:])))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format or "channels_last"}


class Reshape(Layer):
    """Give each row another shape.

    Args:
        target_shape: sizes without the batch; one may be -1 and takes what is left.

    Shapes:
        ``(batch, ...)`` -> ``(batch, *target_shape)``.

    Raises:
        ShapeError: the number of elements of a row differs.

    Example:
        >>> Reshape((2, -1))(np.ones((1, 6), "float32")).shape
        (1, 2, 3)
    """

    _built_at_init = True

    target_shape: Annotated[tuple[int, ...], Resolves(_shape)]

    def call(self, inputs: Any) -> Any:
        row, known = prod(inputs.shape[1:]), prod(size for size in self.target_shape if size != -1)
        if row % known if -1 in self.target_shape else row != known:
            raise ShapeError(
                f"Reshape {self.name!r} cannot give rows of shape {tuple(inputs.shape[1:])} the shape {self.target_shape}."
            )
        shape = tuple(row // known if size == -1 else size for size in self.target_shape)
        return ops.reshape(inputs, (inputs.shape[0], *shape))


class Rescaling(Layer):
    """Compute ``inputs * scale + offset``, the same in training and after.

    Args:
        scale: a number, or one for each entry of the last axis.
        offset: a number, or one for each entry of the last axis.

    Shapes:
        any -> the same.

    Example:
        >>> Rescaling(1 / 255)(np.array([[0, 255]])).tolist()
        [[0.0, 1.0]]
    """

    scale: float | Sequence[float]
    offset: float | Sequence[float] = 0.0

    def call(self, inputs: Any) -> Any:
        scale, offset = np.asarray(self.scale, self.dtype), np.asarray(self.offset, self.dtype)
        return ops.cast(inputs, self.dtype) * scale + offset
