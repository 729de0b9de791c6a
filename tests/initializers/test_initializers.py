from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import initializers
from denselite.errors import ArgumentError, ShapeError, StateError, UncoveredError, UnknownNameError
from denselite.initializers.scaling import fans
from denselite.tensor.keys import set_seed

LARGE = (400, 300)  # 120,000 draws: a mean is known to 0.003 standard deviations, a deviation to 0.2 %


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (initializers.Zeros(), [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]),
        (initializers.Ones(), [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]),
        (initializers.Constant(0.5), [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]),
        (initializers.Constant([1.0, 2.0, 3.0]), [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]),
        (initializers.Identity(2.0), [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]),
    ],
)
def test_constant_values(made: Any, expected: Any) -> None:
    assert made((2, 3)).tolist() == expected


@pytest.mark.parametrize(
    ("made", "mean", "stddev", "largest"),
    [
        (initializers.RandomNormal(1.0, 2.0, seed=1), 1.0, 2.0, None),
        (initializers.RandomUniform(-1.0, 3.0, seed=1), 1.0, 4 / 12**0.5, 3.0),
        # A normal cut at two standard deviations has 0.8796 of its deviation left.
        (initializers.TruncatedNormal(0.0, 0.1, seed=1), 0.0, 0.087963, 0.2),
        (initializers.GlorotUniform(seed=1), 0.0, (2 / 700) ** 0.5, (6 / 700) ** 0.5),
        (initializers.GlorotNormal(seed=1), 0.0, (2 / 700) ** 0.5, 2 * (2 / 700) ** 0.5 / 0.87962566),
        (initializers.HeUniform(seed=1), 0.0, (2 / 400) ** 0.5, (6 / 400) ** 0.5),
        (initializers.HeNormal(seed=1), 0.0, (2 / 400) ** 0.5, 2 * (2 / 400) ** 0.5 / 0.87962566),
        (initializers.LecunUniform(seed=1), 0.0, (1 / 400) ** 0.5, (3 / 400) ** 0.5),
        (initializers.LecunNormal(seed=1), 0.0, (1 / 400) ** 0.5, 2 * (1 / 400) ** 0.5 / 0.87962566),
        (initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal", seed=1), 0.0, (2 / 300) ** 0.5, None),
        (initializers.VarianceScaling(seed=1, input_axes=[1], output_axes=[0]), 0.0, (1 / 300) ** 0.5, None),
    ],
)
def test_draws_have_the_spread_they_should(made: Any, mean: float, stddev: float, largest: float | None) -> None:
    drawn = made(LARGE, "float64")
    assert abs(drawn.mean() - mean) < 4 * stddev / drawn.size**0.5  # four standard errors
    assert drawn.std() == pytest.approx(stddev, rel=0.01)
    if largest is not None:
        assert 0.99 * largest < np.abs(drawn).max() <= largest * (1 + 1e-9)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (2, 3, 4)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    matrix = initializers.Orthogonal(2.0, seed=3)(shape, "float64").reshape(-1, shape[-1])
    product = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    np.testing.assert_allclose(product, 4 * np.eye(min(matrix.shape)), atol=1e-12)


def test_fans_follow_from_the_shape() -> None:
    assert (fans((784, 64)), fans((5,)), fans(()), fans((3, 3, 16, 32))) == ((784, 64), (5, 5), (1, 1), (144, 288))
    assert fans((2, 3, 4), input_axes=(0, 1), output_axes=(2,)) == (6, 4)


def test_seed_of_the_library_repeats_unseeded_initializers() -> None:
    drawn = []
    for _ in range(2):
        set_seed(11)
        drawn.append([initializers.get("glorot_uniform")((2, 2)).tolist() for _ in range(2)])
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[0][1]


@pytest.mark.parametrize(
    ("name", "cls"),
    [("normal", "RandomNormal"), ("uniform", "RandomUniform"), ("zero", "Zeros"), ("one", "Ones"),
     ("he_normal", "HeNormal"), ("GlorotUniform", "GlorotUniform"), ("IdentityInitializer", "Identity"),
     ("OrthogonalInitializer", "Orthogonal"), ("truncated_normal", "TruncatedNormal")],
)  # fmt: skip
def test_names_are_keras(name: str, cls: str) -> None:
    assert type(initializers.get(name)).__name__ == cls


def test_lower_case_attributes_are_the_classes() -> None:
    assert initializers.glorot_uniform is initializers.GlorotUniform
    assert initializers.zeros is initializers.Zeros


def test_array_and_callable_are_initializers() -> None:
    values = np.array([1.0, 2.0])
    assert initializers.get(values)((2,), "float32").tolist() == [1.0, 2.0]
    assert initializers.get(np.ones) is np.ones
    assert initializers.get(None) is None


def test_array_is_for_weights_of_its_shape() -> None:
    with pytest.raises(
        ShapeError, match=r"array of shape \(2,\) cannot be the first value of a weight of shape \(3, 2\)"
    ):
        initializers.get(np.array([1.0, 2.0]))((3, 2))


def test_config_of_an_array_goes_round() -> None:
    made = initializers.Constant(np.array([[1.0, 2.0]]))
    again = initializers.deserialize(initializers.serialize(made))
    assert again((2, 2)).tolist() == [[1.0, 2.0], [1.0, 2.0]]


@pytest.mark.parametrize(
    ("given", "kept"), [("normal", "truncated_normal"), ("NORMAL", "truncated_normal"), ("Uniform", "uniform")]
)
def test_distribution_goes_by_several_names(given: str, kept: str) -> None:
    assert initializers.VarianceScaling(distribution=given).get_config()["distribution"] == kept


def test_clone_draws_other_numbers_unless_it_has_a_seed() -> None:
    unseeded, seeded = initializers.HeNormal(), initializers.HeNormal(seed=1)
    assert not np.array_equal(unseeded((3, 3)), unseeded.clone()((3, 3)))
    np.testing.assert_array_equal(seeded((3, 3)), seeded.clone()((3, 3)))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: initializers.get("glorot"), UnknownNameError, r"Unknown initializer 'glorot'\. Did you mean 'Glorot"),
        (
            lambda: initializers.get("stft"),
            UncoveredError,
            "initializer 'stft' exists in Keras and not yet in denselite",
        ),
        (lambda: initializers.STFT, ImportError, r"denselite\.initializers\.STFT exists in Keras"),
        (lambda: initializers.get(3), ArgumentError, "initializer is a name, an object, a callable or None, got 3"),
        (lambda: initializers.RandomNormal(seed=-1), ArgumentError, "'seed' should be greater than or equal to 0"),
        (
            lambda: initializers.RandomNormal(stddev=-1.0),
            ArgumentError,
            "'stddev' should be greater than or equal to 0",
        ),
        (lambda: initializers.VarianceScaling(0.0), ArgumentError, "'scale' should be greater than 0"),
        (
            lambda: initializers.VarianceScaling(distribution="flat"),
            ArgumentError,
            r"argument 'distribution': it should be 'truncated_normal' \(or 'normal'\), .* got 'flat'",
        ),
        (lambda: initializers.VarianceScaling(mode="fan"), ArgumentError, "'mode' should be 'fan_in', 'fan_out' or"),
        (
            lambda: initializers.RandomNormal()((2,), "int32"),
            ArgumentError,
            "RandomNormal draws floats, got dtype 'int32'",
        ),
        (lambda: initializers.Identity()((3,)), ShapeError, r"Identity makes matrices, got shape \(3,\)"),
        (
            lambda: initializers.Orthogonal()((3,)),
            ShapeError,
            r"Orthogonal needs a shape of two axes or more, got \(3,\)",
        ),
        (
            lambda: initializers.Constant([1, 2])((3,)),
            ShapeError,
            r"value of shape \(2,\), which does not fit .* \(3,\)",
        ),
        (lambda: initializers.Initializer()((3,)), StateError, r"Initializer has no __call__\(shape, dtype=None\)"),
    ],
)
def test_what_cannot_be_is_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
