from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers
from denselite.errors import ArgumentError, ShapeError, UncoveredError
from denselite.layers import BatchNormalization

X = np.array([[1.0, 10.0], [3.0, 30.0]])  # means 2 and 20, variances 1 and 100


def state(layer: Any) -> list[Any]:
    return [weight.tolist() for weight in layer.get_weights()]


def test_training_uses_the_batch_and_moves_the_statistics_towards_it() -> None:
    layer = BatchNormalization(momentum=0.75, epsilon=0.0, dtype="float64")
    np.testing.assert_array_equal(layer(X, training=True), [[-1.0, -1.0], [1.0, 1.0]])
    # moving mean 0.75 · 0 + 0.25 · (2, 20), moving variance 0.75 · 1 + 0.25 · (1, 100)
    assert state(layer) == [[1.0, 1.0], [0.0, 0.0], [0.5, 5.0], [1.0, 25.75]]


def test_inference_uses_the_moving_statistics_and_leaves_them() -> None:
    layer = BatchNormalization(epsilon=1.0, dtype="float64")
    layer.build((None, 2))
    layer.set_weights([[2.0, 1.0], [0.5, 0.0], [1.0, 10.0], [3.0, 99.0]])
    # 2 · (1 - 1) / sqrt(3 + 1) + 0.5, (10 - 10) / 10; 2 · (3 - 1) / 2 + 0.5, (30 - 10) / 10
    np.testing.assert_allclose(layer(X), [[0.5, 0.0], [2.5, 2.0]], rtol=1e-15)
    assert state(layer) == [[2.0, 1.0], [0.5, 0.0], [1.0, 10.0], [3.0, 99.0]]


def test_frozen_layer_is_in_inference_mode_even_in_training() -> None:
    layer = BatchNormalization(epsilon=0.0, trainable=False, dtype="float64")
    np.testing.assert_array_equal(layer(X, training=True), X)
    assert state(layer)[2:] == [[0.0, 0.0], [1.0, 1.0]]
    assert (len(layer.trainable_weights), len(layer.non_trainable_weights)) == (0, 4)


def test_mask_takes_rows_out_of_the_statistics_but_normalizes_them() -> None:
    layer = BatchNormalization(momentum=0.0, epsilon=0.0, dtype="float64")
    x = np.array([[[1.0], [3.0], [100.0]]])
    out = layer(x, training=True, mask=np.array([[True, True, False]]))
    # Keras adds 1e-7 to the count of entries: mean 4 / (2 + 1e-7), variance 2 / (2 + 1e-7)
    np.testing.assert_allclose(out, [[[-1.0], [1.0], [98.0]]], rtol=1e-6)
    np.testing.assert_allclose(state(layer)[2:], [[2.0], [1.0]], rtol=1e-7)


def test_statistics_are_committed_once_a_step_and_not_by_evaluate_or_predict() -> None:
    model = Sequential([Input((2,)), BatchNormalization(momentum=0.5)])
    model.compile("sgd", "mse")
    model.evaluate(X, X, verbose=0)
    model.predict(X, verbose=0)
    assert state(model)[2] == [0.0, 0.0]
    model.train_on_batch(X, X)
    assert state(model)[2] == [1.0, 10.0]


def test_layer_called_twice_in_a_step_moves_twice() -> None:
    layer = BatchNormalization(momentum=0.5, epsilon=0.0, center=False, scale=False, name="norm")
    x = Input((2,))
    model = Model(x, layers.Dense(1)(layers.Concatenate()([layer(x), layer(x)])))
    model.compile("sgd", "mse")
    model.train_on_batch(X, np.zeros((2, 1)))
    assert state(layer)[0] == [1.5, 15.0]  # 0.5 · (0.5 · 0 + 0.5 · 2) + 0.5 · 2


def test_call_declared_with_training_false_is_in_inference_mode_in_fit() -> None:
    """Documented so in Keras; Keras 3.15 itself lets the mode of the model win."""
    layer = BatchNormalization()
    x = Input((2,))
    model = Model(x, layers.Dense(1)(layer(x, training=False)))
    model.compile("sgd", "mse")
    model.train_on_batch(X, np.zeros((2, 1)))
    assert state(layer)[2] == [0.0, 0.0]
    assert state(layer)[0] != [1.0, 1.0]  # its own weights are trained


def test_freezing_after_a_step_takes_effect_in_the_next() -> None:
    layer = BatchNormalization(momentum=0.5)
    model = Sequential([Input((2,)), layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    model.train_on_batch(X, np.zeros((2, 1)))
    layer.trainable = False
    before = state(layer)
    model.train_on_batch(X, np.zeros((2, 1)))
    assert state(layer) == before


def test_large_mean_costs_no_digits() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(64, 3)).astype("float32") + np.float32(4096.0)
    out = BatchNormalization(epsilon=0.0)(x, training=True)
    exact = x.astype("float64")
    # float32 holds 4096 to 2.4e-4: the mean is off by half of that at most
    np.testing.assert_allclose(out, (exact - exact.mean(0)) / exact.std(0), atol=2e-4)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: BatchNormalization(momentum=2.0), ArgumentError, r"'momentum' should be less than or equal to 1, got 2\.0"),
        (lambda: BatchNormalization(epsilon=-1.0), ArgumentError, r"'epsilon' should be greater than or equal to 0, got -1"),
        (lambda: BatchNormalization(axis=[1, 2]), ArgumentError, r"'axis' should be an integer, got \[1, 2\]"),  # type: ignore[arg-type]
        (lambda: BatchNormalization(renorm=True, name="n"), UncoveredError, r"^BatchNormalization 'n': renorm=True exists in"),
        (lambda: BatchNormalization(synchronized=True, name="n"), UncoveredError, r"^BatchNormalization 'n': synchronized=True"),
        (lambda: BatchNormalization(axis=2, name="n").build((None, 4)), ShapeError,
         r"^BatchNormalization 'n' normalizes with axis=2, which input shape \(None, 4\) does not have\.$"),
        (lambda: BatchNormalization(axis=0, name="n").build((None, 4)), ShapeError,
         r"^BatchNormalization 'n' has weights along axis=0 and needs a known size there, got input shape \(None, 4\)\.$"),
        (lambda: BatchNormalization(name="n")(X, mask=np.ones((2, 2), bool)), ShapeError,
         r"^BatchNormalization 'n' expects a mask of all axes but the last of input shape \(2, 2\), got mask shape \(2, 2\)"),
    ],
)  # fmt: skip
def test_wrong_argument_or_shape_is_an_error_that_names_it(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_other_number_of_features_is_an_error_that_tells_both() -> None:
    layer = BatchNormalization(name="n")
    layer.build((None, 3))
    with pytest.raises(
        ShapeError, match=r"^BatchNormalization 'n' expects 3 along axis=1, got input shape \(2, 2\)\.$"
    ):
        layer(X)


def test_training_step_takes_few_calls() -> None:
    def calls(*inner: Any) -> int:
        model = Sequential([Input((3,)), layers.Dense(2), *inner, layers.Dense(1)])
        model.compile("sgd", "mse")
        return sum(model.listing(np.zeros((4, 3), "float32"), np.zeros((4, 1), "float32")).totals.calls)

    # forward: 2 for each statistic, 2 for deviations, 3 + 1 for the factor, 2 to apply, 2 · 3 to follow; backward: 11
    assert calls(BatchNormalization()) - calls() == 29
