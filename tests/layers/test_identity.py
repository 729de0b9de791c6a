from __future__ import annotations

import numpy as np
import pytest

from denselite import Input, Sequential
from denselite.errors import ArgumentError
from denselite.layers import ActivityRegularization, Identity

X = np.array([[1.0, -2.0], [3.0, 0.0]], "float32")


def test_input_is_the_output() -> None:
    for layer in (Identity(), ActivityRegularization(0.1, 0.2)):
        np.testing.assert_array_equal(layer(X), X)
        np.testing.assert_array_equal(layer(X, training=True), X)


def test_activity_has_its_price() -> None:
    model = Sequential([Input((2,)), ActivityRegularization(0.5, 0.25)])
    model.compile("sgd", "mse")
    # (0.5 (1 + 2 + 3) + 0.25 (1 + 4 + 9)) / 2 rows
    assert model.evaluate(X, X, verbose=0) == pytest.approx(3.25)


def test_config_has_the_factors_and_not_the_regularizer_that_follows() -> None:
    layer = ActivityRegularization(0.5, name="a")
    config = layer.get_config()
    assert list(config) == ["name", "trainable", "dtype", "l1", "l2"]
    assert ActivityRegularization.from_config(config).activity_regularizer.l1 == 0.5


def test_penalty_given_twice_is_one_clear_error() -> None:
    with pytest.raises(
        ArgumentError, match=r"^ActivityRegularization 'a' has a penalty of its own, got activity_regu.*L2"
    ):
        ActivityRegularization(0.5, name="a", activity_regularizer="l2")


def test_factor_below_0_is_one_clear_error() -> None:
    with pytest.raises(
        ArgumentError, match=r"^ActivityRegularization\(\) argument 'l2' should be greater than or equal"
    ):
        ActivityRegularization(l2=-1)
