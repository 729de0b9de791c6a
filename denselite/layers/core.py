"""Layers without weights that reshape, rescale, drop or pass on: a few lines each."""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, Literal

import numpy as np

from denselite import activations, ops
from denselite.declared import Fraction, NonNegativeInt, Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.single import Single, told_shape
from denselite.ops.random import SeedGenerator, dropout_mask
from denselite.tensor.dtypes import is_integer

__all__ = ["Activation", "Dropout", "Flatten", "Rescaling", "Reshape"]


def _shape(value: Any) -> tuple[int, ...]:
    sizes = value if isinstance(value, list | tuple) else (value,)
    if not all(_is_size(size) for size in sizes) or list(sizes).count(-1) > 1:
        raise ArgumentError(f"a target shape holds positive sizes and at most one -1, got {value!r}.")
    return tuple(int(size) for size in sizes)


def _is_size(value: Any) -> bool:
    return is_integer(value) and (value == -1 or bool(value > 0))


def _numbers(value: Any) -> Any:
    """A number, or several as a list, which can be written as JSON."""
    plain = value.tolist() if isinstance(value, np.ndarray) else value
    entries = plain if isinstance(plain, list | tuple) and plain else [plain]
    if not all(isinstance(entry, int | float) and not isinstance(entry, bool) for entry in entries):
        raise ArgumentError(f"it takes a number, or one for each entry of the last axis, got {value!r}.")
    return list(plain) if isinstance(plain, tuple) else plain


def _noise_shape(value: Any) -> tuple[int | None, ...] | None:
    if value is None:
        return None
    if not isinstance(value, tuple | list) or not all(
        size is None or (is_integer(size) and size > 0) for size in value
    ):
        raise ArgumentError(f"a noise_shape holds sizes greater than 0 and None, got {value!r}.")
    return tuple(None if size is None else int(size) for size in value)


class Activation(Single):
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


class Dropout(Single):
    """In training, set a random share of the inputs to 0 and scale the others by ``1 / (1 - rate)``.

    The mask follows from the layer's seed, the call and the training step, so a run repeats.

    Args:
        rate: share that is dropped, 0 to 1.
        noise_shape: shape of the mask where it should be shared along axes (size 1), None in it for
            the input's own size.
        seed: an integer >= 0; None takes one from the library's own sequence.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ``rate`` is not between 0 and 1, ``seed`` is negative.
        ShapeError: (in training) ``noise_shape`` does not fit the input.

    Source: Srivastava et al., 2014.

    Example:
        >>> Dropout(0.5)(np.ones((1, 3), "float32")).tolist()
        [[1.0, 1.0, 1.0]]
    """

    _built_at_init = True

    rate: Fraction
    noise_shape: Annotated[Any, Resolves(_noise_shape)] = None
    seed: NonNegativeInt | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._stream = SeedGenerator(self.seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        shape = tuple(inputs.shape)
        if self.noise_shape is not None:
            shape = self._mask_shape(shape, told_shape(inputs))
        return inputs * dropout_mask(shape, self.rate, inputs.dtype, self._stream)

    def _mask_shape(self, shape: tuple[int, ...], told: tuple[int | None, ...]) -> tuple[int, ...]:
        wanted = tuple(self.noise_shape or ())
        if len(wanted) != len(shape) or any(w not in (None, 1, size) for w, size in zip(wanted, shape, strict=True)):
            raise ShapeError(
                f"Dropout {self.name!r} has the noise_shape {wanted}, which does not fit the input shape {told}. "
                "Give each axis its size, 1 to share the mask along it, or None."
            )
        return tuple(size if w is None else w for w, size in zip(wanted, shape, strict=True))


class Flatten(Single):
    """Make all axes but the batch one axis.

    Args:
        data_format: ``"channels_last"`` (the default) or ``"channels_first"``, whose channels are moved last first.

    Shapes:
        ``(batch, ...)`` -> ``(batch, features)``; ``(batch,)`` -> ``(batch, 1)``.

    Raises:
        ArgumentError: ``data_format`` is another.

    Example:
        >>> Flatten()(np.ones((2, 3, 4), "float32")).shape
        (2, 12)
    """

    data_format: Literal["channels_last", "channels_first"] | None = None

    def call(self, inputs: Any) -> Any:
        if self.data_format == "channels_first" and len(inputs.shape) > 2:
            inputs = np.moveaxis(inputs, 1, -1)
        return ops.reshape(inputs, (inputs.shape[0], prod(inputs.shape[1:])))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format or "channels_last"}


class Reshape(Single):
    """Give each row another shape.

    Args:
        target_shape: sizes without the batch; one may be -1 and takes what is left.

    Shapes:
        ``(batch, ...)`` -> ``(batch, *target_shape)``.

    Raises:
        ArgumentError: ``target_shape`` holds something else than positive sizes and one -1.
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
                f"Reshape {self.name!r} cannot give rows of shape {tuple(inputs.shape[1:])} ({row} elements) "
                f"the shape {self.target_shape}."
            )
        shape = tuple(row // known if size == -1 else size for size in self.target_shape)
        return ops.reshape(inputs, (inputs.shape[0], *shape))


class Rescaling(Single):
    """Compute ``inputs * scale + offset``, the same in training and after.

    Args:
        scale: a number, or one for each entry of the last axis.
        offset: a number, or one for each entry of the last axis.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ``scale`` or ``offset`` is no number and no list of them.
        ShapeError: there are more or fewer numbers than entries of the last axis.

    Example:
        >>> Rescaling(1 / 255)(np.array([[0, 255]])).tolist()
        [[0.0, 1.0]]
    """

    scale: Annotated[Any, Resolves(_numbers)]
    offset: Annotated[Any, Resolves(_numbers)] = 0.0

    def call(self, inputs: Any) -> Any:
        scale, offset = np.asarray(self.scale, self.dtype), np.asarray(self.offset, self.dtype)
        for name, numbers in (("scale", scale), ("offset", offset)):
            if numbers.ndim and numbers.shape != (inputs.shape[-1],):
                raise ShapeError(
                    f"Rescaling {self.name!r} expects one number for each of the {inputs.shape[-1]} entries of the "
                    f"last axis, got {name} of shape {numbers.shape}."
                )
        return ops.cast(inputs, self.dtype) * scale + offset
