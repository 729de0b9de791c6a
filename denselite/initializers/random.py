"""Initializers that draw from a distribution of their own, whatever the shape."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from denselite.declared import NonNegative, NonNegativeInt
from denselite.errors import ArgumentError, ShapeError
from denselite.initializers.initializer import Initializer, initializers
from denselite.ops.op import Array
from denselite.tensor.dtypes import is_float, standardize_dtype
from denselite.tensor.keys import generator, next_seed

__all__ = ["Orthogonal", "RandomInitializer", "RandomNormal", "RandomUniform", "Seed", "TruncatedNormal"]

Seed = NonNegativeInt | None


class RandomInitializer(Initializer):
    """Base of those that draw.

    An initializer draws the same numbers at every call for the same shape: from its ``seed``, or
    from one it was given when it was made. Two weights that share an initializer start equal.
    """

    seed: Seed

    def __post_init__(self) -> None:
        self._seed = next_seed() if self.seed is None else self.seed

    def draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """Return the values, for a float32 or float64 ``dtype``."""
        raise NotImplementedError

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Array:
        found = standardize_dtype(dtype)
        if not is_float(found):
            raise ArgumentError(f"{type(self).__name__} draws floats, got dtype {found.name!r}.")
        precise = np.dtype(np.float64 if found == np.float64 else np.float32)
        return self.draw(tuple(shape), precise).astype(found, copy=False)

    def uniform(self, shape: tuple[int, ...], dtype: Any, low: float, high: float) -> Array:
        """Return draws from ``[low, high)``."""
        drawn = generator(self._seed).random(shape, dtype)
        drawn *= dtype.type(high - low)
        drawn += dtype.type(low)
        return drawn

    def normal(self, shape: tuple[int, ...], dtype: Any, mean: float, stddev: float) -> Array:
        """Return normal draws."""
        drawn = generator(self._seed).standard_normal(shape, dtype)
        drawn *= dtype.type(stddev)
        drawn += dtype.type(mean)
        return drawn

    def truncated(self, shape: tuple[int, ...], dtype: Any, mean: float, stddev: float) -> Array:
        """Return normal draws; those beyond two standard deviations are drawn again."""
        rng = generator(self._seed)
        drawn = rng.standard_normal(prod(shape), dtype)
        far = np.flatnonzero(np.abs(drawn) > 2)
        while far.size:
            drawn[far] = rng.standard_normal(far.size, dtype)
            far = far[np.abs(drawn[far]) > 2]
        drawn *= dtype.type(stddev)
        drawn += dtype.type(mean)
        return drawn.reshape(shape)


@initializers.register("normal")
class RandomNormal(RandomInitializer):
    """Normal draws.

    Args:
        mean: the mean.
        stddev: the standard deviation, 0 or more.
        seed: an integer >= 0; None for a fresh one.

    Example:
        >>> first = RandomNormal(seed=1)
        >>> bool((first((2,)) == RandomNormal(seed=1)((2,))).all())
        True
    """

    mean: float = 0.0
    stddev: NonNegative = 0.05
    seed: Seed = None

    def draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return self.normal(shape, dtype, self.mean, self.stddev)


@initializers.register("uniform")
class RandomUniform(RandomInitializer):
    """Uniform draws from ``[minval, maxval)``.

    Args:
        minval: the low end.
        maxval: the high end.
        seed: an integer >= 0; None for a fresh one.

    Example:
        >>> drawn = RandomUniform(0.0, 1.0, seed=1)((3,))
        >>> bool(((drawn >= 0) & (drawn < 1)).all())
        True
    """

    minval: float = -0.05
    maxval: float = 0.05
    seed: Seed = None

    def draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return self.uniform(shape, dtype, self.minval, self.maxval)


@initializers.register()
class TruncatedNormal(RandomInitializer):
    """Normal draws, none further than two standard deviations from the mean.

    Args:
        mean: the mean.
        stddev: the standard deviation before truncation, 0 or more.
        seed: an integer >= 0; None for a fresh one.

    Example:
        >>> bool(abs(TruncatedNormal(stddev=1.0, seed=1)((9,))).max() <= 2.0)
        True
    """

    mean: float = 0.0
    stddev: NonNegative = 0.05
    seed: Seed = None

    def draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        return self.truncated(shape, dtype, self.mean, self.stddev)


@initializers.register("OrthogonalInitializer")
class Orthogonal(RandomInitializer):
    """A random orthogonal matrix: orthonormal columns, or rows if there are fewer of them.

    A weight of more than two axes is a matrix of its last axis by all others.

    Args:
        gain: factor on the matrix.
        seed: an integer >= 0; None for a fresh one.

    Raises:
        ShapeError: (when called) the shape has fewer than two axes.

    Source:
        Saxe et al., 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear
        neural networks". QR of a normal matrix, with the signs that make it uniform.

    Example:
        >>> columns = Orthogonal(seed=1)((3, 2), "float64")
        >>> (columns.T @ columns).round(12).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """

    gain: float = 1.0
    seed: Seed = None

    def draw(self, shape: tuple[int, ...], dtype: Any) -> Array:
        if len(shape) < 2:
            raise ShapeError(f"Orthogonal needs a shape of two axes or more, got {shape}.")
        rows, columns = prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(self.normal((max(rows, columns), min(rows, columns)), dtype, 0.0, 1.0))
        q *= np.copysign(1.0, np.diagonal(r)).astype(dtype)
        made: Array = (q if rows >= columns else q.T).reshape(shape) * dtype.type(self.gain)
        return made
