from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.graph.autodiff import gradients
from denselite.ops.normalization import masked_moments, standardize
from tests.contracts.op_laws import assert_gradient, gradient

RNG = np.random.default_rng(17)
CUBE = RNG.normal(1.0, 2.0, (4, 3, 2))
# axes, the shape of a scale that is constant along them
CASES = [((0, 1), (2,)), ((0, 2), (3, 1)), ((1, 2), (4, 1, 1)), ((2,), ())]
each = pytest.mark.parametrize(("axes", "shape"), CASES, ids=str)


@each
def test_closed_form_is_the_numeric_gradient(axes: Any, shape: Any) -> None:
    arrays = [CUBE, RNG.uniform(0.5, 2.0, shape)]
    assert_gradient(lambda x, scale: standardize(x, axes, 0.1, scale)[0], arrays, np.random.default_rng(1))


@each
def test_statistics_beside_the_values_have_their_own_gradient(axes: Any, shape: Any) -> None:
    def all_three(x: Any) -> Any:
        values, center, variance = standardize(x, axes, 0.1)
        return values * center + variance

    assert_gradient(all_three, [CUBE], np.random.default_rng(1))


@each
def test_gradient_of_the_gradient_is_the_numeric_one(axes: Any, shape: Any) -> None:
    cotangent, along = RNG.normal(size=CUBE.shape), RNG.normal(size=CUBE.shape)

    def slope(x: Any) -> Any:
        function = lambda y: standardize(y, axes, 0.1)[0]  # noqa: E731
        if isinstance(x, np.ndarray):
            (found,) = gradient(function, [x], cotangent)
        else:
            (found,) = gradients(np.sum(function(x) * cotangent), [x])
        return np.sum(found * along)

    assert_gradient(slope, [CUBE], np.random.default_rng(1))


def test_moments_count_only_what_the_mask_shows() -> None:
    x, mask = np.array([[1.0, 5.0], [3.0, 7.0], [100.0, 9.0]]), np.array([[True], [True], [False]])
    center, variance = masked_moments(x, mask, (0,))
    # (1 + 3) / 2, (5 + 7) / 2; both deviate by 1. The count has 1e-7 added, as in Keras.
    np.testing.assert_allclose(center, [[2.0, 6.0]], rtol=1e-7)
    np.testing.assert_allclose(variance, [[1.0, 1.0]], rtol=1e-6)


def test_moments_of_nothing_are_zero() -> None:
    center, variance = masked_moments(np.ones((2, 2)), np.zeros((2, 1), bool), (0,))
    assert (center.tolist(), variance.tolist()) == ([[0.0, 0.0]], [[0.0, 0.0]])
