"""Draws whose parameters may be arrays and tensors, and draws from what is given: dropped, shuffled, chosen."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.errors import ArgumentError, ShapeError
from denselite.ops.draws import Seed, draw_floats, draw_integers, draw_op, store
from denselite.ops.elementwise import log
from denselite.ops.identity import cast
from denselite.ops.indexing import take_along_axis
from denselite.ops.op import Array, Run, as_float
from denselite.ops.random import dropout_mask, uniform
from denselite.ops.reduction import argmax
from denselite.ops.shaping import expand_dims
from denselite.tensor.dtypes import is_integer
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["beta", "binomial", "categorical", "dropout", "gamma", "shuffle"]


def _fill_gamma(run: Run, rng: np.random.Generator, out: Array, alpha: Array) -> None:
    run(rng.standard_gamma, alpha, None, out.dtype, out)


def _fill_beta(run: Run, rng: np.random.Generator, out: Array, alpha: Array, beta: Array) -> None:
    run(store, out, rng.beta, alpha, beta, out.shape)


def _fill_binomial(run: Run, rng: np.random.Generator, out: Array, counts: Array, probabilities: Array) -> None:
    run(store, out, rng.binomial, counts, probabilities, out.shape)


def _fill_order(run: Run, rng: np.random.Generator, out: Array, *, axis: int) -> None:
    numbers = np.arange(out.shape[axis]).reshape([-1 if i == axis else 1 for i in range(out.ndim)])
    run(np.copyto, out, numbers)
    run(_permute, rng, out, axis)


def _permute(rng: np.random.Generator, out: Array, axis: int) -> None:
    rng.permuted(out, axis=axis, out=out)


_gamma = draw_op("random_gamma", _fill_gamma, [0.5, 1.0, 2.0, 9.0])
_beta = draw_op("random_beta", _fill_beta, 0.5, [0.5, 1.0, 2.0, 9.0])
_binomial = draw_op("random_binomial", _fill_binomial, [1, 2, 5, 10], 0.3)
_order = draw_op("random_order", _fill_order, dtype="int64", axis=1)


def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Seed = None) -> Any:
    """Return draws from the gamma distribution with scale 1, whose mean and variance are ``alpha``.

    Args:
        shape: a tuple of ints.
        alpha: the shape parameter, 0 or more: a number, or an array or tensor that broadcasts to
            ``shape``. No gradient flows into it.
        dtype: a float dtype, ``floatx()`` when None.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.

    Raises:
        ArgumentError: ``alpha`` is negative. (JAX returns NaN.)

    Example:
        >>> bool(gamma((1000,), 2.0, seed=1).min() > 0)
        True
    """
    return draw_floats(_gamma, shape, dtype, seed, _parameter("gamma", "alpha", alpha, least=0.0))


def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Seed = None) -> Any:
    """Return draws from the beta distribution: between 0 and 1, of mean ``alpha / (alpha + beta)``.

    Args:
        shape: a tuple of ints.
        alpha: the first parameter, more than 0: a number, or an array or tensor that broadcasts to
            ``shape``. No gradient flows into it.
        beta: the second parameter, likewise.
        dtype: a float dtype, ``floatx()`` when None.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.

    Raises:
        ArgumentError: a parameter is not more than 0. (JAX returns NaN.)
    """
    tiny = np.nextafter(0.0, 1.0)
    first, second = (_parameter("beta", name, v, tiny) for name, v in (("alpha", alpha), ("beta", beta)))
    return draw_floats(_beta, shape, dtype, seed, first, second)


def binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Seed = None) -> Any:
    """Return how many of ``counts`` trials succeed, as floats.

    Args:
        shape: a tuple of ints.
        counts: the number of trials: a number, or an array or tensor that broadcasts to ``shape``.
        probabilities: the probability of a success, likewise. No gradient flows into it.
        dtype: a float dtype, ``floatx()`` when None.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.

    Raises:
        ArgumentError: a number of trials is negative, a probability not from 0 to 1. (JAX returns NaN.)

    Example:
        >>> binomial((3,), 5, [0.0, 1.0, 1.0], seed=1).tolist()
        [0.0, 5.0, 5.0]
    """
    trials = cast(_parameter("binomial", "counts", counts, 0.0), "int64")
    chances = _parameter("binomial", "probabilities", probabilities, 0.0, 1.0)
    return draw_floats(_binomial, shape, dtype, seed, trials, chances)


def _parameter(who: str, name: str, value: Any, least: float, most: float = np.inf) -> Any:
    """A parameter as an operand; what is known already is checked now."""
    if isinstance(value, Tensor | Variable):
        return value
    known = np.asarray(value)
    if not np.all((known >= least) & (known <= most)):
        allowed = f"from {least:g} to {most:g}" if most < np.inf else "0 or more" if least == 0 else "more than 0"
        raise ArgumentError(f"{who}() expects {name} to be {allowed}, got {value!r}.")
    return known


def categorical(logits: Any, num_samples: int, dtype: Any = "int32", seed: Seed = None) -> Any:
    """Return class numbers drawn with the probabilities ``softmax(logits)``.

    The largest of ``logits`` plus Gumbel noise is a draw (Gumbel, 1954).

    Args:
        logits: log-probabilities, not necessarily normalised.
        num_samples: draws for each row.
        dtype: the dtype of the result.
        seed: an int gives the same draws at every call; a ``SeedGenerator`` goes on; None is fresh.

    Shapes:
        ``logits: (rows, classes)`` -> ``(rows, num_samples)``.

    Raises:
        ShapeError: ``logits`` has another number of axes.

    Example:
        >>> categorical(np.array([[0.0, -np.inf], [-np.inf, 0.0]]), 3, seed=1).tolist()
        [[0, 0, 0], [1, 1, 1]]
    """
    logits = logits if isinstance(logits, Tensor | Variable) else np.asarray(logits)
    if len(logits.shape) != 2:
        raise ShapeError(f"categorical() expects logits of shape (rows, classes), got {tuple(logits.shape)}.")
    if not is_integer(num_samples) or num_samples < 0:
        raise ArgumentError(f"categorical() expects num_samples to be an integer >= 0, got {num_samples!r}.")
    rows, classes = logits.shape
    drawn = uniform((rows, num_samples, classes), dtype=as_float(logits.dtype), seed=seed)
    return cast(argmax(expand_dims(logits, 1) - log(-log(drawn)), axis=-1), dtype)


def dropout(inputs: Any, rate: float, noise_shape: Any = None, seed: Seed = None) -> Any:
    """Return ``inputs`` with a random share set to 0 and the others scaled by ``1 / (1 - rate)``.

    Args:
        inputs: floats.
        rate: the share that is dropped, 0 to 1.
        noise_shape: shape of the mask where it should be shared along axes (size 1); None in it for
            the input's own size.
        seed: an int gives the same mask at every call; a ``SeedGenerator`` goes on; None is fresh.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ``rate`` is not from 0 to 1, or ``inputs`` are no floats.
        ShapeError: ``noise_shape`` does not fit the inputs.

    Example:
        >>> dropout(np.ones(4, "float32"), 0.5, noise_shape=(1,), seed=1).tolist() in ([0.0] * 4, [2.0] * 4)
        True
    """
    inputs = inputs if isinstance(inputs, Tensor | Variable) else np.asarray(inputs)
    if not 0 <= rate <= 1:
        raise ArgumentError(f"dropout() expects a rate from 0 to 1, got {rate!r}.")
    shape = tuple(inputs.shape)
    if noise_shape is not None:
        wanted = tuple(noise_shape)
        if len(wanted) != len(shape) or any(w not in (None, 1, size) for w, size in zip(wanted, shape, strict=True)):
            raise ShapeError(f"dropout() got the noise_shape {wanted}, which does not fit inputs of shape {shape}.")
        shape = tuple(size if w is None else w for w, size in zip(wanted, shape, strict=True))
    return inputs * dropout_mask(shape, rate, inputs.dtype, seed) if rate > 0 else inputs


def shuffle(x: Any, axis: int = 0, seed: Seed = None) -> Any:
    """Return ``x`` with its entries in random order along an axis.

    As in Keras on JAX, each line along the axis gets an order of its own: rows do not stay together.

    Args:
        x: an array or tensor.
        axis: the axis to shuffle along.
        seed: an int gives the same order at every call; a ``SeedGenerator`` goes on; None is fresh.

    Raises:
        ArgumentError: ``x`` has no such axis.

    Example:
        >>> sorted(shuffle(np.arange(5), seed=1).tolist())
        [0, 1, 2, 3, 4]
    """
    x = x if isinstance(x, Tensor | Variable) else np.asarray(x)
    rank = len(x.shape)
    if not -rank <= axis < rank:
        raise ArgumentError(f"shuffle() got axis {axis} for x of shape {tuple(x.shape)}.")
    order = draw_integers(_order, tuple(x.shape), "int64", seed, axis=axis % rank)
    return take_along_axis(x, order, axis=axis)
