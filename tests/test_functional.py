"""`grad` and `value_and_grad`: JAX's meaning on plain NumPy functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite
from denselite import grad, ops, value_and_grad
from denselite.errors import ArgumentError, DTypeError, ShapeError

RNG = np.random.default_rng(5)


def loss(w: Any, x: Any) -> Any:
    return np.mean(np.tanh(x @ w["kernel"] + w["bias"]) ** 2)


def test_gradient_is_nested_like_its_argument() -> None:
    w, x = {"kernel": RNG.normal(size=(3, 2)), "bias": RNG.normal(size=2)}, RNG.normal(size=(4, 3))
    value, found = value_and_grad(loss)(w, x)
    assert value == pytest.approx(loss(w, x), rel=1e-12)
    for name, array in w.items():
        numeric = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            moved = {k: v.copy() for k, v in w.items()}
            moved[name][place] += 1e-6
            high = loss(moved, x)
            moved[name][place] -= 2e-6
            numeric[place] = (high - loss(moved, x)) / 2e-6
        np.testing.assert_allclose(found[name], numeric, atol=1e-8)


def test_several_arguments_give_a_tuple() -> None:
    by_x, by_y = grad(lambda x, y: np.sum(x * y), argnums=(0, 1))(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert by_x.tolist() == [3.0, 4.0]
    assert by_y.tolist() == [1.0, 2.0]


def test_last_argument_can_be_counted_from_the_end() -> None:
    assert grad(lambda n, x: np.sum(x) * n, argnums=-1)(3, np.array([1.0])).tolist() == [3.0]


def test_aux_is_handed_on() -> None:
    def fn(x: Any) -> Any:
        y = x * 2.0
        return np.sum(y), {"y": y, "note": "kept"}

    (value, aux), found = value_and_grad(fn, has_aux=True)(np.array([1.0, 2.0]))
    assert (value, aux["note"]) == (6.0, "kept")
    assert aux["y"].tolist() == [2.0, 4.0]
    assert found.tolist() == [2.0, 2.0]
    gradient, aux = grad(fn, has_aux=True)(np.array([1.0]))
    assert gradient.tolist() == [2.0]


def test_nested_gradients_give_second_and_third_order() -> None:
    x = np.array(1.3)
    assert grad(grad(np.tanh))(x) == pytest.approx(-2 * np.tanh(1.3) * (1 - np.tanh(1.3) ** 2), rel=1e-12)
    assert grad(grad(grad(lambda x: x**4)))(x) == pytest.approx(24 * 1.3, rel=1e-12)


def test_product_with_the_hessian() -> None:
    a = RNG.normal(size=(3, 3))
    v, x = RNG.normal(size=3), RNG.normal(size=3)
    product = grad(lambda x: np.sum(grad(lambda x: x @ a @ x)(x) * v))(x)
    np.testing.assert_allclose(product, (a + a.T) @ v, rtol=1e-12)


def test_inner_derivative_does_not_mean_the_outer_variable() -> None:
    # d/dx (x * d/dy (x + y)) = 1: the inner derivative holds x still (Siskind and Pearlmutter, 2005)
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(x))(3.0) == 6.0  # x * x


def test_what_the_result_does_not_depend_on_has_gradient_zero() -> None:
    assert grad(lambda x, y: np.sum(x), argnums=1)(np.ones(2), np.ones(3)).tolist() == [0.0, 0.0, 0.0]
    assert grad(lambda x: 1.0)(2.0) == 0.0


def test_function_is_traced_anew_at_every_call() -> None:
    factor = [1.0]
    found = grad(lambda x: x * factor[0])
    assert found(1.0) == 1.0
    factor[0] = 5.0
    assert found(1.0) == 5.0


def test_values_may_be_looked_at() -> None:
    found = grad(lambda x: np.sum(x**2) if float(x.sum()) > 0 else np.sum(x))
    assert found(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    assert found(np.array([-1.0, -2.0])).tolist() == [1.0, 1.0]
    second = grad(lambda x: x * found(x * np.ones(1))[0])  # d/dx 2x² = 4x
    assert second(3.0) == 12.0


def test_model_is_a_function_of_its_input() -> None:
    model = denselite.Sequential([denselite.Input((3,)), denselite.layers.Dense(1, activation="tanh")])
    kernel = model.get_weights()[0]
    x = RNG.normal(size=(2, 3)).astype("float32")
    expected = (1 - np.tanh(x @ kernel) ** 2) * kernel[:, 0]
    np.testing.assert_allclose(grad(lambda x: np.sum(model(x)))(x), expected, rtol=1e-5)


def test_numbers_keep_their_precision_and_floats_are_floatx() -> None:
    assert grad(lambda x: x**2)(np.float64(3)).dtype == "float64"
    assert grad(lambda x: x**2)(3.0).dtype == denselite.config.floatx()


def test_result_with_axes_is_refused() -> None:
    with pytest.raises(
        ShapeError,
        match=r"^value_and_grad\(tanh\) expects a function that returns one number, got an array of shape \(2,\)\. ",
    ):
        grad(np.tanh)(np.ones(2))


def test_integers_are_refused() -> None:
    with pytest.raises(DTypeError, match=r"differentiates by floats, got array\(\[1, 2\]\) of dtype int64\."):
        grad(lambda x: ops.sum(x))(np.array([1, 2]))


def test_argument_that_is_not_there_is_told() -> None:
    with pytest.raises(ArgumentError, match=r"was called with 1 arguments and has none at argnums 1\."):
        grad(lambda x: x, argnums=1)(1.0)


def test_aux_that_is_not_returned_is_told() -> None:
    with pytest.raises(ArgumentError, match=r"has_aux=True expects a function that returns \(number, aux\)"):
        grad(lambda x: x, has_aux=True)(1.0)
