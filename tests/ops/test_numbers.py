"""Hard numbers: large, small, equal, empty of meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.layers import Dot
from denselite.losses import categorical_generalized_cross_entropy
from denselite.regularizers import OrthogonalRegularizer
from tests.contracts.op_laws import gradient

HUGE = np.array([-1e4, -50.0, 0.0, 50.0, 1e4])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(
    "function",
    [
        ops.sigmoid, ops.log_sigmoid, ops.softplus, ops.softmax, ops.log_softmax, ops.logsumexp, ops.tanh, ops.relu,
        ops.elu, ops.selu, ops.silu, ops.gelu, ops.softsign, ops.leaky_relu, ops.relu6, ops.hard_sigmoid, ops.hard_silu,
        lambda x: ops.gelu(x, approximate=False),
    ],
)  # fmt: skip
def test_values_and_gradients_are_finite_for_logits_up_to_1e4(function: Callable[[Any], Any], dtype: str) -> None:
    x = HUGE.astype(dtype)
    value = np.asarray(function(x))
    assert np.isfinite(value).all()
    (found,) = gradient(function, [x], np.ones_like(value))
    assert np.isfinite(found).all()


def test_logsumexp_of_infinities_is_not_nan() -> None:
    inf = np.inf
    assert ops.logsumexp(np.array([[-inf, -inf], [inf, 0.0], [-inf, 1.0]]), axis=1).tolist() == [-inf, inf, 1.0]


def test_variance_of_large_numbers_close_together_is_exact() -> None:
    x = 1e8 + np.array([0.0, 1.0, 2.0, 3.0])
    assert ops.var(x) == 1.25
    assert ops.std(x.astype("f8")) == pytest.approx(np.sqrt(1.25), rel=1e-15)


def test_variance_in_single_precision_is_near_the_one_in_double() -> None:
    x = np.random.default_rng(0).normal(100.0, 1.0, 10000).astype("f4")
    assert ops.var(x) == pytest.approx(x.astype("f8").var(), rel=1e-5)


@pytest.mark.parametrize(
    ("x", "expected"),
    [([2.0, 3.0, 4.0], [12.0, 8.0, 6.0]), ([0.0, 3.0, 4.0], [12.0, 0.0, 0.0]), ([0.0, 0.0, 4.0], [0.0, 0.0, 0.0])],
)
def test_gradient_of_a_product_with_zeros(x: list[float], expected: list[float]) -> None:
    (found,) = gradient(ops.prod, [np.array(x)], np.array(1.0))
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: np.maximum(x, 0.0), 0.5), (lambda x: np.minimum(0.0, x), 0.5), (ops.relu, 0.0), (np.abs, 1.0),
        (lambda x: np.clip(x, 0.0, 1.0), 0.5), (ops.leaky_relu, 1.0), (ops.elu, 1.0), (ops.relu6, 0.0), (np.sign, 0.0),
    ],
)  # fmt: skip
def test_gradient_at_a_kink_is_jaxs(function: Callable[[Any], Any], expected: float) -> None:
    assert gradient(function, [np.zeros(1)], np.ones(1))[0].tolist() == [expected]


def test_slope_of_the_absolute_value_has_one_sign_at_both_zeros() -> None:
    assert gradient(np.abs, [np.array([-2.0, -0.0, 0.0, 3.0])], np.ones(4))[0].tolist() == [-1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(("high", "expected"), [(1.0, [0.0, 0.25, 0.0]), (0.5, [0.0, 0.0, 0.0])])
def test_clip_to_one_number_or_none_has_no_slope_beside_it(high: float, expected: list[float]) -> None:
    (found,) = gradient(lambda x: ops.clip(x, 1.0, high), [np.array([0.5, 1.0, 2.0])], np.ones(3))
    assert found.tolist() == expected


def test_equal_extremes_share_the_gradient() -> None:
    (found,) = gradient(lambda x: np.max(x), [np.array([1.0, 3.0, 3.0])], np.array(1.0))
    assert found.tolist() == [0.0, 0.5, 0.5]


def test_power_of_zero_and_of_negative_numbers() -> None:
    assert gradient(lambda x: np.power(x, 2.0), [np.array([0.0, -3.0])], np.ones(2))[0].tolist() == [0.0, -6.0]
    base, exponent = gradient(np.power, [np.array([0.0]), np.array([2.0])], np.ones(1))
    assert (base.tolist(), exponent.tolist()) == ([0.0], [0.0])
    assert np.isnan(gradient(np.power, [np.array([-2.0]), np.array([2.0])], np.ones(1))[1]).all()  # no real logarithm


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (ops.normalize, 1e7),  # x / epsilon
        (OrthogonalRegularizer(), 0.0),
        (lambda x: Dot(1, normalize=True)([x, x]), 0.0),
        (lambda x: categorical_generalized_cross_entropy([0, 1], x, 0.5), 0.0),
    ],
)
def test_gradient_at_vectors_of_zeros_is_finite_where_keras_has_none(
    function: Callable[[Any], Any], expected: float
) -> None:
    x = np.zeros((2, 2))
    (found,) = gradient(function, [x], np.ones_like(np.asarray(function(x))))
    np.testing.assert_allclose(found, np.full((2, 2), expected))


def test_nan_outside_a_choice_leaves_the_gradient_alone() -> None:
    def safe(x: Any) -> Any:
        return np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0)

    assert gradient(safe, [np.array([-1.0, 2.0])], np.ones(2))[0].tolist() == [0.0, 0.5]
    assert ops.where(np.array([True, False]), np.array([1.0, np.nan]), 0.0).tolist() == [1.0, 0.0]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i4", "i8", "u1", "?"])
def test_where_chooses_bits_of_every_dtype(dtype: str) -> None:
    x, y = np.array([1, 0, 1], dtype), np.array([0, 1, 1], dtype)
    found = ops.where(np.array([True, True, False]), x, y)
    assert found.dtype == np.dtype(dtype)
    assert found.tolist() == np.where([True, True, False], x, y).tolist()


def test_where_takes_numbers_mixed_dtypes_and_conditions_that_are_no_truths() -> None:
    assert ops.where([1, 0], 2.0, 3.0).tolist() == [2.0, 3.0]
    assert ops.where(np.array([True, False]), 1.0, 2.0).dtype == np.float32
    assert ops.where(np.array([0.5, 0.0]), np.array([1, 1]), np.array([0.5, 0.5])).tolist() == [1.0, 0.5]


def test_float16_goes_through() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]], "f2")
    assert ops.softmax(x).dtype == np.float16
    assert (x @ x).tolist() == ops.matmul(x, x).tolist()
    assert ops.sum(x, axis=0).tolist() == [4.0, 6.0]
