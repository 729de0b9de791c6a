"""``Sequential``: built at once or later, added to and taken from; what fails changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Layer, Sequential, layers
from denselite.layers import Dense, Reshape


def test_layer_that_does_not_fit_is_not_added() -> None:
    model = Sequential([Input((4,)), Dense(6)])
    with pytest.raises(ValueError, match=r"Reshape"):
        model.add(Reshape((5,)))
    assert [type(layer).__name__ for layer in model.layers] == ["Dense"]
    model.add(Reshape((2, 3)))
    assert model.output_shape == (None, 2, 3)


def test_failed_build_can_be_tried_again_with_another_shape() -> None:
    model = Sequential([Reshape((2, 3)), Dense(1)])
    with pytest.raises(ValueError, match="Reshape"):
        model.build((None, 5))
    assert not model.built
    model.build((None, 6))
    assert model.output_shape == (None, 2, 1)


@pytest.mark.parametrize(
    ("add", "message"),
    [
        (Dense, r"'net' holds layers, got <class .*Dense'>\. Write Dense\(\.\.\.\), not Dense\."),
        (3, r"'net' holds layers, got 3\."),
        (Dense(1, name="first"), r"'net' has a layer named 'first' already\. Names have to be unique\."),
        (Input((4,)), r"'net': an Input has to be the first layer"),
    ],
)
def test_what_is_no_new_layer_is_refused(add: Any, message: str) -> None:
    model = Sequential([Input((4,)), Dense(2, name="first")], name="net")
    with pytest.raises(ValueError, match=message):
        model.add(add)
    assert model.predict(np.ones((1, 4)), verbose=0).shape == (1, 2)


def test_layer_with_several_outputs_is_refused() -> None:
    class Halves(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs[:, :2], inputs[:, 2:]

    with pytest.raises(ValueError, match=r"has several outputs\. Use Model\(inputs, outputs\)\."):
        Sequential([Input((4,)), Halves()])


def test_pop_takes_the_last_layer_and_add_goes_on() -> None:
    model = Sequential([Input((4,)), Dense(3), Dense(2)])
    kernel = model.layers[0].get_weights()[0]
    assert model.pop().units == 2
    assert (model.output_shape, len(model.weights)) == ((None, 3), 2)
    model.add(Dense(5))
    assert model.output_shape == (None, 5)
    np.testing.assert_array_equal(model.get_weights()[0], kernel)


def test_last_layer_may_be_popped_and_another_added() -> None:
    model = Sequential([Input((4,)), Dense(3)])
    model.pop()
    assert (model.layers, model.built, model.weights) == ([], False, [])
    model.add(Dense(2))
    assert model.predict(np.ones((1, 4)), verbose=0).shape == (1, 2)


def test_added_layer_is_trained_by_the_next_fit(data: Any) -> None:
    model = Sequential([Input((8,)), Dense(4, "relu")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.add(Dense(3, "softmax"))
    model.fit(*data, verbose=0)
    before = model.get_weights()
    model.pop()
    model.add(Dense(3, "softmax"))
    model.fit(*data, verbose=0)
    assert not np.array_equal(before[0], model.get_weights()[0])


@pytest.mark.parametrize("model", [Sequential(name="net"), Sequential([Input((4,))], name="net")])
def test_model_without_layers_says_so(model: Sequential) -> None:
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"Sequential 'net' has no layers\. Add one\."):
        model.fit(np.ones((2, 4)), np.ones(2), verbose=0)
    with pytest.raises(ValueError, match="has no layer to pop"):
        model.pop()


def test_unbuilt_model_says_what_it_needs() -> None:
    model = Sequential([Dense(2)], name="net")
    with pytest.raises(ValueError, match=r"'net' needs an input shape to be built: build\(\(None, 784\)\)"):
        model.build()
    assert (model.inputs, model.outputs, model.get_weights()) == ([], [], [])


def test_shared_layer_in_two_models_is_one_layer(data: Any) -> None:
    shared = layers.Dense(3, "softmax")
    first, second = Sequential([Input((8,)), shared]), Sequential([Input((8,)), layers.Dropout(0.5), shared])
    for model in (first, second):
        model.compile("sgd", "sparse_categorical_crossentropy")
    for _ in range(3):
        before = shared.get_weights()[0]
        first.fit(*data, verbose=0)
        between = shared.get_weights()[0]
        second.fit(*data, verbose=0)
        assert not np.array_equal(before, between)
        assert not np.array_equal(between, shared.get_weights()[0])
        np.testing.assert_array_equal(first.predict(data[0], verbose=0), second.predict(data[0], verbose=0))


def test_layers_added_one_by_one_are_connected_when_somebody_asks() -> None:
    model = Sequential([Input((4,))])
    for k in range(3):
        model.add(Dense(2, name=f"dense_{k}"))
    assert "_graph" not in vars(model)  # else n layers would take n² steps to add
    assert [node.operation.name for node in model._graph.nodes] == ["dense_0", "dense_1", "dense_2"]
    model.add(Dense(3))
    assert (model.output_shape, len(model._graph.nodes)) == ((None, 3), 4)


def test_model_that_is_not_built_has_no_graph() -> None:
    with pytest.raises(AttributeError, match="is not built, so it has no graph"):
        _ = Sequential([Dense(2)])._graph


@pytest.mark.parametrize("given", [{"shape": (4,), "batch_size": 3}, {"batch_shape": (3, 4)}])
def test_batch_size_of_an_input_binds_nobody(given: dict[str, Any]) -> None:
    model = Sequential([Input(**given), layers.Dense(2)])
    assert model.input_shape == (3, 4)
    x = np.ones((8, 4), "float32")
    model.compile("sgd", "mse")
    model.fit(x, np.ones((8, 2)), batch_size=3, verbose=0)
    for rows in (3, 2, 8):
        np.testing.assert_allclose(model.predict(x[:rows], verbose=0), model(x[:rows]), rtol=1e-6)
