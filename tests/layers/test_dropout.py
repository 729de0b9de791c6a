from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, ShapeError
from denselite.layers import AlphaDropout, Dropout

ONES = np.ones((2000, 8), "float32")
X = np.zeros((2, 3))


def test_dropout_zeroes_its_share_and_scales_the_rest() -> None:
    out = Dropout(0.25, seed=1)(ONES, training=True)
    assert set(np.unique(out)) == {np.float32(0), np.float32(1 / 0.75)}
    # 16000 draws of p = 0.25: a standard deviation of 0.0034; five of them are 0.017
    assert np.mean(out == 0) == pytest.approx(0.25, abs=0.017)


def test_dropout_follows_from_its_seed() -> None:
    first, same, other = (Dropout(0.5, seed=seed)(ONES, training=True) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("rate", "expected"), [(0, 1.0), (0.0, 1.0), (1, 0.0), (1.0, 0.0)])
def test_dropout_of_nothing_and_of_everything(rate: float, expected: float) -> None:
    assert set(np.unique(Dropout(rate)(ONES, training=True))) == {np.float32(expected)}


def test_dropout_out_of_training_returns_the_input() -> None:
    assert np.array_equal(Dropout(0.9)(ONES), ONES)


@pytest.mark.parametrize("layer", [AlphaDropout, Dropout])
@pytest.mark.parametrize("noise_shape", [(None, 1), (2000, 1), [None, 1]])
def test_noise_shape_shares_the_mask_along_its_axes_of_size_1(layer: Any, noise_shape: Any) -> None:
    out = layer(0.5, noise_shape=noise_shape, seed=1)(ONES, training=True)
    assert (out == out[:, :1]).all()
    assert len(np.unique(out)) == 2


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = np.random.default_rng(3).normal(size=(20000, 8))
    out = AlphaDropout(0.25, seed=1)(x, training=True)
    # 160000 draws of standard deviation 1: the mean is known to 0.0025, the deviation to 0.002; five of them are allowed
    assert out.mean() == pytest.approx(0.0, abs=0.0125)
    assert out.std() == pytest.approx(1.0, abs=0.01)


def test_alpha_dropout_sets_its_share_to_the_lowest_value_of_selu() -> None:
    out = AlphaDropout(0.25, seed=1)(ONES.astype("float64"), training=True)
    # α' = -1.7581; a = (0.75 (1 + 0.25 · 3.0909))^-½ = 0.8673; b = -a α' 0.25 = 0.3812; kept a + b, dropped a α' + b
    np.testing.assert_allclose(np.unique(out), [-1.1436, 1.2485], atol=1e-4)
    assert np.mean(out < 0) == pytest.approx(0.25, abs=0.017)  # as above


@pytest.mark.parametrize("layer", [AlphaDropout, Dropout])
def test_mask_is_another_at_every_call_and_the_same_in_a_second_layer_of_the_seed(layer: Any) -> None:
    first, second = layer(0.5, seed=7), layer(0.5, seed=7)
    draws = [first(ONES, training=True) for _ in range(2)]
    assert not np.array_equal(*draws)
    np.testing.assert_array_equal([second(ONES, training=True) for _ in range(2)], draws)


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "rate above 1": (lambda: Dropout(1.5), ArgumentError, r"^Dropout\(\) argument 'rate' should be less than or equal to 1, got 1\.5"),
    "rate below 0": (lambda: Dropout(-0.1), ArgumentError, r"'rate' should be greater than or equal to 0, got -0\.1"),
    "rate of text": (lambda: Dropout("x"), ArgumentError, r"'rate' should be a number greater than or equal to 0 and less than or equal to 1, got 'x'"),
    "rate nan": (lambda: Dropout(float("nan")), ArgumentError, "argument 'rate' is NaN"),
    "seed below 0": (lambda: Dropout(0.5, seed=-1), ArgumentError, r"^Dropout\(\) argument 'seed' should be greater than or equal to 0, got -1"),
    "noise shape of text": (lambda: Dropout(0.5, noise_shape="ab"), ArgumentError, "a noise_shape holds sizes greater than 0 and None, got 'ab'"),
    "noise shape of 0": (lambda: Dropout(0.5, noise_shape=(0, 1)), ArgumentError, r"a noise_shape holds sizes greater than 0 and None, got \(0, 1\)"),
    "noise shape of another rank": (lambda: Dropout(0.5, (None, 1, 1), name="d")(X, training=True), ShapeError, r"^Dropout 'd' has the noise_shape \(None, 1, 1\), which does not fit the input shape \(2, 3\)\. Give each axis"),
    "noise shape of another size": (lambda: Dropout(0.5, (None, 2))(X, training=True), ShapeError, r"noise_shape \(None, 2\), which does not fit"),
    "alpha rate of 1": (lambda: AlphaDropout(1.0), ArgumentError, r"^AlphaDropout\(\) argument 'rate' should be less than 1, got 1\.0"),
    "alpha rate below 0": (lambda: AlphaDropout(-1), ArgumentError, "'rate' should be greater than or equal to 0, got -1"),
    "alpha noise shape": (lambda: AlphaDropout(0.5, (None, 2), name="d")(X, training=True), ShapeError, r"^AlphaDropout 'd' has the noise_shape \(None, 2\), which does not fit the input shape \(2, 3\)\."),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
