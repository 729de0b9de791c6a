"""``Dropout`` and ``AlphaDropout``: a random share of the inputs is dropped in training."""

from __future__ import annotations

from typing import Annotated, Any

from denselite import ops
from denselite.declared import Fraction, Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.initializers.random import Seed
from denselite.layers.key_order import placed_behind
from denselite.layers.noise import Noise, Share
from denselite.layers.single import told_shape
from denselite.ops.random import dropout_mask, uniform
from denselite.tensor.dtypes import is_integer

__all__ = ["AlphaDropout", "Dropout"]


def _noise_shape(value: Any) -> tuple[int | None, ...] | None:
    if value is None:
        return None
    if not isinstance(value, tuple | list) or not all(
        size is None or (is_integer(size) and size > 0) for size in value
    ):
        raise ArgumentError(f"a noise_shape holds sizes greater than 0 and None, got {value!r}.")
    return tuple(None if size is None else int(size) for size in value)


NoiseShape = Annotated[Any, Resolves(_noise_shape)]


class Dropout(Noise):
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
        >>> import numpy as np
        >>> Dropout(0.5)(np.ones((1, 3), "float32")).tolist()
        [[1.0, 1.0, 1.0]]
    """

    rate: Fraction
    noise_shape: NoiseShape = None
    seed: Seed = None

    def disturb(self, inputs: Any) -> Any:
        return inputs * dropout_mask(_mask_shape(self, inputs), self.rate, inputs.dtype, self._stream)

    def get_config(self) -> dict[str, Any]:
        return placed_behind(super().get_config(), "noise_shape", "seed")


# Klambauer et al., 2017: selu of minus infinity, which is what a dropped entry is set to.
_LOWEST = -1.7580993408473766


class AlphaDropout(Noise):
    """In training, set a random share of the inputs to selu's lowest value, and keep mean 0 and variance 1.

    ``a · y + b``, with ``y`` the inputs of which a share is ``α' = -1.758``, ``a = ((1 - rate)(1 + rate·α'²))^-½``
    and ``b = -a·α'·rate``: what had mean 0 and variance 1 has them again.

    Args:
        rate: share that is dropped, 0 or more and less than 1.
        noise_shape: shape of the mask where it should be shared along axes (size 1), None in it for
            the input's own size.
        seed: an integer >= 0; None takes one from the library's own sequence.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ``rate`` is not in [0, 1), ``seed`` is negative.
        ShapeError: (in training) ``noise_shape`` does not fit the input.

    Source: Klambauer et al., 2017, "Self-Normalizing Neural Networks".

    Example:
        >>> import numpy as np
        >>> AlphaDropout(0.5)(np.ones((1, 3), "float32")).tolist()
        [[1.0, 1.0, 1.0]]
    """

    rate: Share
    noise_shape: NoiseShape = None
    seed: Seed = None

    def disturb(self, inputs: Any) -> Any:
        kept = ops.greater_equal(uniform(_mask_shape(self, inputs), dtype=self.dtype, seed=self._stream), self.rate)
        scale = ((1 - self.rate) * (1 + self.rate * _LOWEST**2)) ** -0.5
        return ops.where(kept, inputs, _LOWEST) * scale - scale * _LOWEST * self.rate

    def get_config(self) -> dict[str, Any]:
        return placed_behind(super().get_config(), "noise_shape", "seed")


def _mask_shape(layer: Any, inputs: Any) -> tuple[int, ...]:
    shape = tuple(inputs.shape)
    if layer.noise_shape is None:
        return shape
    wanted = layer.noise_shape
    if len(wanted) != len(shape) or any(w not in (None, 1, size) for w, size in zip(wanted, shape, strict=True)):
        raise ShapeError(
            f"{type(layer).__name__} {layer.name!r} has the noise_shape {wanted}, which does not fit the input shape "
            f"{told_shape(inputs)}. Give each axis its size, 1 to share the mask along it, or None."
        )
    return tuple(size if w is None else w for w, size in zip(wanted, shape, strict=True))
