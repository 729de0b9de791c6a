"""Uniform, normal and whole numbers, drawn by key as ``ops/draws.py`` says."""

from __future__ import annotations

import sys
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ArgumentError
from denselite.ops.draws import Seed, SeedGenerator, draw_floats, draw_integers, draw_op, store
from denselite.ops.identity import cast
from denselite.ops.op import Array, Run, Spec, scalar
from denselite.tensor.symbols import Tensor

__all__ = ["Seed", "SeedGenerator", "dropout_mask", "normal", "randint", "truncated_normal", "uniform"]


def _scaled(run: Run, out: Array, scale: float, shift: float) -> None:
    run(np.multiply, out, scalar(scale, out), out)
    run(np.add, out, scalar(shift, out), out)


def _fill_uniform(run: Run, rng: np.random.Generator, out: Array, *, low: float, high: float) -> None:
    run(rng.random, None, out.dtype, out)
    _scaled(run, out, high - low, low)


def _fill_normal(run: Run, rng: np.random.Generator, out: Array, *, mean: float, stddev: float) -> None:
    run(rng.standard_normal, None, out.dtype, out)
    _scaled(run, out, stddev, mean)


def _fill_truncated(run: Run, rng: np.random.Generator, out: Array, *, mean: float, stddev: float) -> None:
    run(_truncate, rng, out)
    _scaled(run, out, stddev, mean)


def _truncate(rng: np.random.Generator, out: Array) -> None:
    """Normal draws, those beyond 2 drawn again."""
    rng.standard_normal(None, out.dtype, out)
    far = np.abs(out) > 2
    while count := int(far.sum()):
        out[far] = rng.standard_normal(count, out.dtype)
        far = np.abs(out) > 2


def _fill_dropout(run: Run, rng: np.random.Generator, out: Array, drawn: Array, *, rate: float) -> None:
    words = drawn.view(np.uint32)[: out.size].reshape(out.shape)
    run(rng.random, None, drawn.dtype, drawn)
    run(np.greater_equal, words, _floors(rate, len(drawn))[: out.size].reshape(out.shape), out)
    run(np.multiply, out, scalar(1.0 / (1.0 - rate) if rate < 1 else 0.0, out), out)


def _floors(rate: float, count: int) -> Array:
    """What the words of ``count`` uniform numbers in [0, 1), two in each, fall below with a probability of ``rate``.

    The upper word of such a number, its sign, exponent and 20 bits of its mantissa, grows with it, so it falls below
    that of ``rate`` as often as the number does, to within ``rate / 2**21``. The lower word holds the next 32 bits,
    which are uniform whatever the upper one is; only of a number below 2**-20 some are 0.
    """
    upper = (int(np.float64(rate).view(np.uint64)) + (1 << 31)) >> 32
    lower = min(round(rate * 2**32), 2**32 - 1)
    words = (lower, upper) if sys.byteorder == "little" else (upper, lower)
    return np.tile(np.array(words, np.uint32), count)


def _halved(step: Any, *, shape: tuple[int, ...], **_: Any) -> list[Spec]:
    """One float64 for two units."""
    return [((-(-prod(shape) // 2),), np.dtype(np.float64))]


def _fill_integers(run: Run, rng: np.random.Generator, out: Array, low: Array, high: Array) -> None:
    run(store, out, rng.integers, low, high, out.shape)


_uniform = draw_op("random_uniform", _fill_uniform, low=-1.0, high=1.0)
_normal = draw_op("random_normal", _fill_normal, mean=0.0, stddev=2.0)
_truncated_normal = draw_op("random_truncated_normal", _fill_truncated, mean=1.0, stddev=2.0)
_dropout_mask = draw_op("dropout_mask", _fill_dropout, scratch=_halved, rate=0.25)
_integers = draw_op("random_integers", _fill_integers, [0, 1, 2, 3], [5, 5, 9, 9], dtype="int32")


def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Seed = None) -> Any:
    """Return uniform draws from ``[minval, maxval)``.

    Args:
        shape: a tuple of ints.
        minval: the low end: a number, or an array or tensor that broadcasts to ``shape``.
        maxval: the high end, likewise.
        dtype: a float dtype, ``floatx()`` when None.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.

    Example:
        >>> draws = uniform((1000,), -1.0, 1.0, seed=1)
        >>> bool(abs(draws).max() <= 1.0)
        True
    """
    if _numbers(minval, maxval):
        return draw_floats(_uniform, shape, dtype, seed, low=float(minval), high=float(maxval))
    drawn = draw_floats(_uniform, shape, dtype, seed, low=0.0, high=1.0)
    low = cast(minval, drawn.dtype)
    return drawn * (cast(maxval, drawn.dtype) - low) + low


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Seed = None) -> Any:
    """Return normal draws.

    Args:
        shape: a tuple of ints.
        mean: the mean: a number, or an array or tensor that broadcasts to ``shape``.
        stddev: the standard deviation, likewise.
        dtype: a float dtype, ``floatx()`` when None.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.
    """
    if _numbers(mean, stddev):
        return draw_floats(_normal, shape, dtype, seed, mean=float(mean), stddev=float(stddev))
    drawn = draw_floats(_normal, shape, dtype, seed, mean=0.0, stddev=1.0)
    return drawn * cast(stddev, drawn.dtype) + cast(mean, drawn.dtype)


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Seed = None) -> Any:
    """Return normal draws, none further than two ``stddev`` from the mean.

    Args:
        shape: a tuple of ints.
        mean: the mean: a number, or an array or tensor that broadcasts to ``shape``.
        stddev: the standard deviation before truncation, likewise.
        dtype: a float dtype, ``floatx()`` when None.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.

    Example:
        >>> bool(abs(truncated_normal((1000,), stddev=0.5, seed=1)).max() <= 1.0)
        True
    """
    if _numbers(mean, stddev):
        return draw_floats(_truncated_normal, shape, dtype, seed, mean=float(mean), stddev=float(stddev))
    drawn = draw_floats(_truncated_normal, shape, dtype, seed, mean=0.0, stddev=1.0)
    return drawn * cast(stddev, drawn.dtype) + cast(mean, drawn.dtype)


def randint(shape: Any, minval: Any, maxval: Any, dtype: Any = "int32", seed: Seed = None) -> Any:
    """Return integers from ``minval`` to ``maxval - 1``, each as likely.

    Args:
        shape: a tuple of ints.
        minval: the least: an integer, or an array or tensor of them that broadcasts to ``shape``.
        maxval: one more than the largest, likewise.
        dtype: an integer dtype.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.

    Raises:
        ArgumentError: there is no integer from ``minval`` to ``maxval - 1``.

    Example:
        >>> sorted(set(randint((100,), 3, 6, seed=1).tolist()))
        [3, 4, 5]
    """
    low, high = cast(minval, "int64"), cast(maxval, "int64")
    known = not any(isinstance(end, Tensor) for end in (low, high))
    if known and not np.all(low < high):
        raise ArgumentError(f"randint() expects minval to be less than maxval, got {minval!r} and {maxval!r}.")
    return draw_integers(_integers, shape, dtype, seed, low, high)


def dropout_mask(shape: Any, rate: float, dtype: Any = None, seed: Seed = None) -> Any:
    """Return a mask that is 0 with probability ``rate`` and ``1 / (1 - rate)`` elsewhere."""
    return draw_floats(_dropout_mask, shape, dtype, seed, rate=float(rate))


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float | np.number) for value in values)
