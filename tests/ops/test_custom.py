"""`custom_gradient`: the gradient given by hand is the one that is used, whatever the values are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as keras
from denselite import grad, ops
from denselite.errors import GradientError
from denselite.ops import custom_gradient


@custom_gradient
def log1pexp(x: Any) -> Any:
    e = np.exp(x)

    def gradient(*args: Any, upstream: Any) -> Any:
        return upstream * (1.0 - 1.0 / (1.0 + e))

    return np.log(1.0 + e), gradient


def test_values_are_the_functions() -> None:
    assert log1pexp(np.array([0.0])).tolist() == pytest.approx([np.log(2.0)])


def test_gradient_is_the_given_one_where_the_derived_one_is_nan() -> None:
    with np.errstate(over="ignore"):
        assert grad(lambda x: np.sum(log1pexp(x)))(np.array([100.0, 1000.0])).tolist() == [1.0, 1.0]


def test_several_arguments_and_none() -> None:
    @custom_gradient
    def scaled(x: Any, factor: Any) -> Any:
        return x * factor, lambda upstream: (upstream * 10.0, None)

    by_x, by_factor = grad(lambda x, f: np.sum(scaled(x, f)), argnums=(0, 1))(np.ones(2), np.full(2, 3.0))
    assert by_x.tolist() == [10.0, 10.0]
    assert by_factor.tolist() == [0.0, 0.0]


def test_layer_trains_by_it_at_every_batch_size() -> None:
    class Straight(keras.layers.Layer):  # rounds forward, passes the gradient straight through
        def call(self, inputs: Any) -> Any:
            return custom_gradient(lambda x: (ops.round(x), lambda upstream: upstream))(inputs)

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), Straight()])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = model.get_weights()[0]
    x = np.random.default_rng(0).normal(size=(10, 2)).astype("float32")
    model.fit(x, x + 3.0, batch_size=4, verbose=0)
    assert not np.array_equal(before, model.get_weights()[0])


def test_gradient_of_another_shape_is_refused() -> None:
    @custom_gradient
    def wrong(x: Any) -> Any:
        return x * 2.0, lambda upstream: np.sum(upstream)

    with pytest.raises(
        GradientError,
        match=r"The gradient given for .*wrong \(.*test_custom\.py:\d+\) has to return one array .* shapes \[\(3,\)\], got \[\(\)\]\.",
    ):
        grad(lambda x: np.sum(wrong(x)))(np.ones(3))


def test_function_without_a_gradient_is_refused() -> None:
    with pytest.raises(GradientError, match=r"has to return \(output, gradient\)"):
        custom_gradient(lambda x: x)(np.ones(2))
