"""``Model``: what it knows of its layers and weights, and how it matches given inputs."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from denselite import Input, Layer, Model, Sequential, layers


@pytest.fixture
def model() -> Model:
    a, b = Input((2,), name="a"), Input((3,), name="b")
    both = layers.Concatenate(name="both")([a, b])
    return Model([a, b], layers.Dense(2, name="out")(layers.Dense(4, "relu", name="hidden")(both)), name="net")


class TestLayers:
    def test_get_layer_finds_by_name_and_index(self, model: Model) -> None:
        assert model.get_layer("hidden") is model.get_layer(index=3)
        assert model.get_layer(index=-1) is model.get_layer("out")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({}, r"'net': get_layer\(\) takes a name or an index, got neither\."),
            ({"name": "out", "index": 0}, "got both"),
            ({"index": 9}, r"'net' has 5 layers, there is none at index 9\."),
            ({"name": "hiden"}, r"'net' has no layer 'hiden'\. Did you mean 'hidden'\? Its layers are: "),
        ],
    )
    def test_get_layer_says_what_there_is(self, model: Model, arguments: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            model.get_layer(**arguments)

    def test_names_and_shapes(self, model: Model) -> None:
        assert model.input_names == ["a", "b"]
        assert model.output_names == ["out"]
        assert model.input_shape == [(None, 2), (None, 3)]
        assert model.output_shape == (None, 2)

    def test_same_name_twice_is_refused(self) -> None:
        inputs = Input((2,))
        with pytest.raises(ValueError, match=r"'net' has more than one layer named 'same'\. Names have to be unique\."):
            Model(inputs, layers.Dense(2, name="same")(layers.Dense(2, name="same")(inputs)), name="net")


class TestWeights:
    def test_count_is_that_of_the_elements(self, model: Model) -> None:
        assert model.count_params() == 5 * 4 + 4 + 4 * 2 + 2

    def test_set_weights_is_what_get_weights_gives(self, model: Model) -> None:
        values = [w + 1 for w in model.get_weights()]
        model.set_weights(values)
        assert all(map(np.array_equal, values, model.get_weights()))

    def test_weights_given_out_are_copies(self, model: Model) -> None:
        model.get_weights()[0][...] = 9
        assert not (model.get_weights()[0] == 9).any()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda w: w[:-1], "got 3 arrays, the layer has 4 weights"),
            (lambda w: [*w[:-1], np.ones(7)], r"out/bias: expected \(2,\), got \(7,\)"),
        ],
    )
    def test_set_weights_sets_all_or_none(self, model: Model, change: Any, message: str) -> None:
        before = model.get_weights()
        with pytest.raises(ValueError, match=message):
            model.set_weights(change([w + 1 for w in before]))
        assert all(map(np.array_equal, before, model.get_weights()))

    def test_freezing_a_model_freezes_its_layers(self, model: Model) -> None:
        model.trainable = False
        assert (model.trainable_weights, len(model.non_trainable_weights)) == ([], 4)
        model.get_layer("out").trainable = True
        model.trainable = True
        assert len(model.trainable_weights) == 4

    def test_frozen_model_inside_another_is_not_trained(self, data: Any) -> None:
        inner = Sequential([Input((8,)), layers.Dense(4)])
        inner.trainable = False
        outer = Sequential([Input((8,)), inner, layers.Dense(3, "softmax")])
        outer.compile("sgd", "sparse_categorical_crossentropy")
        before = inner.get_weights()
        outer.fit(*data, verbose=0)
        assert all(map(np.array_equal, before, inner.get_weights()))
        assert len(outer.trainable_weights) == 2


class TestInputs:
    def test_call_and_predict_agree_on_lists_and_dicts(self, model: Model) -> None:
        a, b = np.ones((3, 2), "float32"), np.full((3, 3), 2.0, "float32")
        found = model.predict([a, b], verbose=0)
        np.testing.assert_allclose(model([a, b]), found, rtol=1e-6)
        np.testing.assert_allclose(model({"b": b, "a": a}), found, rtol=1e-6)
        np.testing.assert_array_equal(model.predict({"b": b, "a": a}, verbose=0), found)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ([np.ones((3, 2))], "'net' expects 2 inputs"),
            ({"a": np.ones((3, 2))}, r"'net' has inputs \['a', 'b'\], .* dict without \['b'\]"),
            ([np.ones((3, 2)), np.ones((3, 9))], r"'net' expects input 'b' of shape \(None, 3\), got"),
        ],
    )
    def test_inputs_that_do_not_fit_are_named(self, model: Model, given: Any, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            model(given)
        with pytest.raises(ValueError, match=message):
            model.predict(given, verbose=0)

    def test_missing_last_axis_of_one_is_added(self) -> None:
        inputs = Input((1,))
        model = Model(inputs, inputs * 2)
        np.testing.assert_array_equal(model.predict(np.ones(3), verbose=0), np.full((3, 1), 2.0))

    def test_output_that_needs_another_input_is_refused(self) -> None:
        a, b = Input((2,)), Input((2,))
        with pytest.raises(
            ValueError, match=r"is needed for the outputs and is not among the inputs\. Add it to inputs=\."
        ):
            Model(a, a + b)


class TestNesting:
    def test_model_of_models_trains_all_of_them(self, data: Any) -> None:
        inner = Sequential([Input((8,)), layers.Dense(4, "relu"), layers.Dense(4)])
        inputs = Input((8,))
        middle = Model(inputs, layers.Add()([inner(inputs), layers.Dense(4)(inputs)]))
        outer = Sequential([Input((8,)), middle, layers.Dense(3, "softmax")])
        outer.compile("adam", "sparse_categorical_crossentropy")
        before = outer.get_weights()
        outer.fit(*data, verbose=0)
        assert len(before) == 8
        assert not any(map(np.array_equal, before, outer.get_weights()))

    def test_attribute_of_a_nested_layer_is_seen(self, data: Any) -> None:
        class Scale(Layer):
            factor = 1.0

            def call(self, inputs: Any) -> Any:
                return inputs * self.factor

        scale = Scale()
        outer = Sequential([Input((8,)), Sequential([Input((8,)), scale])])
        first = outer.predict(data[0], verbose=0)
        scale.factor = 3.0
        np.testing.assert_allclose(outer.predict(data[0], verbose=0), 3 * first, rtol=1e-6)

    def test_copies_and_pickles_train_on_their_own(self, net: Any, data: Any) -> None:
        model = net(optimizer="adam")
        model.fit(*data, verbose=0)
        before = model.get_weights()
        for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301  made here
            np.testing.assert_array_equal(twin.predict(data[0], verbose=0), model.predict(data[0], verbose=0))
            twin.fit(*data, verbose=0)
            assert all(map(np.array_equal, before, model.get_weights()))
            assert not np.array_equal(before[0], twin.get_weights()[0])


def test_summary_goes_where_it_is_told(model: Model) -> None:
    said: list[str] = []
    model.summary(print_fn=said.append)
    assert "hidden" in said[0]
