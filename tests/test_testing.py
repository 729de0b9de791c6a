"""``check_gradients`` passes what is right, names what is wrong, and leaves corners out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import Input, Model, Sequential, config, layers, ops
from denselite.errors import ArgumentError, GradientMismatchError
from denselite.testing import check_gradients

RNG = np.random.default_rng(11)
X = RNG.normal(size=(6, 4)).astype("float32")


@ops.custom_gradient
def wrong_square(x: Any) -> Any:
    return x * x, lambda upstream: upstream * x


def deep(*more: Any) -> Sequential:
    hidden = [layers.Dense(5, "tanh", kernel_regularizer="l2"), layers.BatchNormalization(), layers.Dropout(0.3)]
    return Sequential([Input((4,)), *hidden, *more, layers.Dense(3, "softmax", name="top")])


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("wrt", ["weights", "inputs"])
def test_compiled_float32_model_passes_and_is_left_as_it_is(wrt: str, training: bool) -> None:
    model = deep()
    model.compile("adam", dl.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    y = np.arange(6) % 3
    model.fit(X, y, verbose=0)
    before = [w.tolist() for w in model.get_weights()]
    report = check_gradients(model, X, y, np.arange(1.0, 7.0), wrt=wrt, training=training)
    assert report.passed, report
    assert len(report.comparisons) == (20 + 5 + 5 + 5 + 15 + 3 if wrt == "weights" else 24)
    assert [w.tolist() for w in model.get_weights()] == before
    assert {w.dtype.name for w in model.get_weights()} == {"float32"}
    assert config.floatx() == "float32"


def test_mixed_precision_is_checked_in_full() -> None:
    model = Sequential([Input((4,)), layers.Dense(3, "gelu", dtype="mixed_float16"), layers.Dense(1)])
    assert check_gradients(model, X).passed


def test_model_that_runs_eagerly_is_checked_as_it_runs() -> None:
    class Bent(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs) * (3.0 if float(np.sum(inputs)) > 0 else 1.0)  # needs values

    model = Bent()
    model.compile("sgd", "mse", run_eagerly=True)
    assert check_gradients(model, X).passed
    assert check_gradients(model, X, np.zeros((6, 2))).passed


def test_model_of_several_parts_needs_no_loss() -> None:
    a, b = Input((4,)), Input((2,), dtype="int32")
    table = layers.Embedding(3, 2, name="table")(b)
    joined = layers.Concatenate()([a, layers.Flatten()(table)])
    model = Model({"a": a, "b": b}, [layers.Dense(2, "sigmoid")(joined), layers.Dense(1)(joined)])
    x = {"a": X, "b": np.arange(12).reshape(6, 2) % 3}
    assert check_gradients(model, x).passed
    assert {c.name for c in check_gradients(model, x, wrt="inputs").comparisons} == {"x['a']"}


def test_wrong_gradient_of_a_layer_is_found_and_named() -> None:
    class Squared(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.right = self.add_weight((4,), "ones", name="right")
            self.wrong = self.add_weight((4,), "ones", name="wrong")

        def call(self, inputs: Any) -> Any:
            return inputs * self.right + wrong_square(self.wrong.value)

    report = check_gradients(Squared(name="s"), X)
    assert not report.passed
    assert {c.name for c in report.failures} == {"checked/s/wrong"}
    assert report.worst.error == pytest.approx(0.5)
    assert len(report.failures) == 4
    with pytest.raises(GradientMismatchError, match=r"The gradients of Squared 's' disagree with differences:\n(.|\n)*wrong\n8 numbers compared, 4 wrong \(tolerance 1e-05\)\.$"):  # fmt: skip
        check_gradients(Squared(name="s"), X, raises=True)


def test_function_of_nested_arrays_gives_every_output_a_weight_of_its_own() -> None:
    def fn(x: Any) -> Any:
        return np.tanh(x["a"] @ x["b"][0]) * x["b"][1]

    x = {"a": RNG.normal(size=(2, 3)), "b": [RNG.normal(size=(3, 2)), np.array(2.0)], "n": np.array([1, 2])}
    report = check_gradients(fn, x)
    assert report.passed
    assert list(dict.fromkeys(c.name for c in report.comparisons)) == ["x['a']", "x['b'][0]", "x['b'][1]"]
    assert not check_gradients(lambda x: wrong_square(x)[::-1], np.array([1.0, 2.0])).passed


def test_second_argument_is_handed_on() -> None:
    assert check_gradients(lambda x, y: np.sum((x - y) ** 2), np.array([1.0, 2.0]), np.array([3, 5])).passed


def test_large_arrays_are_sampled_by_the_seed() -> None:
    def places(**options: Any) -> list[Any]:
        return [c.index for c in check_gradients(np.sin, RNG.normal(size=(20, 20)), **options).comparisons]

    assert len(places(samples=7)) == 7
    assert len(places()) == 50
    assert places(samples=7) == places(samples=7)
    assert places(samples=7) != places(samples=7, seed=1)


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_scale_of_the_function_does_not_matter(size: float) -> None:
    x = RNG.normal(size=5)
    assert check_gradients(lambda x: np.sum(np.sin(x)) * size, x).passed
    assert not check_gradients(lambda x: np.sum(wrong_square(x)) * size, x).passed


def test_corner_is_no_mistake_and_a_mistake_beside_one_is() -> None:
    report = check_gradients(lambda x: np.sum(ops.relu(x) * 3.0), np.array([-1.0, 0.0, 2.0]))
    assert [c.kink for c in report.comparisons] == [False, True, False]
    assert report.passed
    assert str(report).endswith("2 numbers compared, 0 wrong, 1 at kinks left out (tolerance 1e-05).")

    @ops.custom_gradient
    def wrong_relu(x: Any) -> Any:
        return ops.relu(x), lambda upstream: upstream * -1.0

    assert not check_gradients(wrong_relu, np.array([0.0])).passed
    only = check_gradients(ops.relu, np.array([0.0]))
    assert (only.passed, only.worst) == (True, None)


def test_corner_nearby_is_stepped_around() -> None:
    report = check_gradients(ops.relu, np.array([2e-6]))  # nearer than the first step, farther than the smallest
    assert [(c.kink, c.analytic == c.numeric or c.error < 1e-5) for c in report.comparisons] == [(False, True)]


def test_gradient_that_is_no_number_is_wrong() -> None:
    @ops.custom_gradient
    def no_number(x: Any) -> Any:
        return x * 1.0, lambda upstream: upstream * np.nan

    assert check_gradients(no_number, np.array([1.0])).worst.error == np.inf


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.sin, np.array([1, 2])), r"check_gradients\(\): there are no floats to differentiate sin by\."),
        (
            (Sequential([Input((4,)), layers.Dropout(0.1)], name="m"), X),
            r"no floats to differentiate Sequential 'm' by\.",
        ),
    ],
)
def test_nothing_to_differentiate_by_is_said(arguments: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        check_gradients(*arguments)


def test_options_of_models_are_refused_for_functions() -> None:
    with pytest.raises(ArgumentError, match=r"calls a function with x and y; the other options are for models"):
        check_gradients(np.sin, np.ones(2), training=True)
    with pytest.raises(ArgumentError, match=r"expects wrt 'weights' or 'inputs', got 'top'"):
        check_gradients(deep(), X, wrt="top")
