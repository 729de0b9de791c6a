from __future__ import annotations

import math

import numpy as np
import pytest

from denselite.ops.erf import erf

POINTS = np.concatenate([np.linspace(-7.0, 7.0, 200001), np.logspace(-300, 1, 2001), -np.logspace(-12, 0, 501)])


@pytest.mark.parametrize(
    ("dtype", "absolute", "relative"),
    # float64: a fit good to 1.0e-15 and a few roundings of 1.1e-16. float32: one and a half units in the last place.
    [("float64", 2e-15, 2e-15), ("float32", 1e-7, 2e-7)],
)
def test_values_are_those_of_the_math_module(dtype: str, absolute: float, relative: float) -> None:
    x = POINTS.astype(dtype)
    x = x[(x == 0) | (np.abs(x) >= np.finfo(dtype).tiny)]
    expected = np.array([math.erf(value) for value in x.tolist()])
    error = np.abs(erf(x).astype("float64") - expected)
    assert error.max() < absolute
    assert (error / np.maximum(np.abs(expected), np.finfo("float64").tiny)).max() < relative


def test_far_values_are_one_and_nan_stays_nan() -> None:
    found = erf(np.array([-np.inf, -30.0, 30.0, np.inf, np.nan]))
    np.testing.assert_array_equal(found, [-1.0, -1.0, 1.0, 1.0, np.nan])


def test_function_is_odd_and_keeps_the_sign_of_zero() -> None:
    np.testing.assert_array_equal(erf(-POINTS), -erf(POINTS))
    assert np.signbit(erf(np.array([-0.0, 0.0]))).tolist() == [True, False]


def test_integers_give_floatx() -> None:
    found = erf(np.array([0, 1]))
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx([0.0, 0.8427008], abs=1e-7)
