"""``compute_gradients``: the oracle is a step of SGD at rate 1, which subtracts the gradient from the weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import Input, Model, Sequential, layers
from denselite.errors import ArgumentError, DTypeError, StateError, UnknownNameError

RNG = np.random.default_rng(3)
X = RNG.normal(size=(5, 4)).astype("float32")
Y = RNG.normal(size=(5, 2)).astype("float32")


def compiled(*hidden: Any, **arguments: Any) -> Sequential:
    model = Sequential([Input((4,)), *hidden, layers.Dense(2, name="top")], name="m")
    model.compile(**{"optimizer": dl.optimizers.SGD(1.0), "loss": "mse", **arguments})
    return model


def descent(model: Any, *data: Any) -> list[Any]:
    """What a training step at rate 1 subtracts from the trainable weights."""
    variables = model.trainable_weights
    before = [v.numpy() for v in variables]
    model.train_on_batch(*data)
    return [a - v.numpy() for a, v in zip(before, variables, strict=True)]


def state(model: Any) -> list[Any]:
    optimizer = [v.numpy().tolist() for v in model.optimizer.variables]
    return [w.tolist() for w in model.get_weights()] + [optimizer, int(model._step_count), model.metrics_names]


@pytest.mark.parametrize(
    "hidden",
    [
        [layers.Dense(3, "tanh")],
        [layers.Dense(3, kernel_regularizer="l2"), layers.Dense(3, activity_regularizer="l1")],
        [layers.Dense(3), layers.BatchNormalization(), layers.Dropout(0.5)],
        [layers.Dense(3, trainable=False)],
    ],
    ids=["plain", "penalties", "training", "frozen"],
)
def test_gradient_by_weights_is_what_a_step_of_training_subtracts(hidden: Any) -> None:
    model = compiled(*hidden)
    found = model.compute_gradients(X, Y, training=True)
    assert [g.dtype for g in found] == ["float32"] * len(model.trainable_weights)
    for g, moved in zip(found, descent(model, X, Y), strict=True):
        np.testing.assert_allclose(g, moved, rtol=1e-4, atol=1e-6)  # the difference of two rounded weights


def test_sample_weights_weigh_the_rows() -> None:
    model = compiled()
    weights = np.array([1.0, 0.0, 2.0, 0.5, 3.0])
    found = model.compute_gradients(X, Y, weights)
    for g, moved in zip(found, descent(model, X, Y, weights), strict=True):
        np.testing.assert_allclose(g, moved, rtol=1e-4, atol=1e-6)


def test_nothing_in_the_model_changes() -> None:
    model = compiled(layers.BatchNormalization(), layers.Dropout(0.5), metrics=["mae"], optimizer="adam")
    fresh = state(model)
    model.compute_gradients(X, Y, training=True)
    assert state(model) == fresh  # the metrics are not settled either
    model.train_on_batch(X, Y)
    logs, before = model.evaluate(X, Y, verbose=0), state(model)
    found = model.compute_gradients(X, Y, training=True)
    assert (state(model), model.evaluate(X, Y, verbose=0)) == (before, logs)
    assert all(np.array_equal(a, b) for a, b in zip(found, model.compute_gradients(X, Y, training=True), strict=True))


def test_gradient_does_not_change_what_fit_draws() -> None:
    results = []
    for looks in (False, True):
        dl.utils.set_random_seed(1)
        model = compiled(layers.Dropout(0.5))
        if looks:
            model.compute_gradients(X, Y, training=True)
        model.fit(X, Y, epochs=2, verbose=0)
        results.append(model.get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(*results, strict=True))


def test_program_is_kept_and_follows_the_weights_and_what_is_trainable() -> None:
    model = compiled(layers.Dense(3, name="h"))
    first = model.compute_gradients(X, Y)
    model.set_weights([2 * w for w in model.get_weights()])
    assert not np.allclose(first[0], model.compute_gradients(X, Y)[0])
    assert len(model.compute_gradients(X[:2], Y[:2])) == 4
    model.get_layer("h").trainable = False
    assert len(model.compute_gradients(X, Y)) == 2
    model.trainable = False
    assert model.compute_gradients(X, Y) == []


def test_saliency_is_the_gradient_of_each_rows_largest_output() -> None:
    model = Sequential([Input((4,)), layers.Dense(3, use_bias=False)])
    kernel = model.get_weights()[0]
    largest = model.predict(X, verbose=0).argmax(axis=1)
    np.testing.assert_allclose(model.compute_gradients(X, wrt="inputs"), kernel[:, largest].T)


def test_inputs_are_nested_as_given_and_integers_have_none() -> None:
    ids, numbers = Input((3,), dtype="int32", name="ids"), Input((2,), name="numbers")
    embedded = layers.Flatten()(layers.Embedding(5, 2, name="table")(ids))
    model = Model(
        {"ids": ids, "numbers": numbers}, layers.Dense(1, name="top")(layers.Concatenate()([embedded, numbers]))
    )
    x = {"ids": np.array([[0, 1, 4]]), "numbers": np.array([[1.0, 2.0]])}
    found = model.compute_gradients(x, wrt="inputs")
    assert found["ids"] is None
    np.testing.assert_allclose(found["numbers"], model.get_layer("top").get_weights()[0][6:].T)
    np.testing.assert_allclose(
        model.compute_gradients(x, wrt="table"), model.get_layer("top").get_weights()[0][:6].reshape(1, 3, 2)
    )


def test_gradient_by_a_layers_output_is_only_that_which_flows_through_it() -> None:
    x = Input((4,))
    kept = layers.Dropout(0.5, name="kept")(x)  # hands its input on: x has another reader
    model = Model(x, 3.0 * kept + 10.0 * x)
    expected = np.zeros_like(X)
    rows = np.arange(5)
    expected[rows, X.argmax(axis=1)] = 1.0
    np.testing.assert_allclose(model.compute_gradients(X, wrt="kept"), 3.0 * expected)
    np.testing.assert_allclose(model.compute_gradients(X, wrt="inputs"), 13.0 * expected)


def test_shared_layer_has_a_gradient_for_each_call_and_an_operation_has_a_name() -> None:
    a, b = Input((2,)), Input((2,))
    shared = layers.Dense(1, use_bias=False, name="shared")
    model = Model([a, b], dl.ops.multiply(shared(a), shared(b)))
    x = [np.array([[1.0, 2.0]]), np.array([[3.0, 5.0]])]
    u, v = (float((part @ shared.get_weights()[0])[0, 0]) for part in x)
    first, second = model.compute_gradients(x, wrt="shared")
    assert [first.item(), second.item()] == pytest.approx([v, u], rel=1e-6)
    assert model.compute_gradients(x, wrt=model.layers[-1].name).item() == 1.0


def test_layers_inside_layers_are_found_by_their_path() -> None:
    inner = Sequential([Input((4,)), layers.Dense(3, name="d")], name="inner")
    model = Sequential([Input((4,)), inner, layers.Dense(1, use_bias=False, name="top")])
    np.testing.assert_allclose(
        model.compute_gradients(X, wrt="inner/d"), np.repeat(model.get_layer("top").get_weights()[0].T, 5, axis=0)
    )


def test_several_outputs_add_up() -> None:
    x = Input((2,))
    model = Model(x, {"a": 2.0 * x, "b": 5.0 * x})
    assert model.compute_gradients(np.array([[1.0, 3.0]]), wrt="inputs").tolist() == [[0.0, 7.0]]


def test_rows_need_not_be_linear_in_the_batch() -> None:
    class Rolled(layers.Layer):
        def call(self, inputs: Any) -> Any:
            return inputs * float(inputs.shape[0] ** 2)

    model = Sequential([Input((2,)), Rolled()])
    model.compile(loss="mse", metrics=["accuracy"])
    assert model.compute_gradients(np.array([[1.0, 3.0]] * 3), wrt="inputs").tolist() == [[0.0, 9.0]] * 3
    model.compute_gradients(np.array([[1.0, 3.0]]), [[0.0, 0.0]])
    assert model.metrics_names == ["loss"]


def test_model_that_runs_eagerly_is_differentiated_as_it_runs() -> None:
    class Bent(Model):
        def call(self, inputs: Any) -> Any:
            return inputs * 3.0 if float(np.sum(inputs)) > 0 else inputs  # needs values

    model = Bent()
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=True)
    assert model.compute_gradients(np.array([[1.0, 2.0]]), [[0.0, 0.0]], wrt="inputs").tolist() == [[9.0, 18.0]]
    assert model.metrics_names == ["loss"]


def test_mixed_precision_gradients_are_those_of_the_weights_dtype() -> None:
    model = Sequential([Input((4,)), layers.Dense(2, dtype="mixed_float16")])
    model.compile("sgd", "mse")
    assert [g.dtype for g in model.compute_gradients(X, Y)] == ["float32", "float32"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"wrt": "tpo"}, UnknownNameError, r"Sequential 'm': compute_gradients\(\) expects wrt 'weights', 'inputs' or the name of a layer, got 'tpo'\. Did you mean 'top'\? The layers are: h, top\."),
        ({"wrt": "input"}, UnknownNameError, r"Did you mean 'inputs'\?"),
        ({"sample_weight": np.ones(5)}, ArgumentError, r"got sample_weight without y, and there is no loss to weigh\. Give y too\."),
        ({"with_respect_to": "h"}, ArgumentError, r"does not take an argument 'with_respect_to'"),
        ({"x": iter([X])}, ArgumentError, r"expects the rows of one batch as arrays"),
    ],
)  # fmt: skip
def test_mistakes_are_named(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        compiled(layers.Dense(3, name="h")).compute_gradients(**{"x": X, **arguments})


def test_loss_needs_a_compiled_model() -> None:
    with pytest.raises(StateError, match=r"is not compiled"):
        Sequential([Input((4,)), layers.Dense(2)]).compute_gradients(X, Y)


def test_integers_alone_cannot_be_differentiated_by() -> None:
    model = Sequential([Input((3,), dtype="int32"), layers.Embedding(5, 2, name="table")])
    with pytest.raises(
        DTypeError, match=r"cannot differentiate by 'inputs', which holds no floats\. Give wrt the name"
    ):
        model.compute_gradients(np.zeros((1, 3)), wrt="inputs")


def test_layer_that_is_not_called_is_named() -> None:
    class Spare(layers.Layer):
        def __init__(self) -> None:
            super().__init__(name="outer")
            self.used, self.unused = layers.Dense(2, name="used"), layers.Dense(2, name="unused")

        def call(self, inputs: Any) -> Any:
            return self.used(inputs)

    model = Sequential([Input((4,)), Spare()], name="m")
    assert model.compute_gradients(X, wrt="outer/used").shape == (5, 2)
    with pytest.raises(StateError, match=r"Sequential 'm' does not call layer 'outer/unused' when it is called"):
        model.compute_gradients(X, wrt="outer/unused")
