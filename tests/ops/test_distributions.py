"""Draws follow their distributions. Bounds are four standard errors: one run in ten thousand is further off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.ops.distributions import beta, binomial, categorical, dropout, gamma, shuffle
from denselite.ops.random import normal, randint, truncated_normal, uniform

MANY = 100_000


def assert_moments(x: Any, mean: float, variance: float, kurtosis: float = 3.0) -> None:
    """Compare mean and variance; `kurtosis` (of the distribution) tells how much the variance may be off."""
    x = np.asarray(x, "f8")
    assert abs(x.mean() - mean) < 4 * np.sqrt(variance / x.size)
    assert abs(x.var() - variance) < 4 * variance * np.sqrt((kurtosis - 1) / x.size)


def test_truncated_normal_draws_are_within_two_deviations() -> None:
    """A normal variable cut at two deviations has the variance 1 - 4·φ(2) / (2·Φ(2) - 1) = 0.7737."""
    x = truncated_normal((MANY,), 1.0, 0.5, seed=1)
    assert abs(x - 1.0).max() <= 1.0
    assert_moments(x, 1.0, 0.25 * 0.7737413)


def test_integers_are_as_likely_each() -> None:
    drawn = randint((MANY,), -2, 3, seed=1)
    assert drawn.dtype == np.int32
    numbers, counts = np.unique(drawn, return_counts=True)
    assert numbers.tolist() == [-2, -1, 0, 1, 2]
    assert abs(counts / MANY - 0.2).max() < 4 * np.sqrt(0.2 * 0.8 / MANY)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 7.5])
def test_gamma_draws_have_mean_and_variance_alpha(alpha: float) -> None:
    assert_moments(gamma((MANY,), alpha, dtype="float64", seed=1), alpha, alpha, 3 + 6 / alpha)


def test_beta_draws_have_its_moments() -> None:
    """Mean a / (a + b) and variance a·b / ((a + b)²·(a + b + 1)) for a = 2, b = 3."""
    x = beta((MANY,), 2.0, 3.0, seed=1)
    assert ((x > 0) & (x < 1)).all()
    assert_moments(x, 0.4, 0.04)


def test_binomial_draws_have_mean_np_and_variance_npq() -> None:
    x = binomial((MANY,), 10, 0.3, seed=1)
    assert x.dtype == np.float32
    assert set(np.unique(x)) <= set(range(11))
    assert_moments(x, 3.0, 2.1)


def test_parameters_may_be_arrays_of_any_shape_that_broadcasts() -> None:
    assert_moments(gamma((MANY, 2), [1.0, 9.0], seed=1)[:, 1], 9.0, 9.0, 3.7)
    assert_moments(uniform((MANY, 2), [0.0, 10.0], [1.0, 12.0], seed=1)[:, 1], 11.0, 4 / 12)
    assert_moments(normal((MANY, 2), [0.0, 5.0], [1.0, 3.0], seed=1)[:, 1], 5.0, 9.0)
    assert_moments(binomial((MANY, 2), [1, 5], [0.5, 0.5], seed=1)[:, 1], 2.5, 1.25)
    assert randint((1000, 2), [0, 10], [5, 15], seed=1)[:, 1].min() == 10


def test_categories_are_drawn_with_their_probabilities() -> None:
    drawn = categorical([[np.log(0.2), np.log(0.3), np.log(0.5)], [np.log(0.8), np.log(0.2), -np.inf]], MANY, seed=1)
    assert (drawn.shape, drawn.dtype) == ((2, MANY), np.int32)
    shares = np.array([np.bincount(row, minlength=3) / MANY for row in drawn])
    assert abs(shares - [[0.2, 0.3, 0.5], [0.8, 0.2, 0.0]]).max() < 4 * 0.5 / np.sqrt(MANY)
    assert shares[1, 2] == 0


@pytest.mark.parametrize("rate", [0.25, 0.8])
def test_dropout_drops_its_rate_and_scales_the_rest(rate: float) -> None:
    x = dropout(np.full(MANY, 3.0, "float32"), rate, seed=1)
    assert set(np.unique(x)) == {np.float32(0), np.float32(np.float32(3) * np.float32(1 / (1 - rate)))}
    assert abs((x == 0).mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / MANY)


def test_dropout_shares_its_mask_along_axes_of_size_one() -> None:
    x = dropout(np.ones((100, 3)), 0.5, noise_shape=(None, 1), seed=1)
    assert (x == x[:, :1]).all()
    assert 0 < x[:, 0].mean() < 2


def test_dropout_of_nothing_and_of_all_is_exact() -> None:
    x = np.arange(3.0)
    assert dropout(x, 0.0) is x
    assert (dropout(x, 1.0, seed=1) == 0).all()


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_shuffle_permutes_each_line_along_its_axis_by_itself(axis: int) -> None:
    x = np.arange(200).reshape(20, 10)
    shuffled = shuffle(x, axis=axis, seed=1)
    np.testing.assert_array_equal(np.sort(shuffled, axis=axis), x)
    moved = np.argsort(shuffled, axis=axis)
    assert (np.ptp(moved, axis=1 - axis % 2) > 0).any()  # the lines have different orders


def test_shuffle_gives_each_order_as_often() -> None:
    orders = shuffle(np.tile(np.arange(3), (60_000, 1)), axis=1, seed=1)
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == 6
    assert abs(counts / 60_000 - 1 / 6).max() < 4 * np.sqrt(5 / 36 / 60_000)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_floats_have_the_dtype_asked_for(dtype: str) -> None:
    for drawn in (
        uniform((2,), dtype=dtype), normal((2,), dtype=dtype), truncated_normal((2,), dtype=dtype),
        gamma((2,), 1.0, dtype=dtype), beta((2,), 1.0, 1.0, dtype=dtype), binomial((2,), 3, 0.5, dtype=dtype),
    ):  # fmt: skip
        assert drawn.dtype == np.dtype(dtype)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: uniform((2,), dtype="int32"), r"random_uniform draws floats, got dtype 'int32'\."),
        (lambda: randint((2,), 0, 3, dtype="float32"), r"random_integers draws integers, got dtype 'float32'\."),
        (lambda: randint((2,), 3, 3), r"randint\(\) expects minval to be less than maxval, got 3 and 3\."),
        (lambda: uniform((2.5,)), r"expects a shape, a tuple of integers >= 0, got \(2\.5,\)\."),
        (lambda: normal((-1,)), r"expects a shape, a tuple of integers >= 0, got \(-1,\)\."),
        (lambda: gamma((2,), -1.0), r"gamma\(\) expects alpha to be 0 or more, got -1\.0\."),
        (lambda: gamma((2,), np.ones(3)), r"draws shape \(2,\), to which a parameter of shape \(3,\) does not"),
        (lambda: beta((2,), 1.0, 0.0), r"beta\(\) expects beta to be more than 0, got 0\.0\."),
        (lambda: binomial((2,), 3, 1.5), r"binomial\(\) expects probabilities to be from 0 to 1, got 1\.5\."),
        (
            lambda: categorical(np.zeros(3), 2),
            r"categorical\(\) expects logits of shape \(rows, classes\), got \(3,\)\.",
        ),
        (lambda: categorical(np.zeros((1, 3)), -2), r"expects num_samples to be an integer >= 0, got -2\."),
        (lambda: dropout(np.ones(3), 1.5), r"dropout\(\) expects a rate from 0 to 1, got 1\.5\."),
        (lambda: dropout(np.ones(3), 0.5, (2,)), r"noise_shape \(2,\), which does not fit inputs of shape \(3,\)\."),
        (lambda: dropout(np.arange(3), 0.5), r"dropout_mask draws floats, got dtype 'int64'\."),
        (lambda: shuffle(np.arange(3), axis=1), r"shuffle\(\) got axis 1 for x of shape \(3,\)\."),
    ],
)
def test_arguments_that_cannot_be_drawn_with_say_so(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
