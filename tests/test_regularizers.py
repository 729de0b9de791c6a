from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import regularizers
from denselite.errors import ArgumentError, ShapeError, StateError, UnknownNameError
from tests.contracts.op_laws import assert_gradient
from tests.contracts.part_laws import value_and_gradient

X = np.array([[1.0, -2.0], [3.0, 0.5]])

# By hand: sum|x| = 6.5, sum x² = 14.25; rows (1, -2) and (3, 0.5) have the cosine 2 / (√5 · √9.25) = 0.294086, columns
# (1, 3) and (-2, 0.5) have -0.5 / (√10 · √4.25) = -0.076696. (Keras 3.15 normalises the rows for the columns too.)
CASES: dict[str, tuple[Any, float]] = {
    "l1": (regularizers.L1(0.1), 0.65),
    "l2": (regularizers.L2(0.1), 1.425),
    "l1l2": (regularizers.L1L2(0.1, 0.2), 3.5),
    "l1l2-one": (regularizers.L1L2(l2=0.2), 2.85),
    "nothing": (regularizers.L1L2(), 0.0),
    "rows": (regularizers.OrthogonalRegularizer(0.5), 0.147043),
    "columns": (regularizers.OrthogonalRegularizer(0.5, "columns"), 0.038348),
}
every_case = pytest.mark.parametrize("case", CASES)


@every_case
def test_penalty_is_the_formula(case: str) -> None:
    regularizer, expected = CASES[case]
    assert float(regularizer(X)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("case", [case for case in CASES if case != "nothing"])
def test_gradient_is_the_slope(case: str) -> None:
    assert_gradient(CASES[case][0], [X], np.random.default_rng(1))


@every_case
def test_float32_stays_float32(case: str) -> None:
    assert CASES[case][0](X.astype("float32")).dtype == np.float32


@every_case
def test_config_goes_round(case: str) -> None:
    regularizer, _ = CASES[case]
    again = regularizers.deserialize(regularizers.serialize(regularizer))
    assert type(again) is type(regularizer)
    assert again.get_config() == regularizer.get_config()


@pytest.mark.parametrize(
    ("name", "config"),
    [("l1", {"l1": 0.01}), ("L2", {"l2": 0.01}), ("l1l2", {"l1": 0.0, "l2": 0.0}), ("L1L2", {"l1": 0.0, "l2": 0.0})],
)
def test_names_are_keras(name: str, config: dict[str, float]) -> None:
    assert regularizers.get(name).get_config() == config


def test_lower_case_attributes_are_the_classes() -> None:
    assert regularizers.l1_l2 is regularizers.L1L2
    assert (regularizers.l1, regularizers.l2) == (regularizers.L1, regularizers.L2)
    assert regularizers.orthogonal_regularizer is regularizers.OrthogonalRegularizer


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown regularizer 'l1_l2'\. Did you mean 'l1l2'\?|L1L2"):
        regularizers.get("l1_l2")


def test_negative_factor_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"L2\(\) argument 'l2' should be greater than or equal to 0, got -1"):
        regularizers.L2(-1.0)


def test_infinite_factor_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"L1\(\) argument 'l1' should be less than inf, got inf"):
        regularizers.L1(float("inf"))


def test_column_of_zeros_is_orthogonal_and_has_a_finite_gradient() -> None:
    regularizer = regularizers.OrthogonalRegularizer(1.0, "columns")
    value, gradient = value_and_gradient(regularizer, {"x": np.array([[0.0, 1.0], [0.0, 2.0]])}, "x")
    assert float(value) == 0.0
    assert np.isfinite(gradient).all()


def test_orthogonality_of_a_vector_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"OrthogonalRegularizer is for matrices, got shape \(3,\)"):
        regularizers.OrthogonalRegularizer()(np.ones(3))


def test_base_without_a_penalty_says_what_is_missing() -> None:
    with pytest.raises(StateError, match=r"Regularizer has no __call__\(x\)"):
        regularizers.Regularizer()(X)
