from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import Input, Model, Sequential, initializers
from denselite.errors import ArgumentError, ShapeError, StateError, UncoveredError
from denselite.layers import Dense, Dropout, Layer
from denselite.models import load_model

X = np.random.default_rng(1).normal(size=(12, 3)).astype("float32")
Y = X[:, :1] - X[:, 1:2]


class Plain(Layer):
    """Dense as Keras' guide writes it: own constructor, own config, plain NumPy."""

    def __init__(self, units: int, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.seed = units, seed

    def build(self, input_shape: Any) -> None:
        self.w = self.add_weight((input_shape[-1], self.units), initializers.GlorotUniform(seed=self.seed), name="w")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

    def call(self, inputs: Any) -> Any:
        return np.tanh(inputs @ self.w + self.b)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "seed": self.seed}


class Block(Layer):
    """Layers as attributes and in a list; behaves differently in training."""

    def __init__(self, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width
        self.hidden = [Dense(width, "tanh"), Dense(width, "tanh")]
        self.drop = Dropout(0.5, seed=1)
        self.out = Dense(1)

    def call(self, inputs: Any, training: bool = False) -> Any:
        for layer in self.hidden:
            inputs = layer(inputs)
        return self.out(self.drop(inputs, training=training))


def builtin(units: int = 4) -> Dense:
    return Dense(units, "tanh", kernel_initializer=initializers.GlorotUniform(seed=0))


def trained(first: Layer, optimizer: str = "adam") -> Model:
    model = Sequential([Input((3,)), first, Dense(1, kernel_initializer="ones", name="top")])
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size=4, epochs=3, shuffle=False, verbose=0)
    return model


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_layer_in_plain_numpy_is_dense_to_the_bit(optimizer: str) -> None:
    ours, theirs = trained(Plain(4), optimizer), trained(builtin(), optimizer)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(ours.predict(X, verbose=0), theirs.predict(X, verbose=0))


def test_layer_with_a_constructor_of_its_own_is_saved_and_loaded(tmp_path: Path) -> None:
    model = trained(Plain(4, name="mine"))
    model.save(tmp_path / "m.json")
    again = load_model(tmp_path / "m.json", custom_objects={"Plain": Plain})
    assert isinstance(again.get_layer("mine"), Plain)
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_config_of_a_layer_without_get_config_is_what_it_was_called_with() -> None:
    config = json.loads(json.dumps(Block(4, name="b", trainable=False).get_config()))
    assert {name: config[name] for name in ("width", "name", "trainable")} == {
        "width": 4,
        "name": "b",
        "trainable": False,
    }
    again = Block.from_config(config)
    assert (again.width, again.name, again.trainable) == (4, "b", False)


def test_sublayers_in_attributes_and_lists_hold_their_weights_in_order_of_assignment() -> None:
    block = Block(2)
    block(X)
    assert [v.shape for v in block.weights] == [(3, 2), (2,), (2, 2), (2,), (2, 1), (1,)]
    assert block.weights[0].path.startswith(f"{block.name}/")
    assert block.count_params() == 6 + 2 + 4 + 2 + 2 + 1


def test_block_of_layers_trains_freezes_and_thaws() -> None:
    block = Block(4)
    model = Sequential([Input((3,)), block])
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, Y, epochs=2, verbose=0)
    assert all(not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    block.trainable = False
    assert not any(layer.trainable for layer in (*block.hidden, block.drop, block.out))
    assert model.trainable_weights == []
    block.hidden[0].trainable = True
    assert block.trainable_weights == []  # a frozen layer freezes what it holds
    block.trainable = True
    assert len(model.trainable_weights) == 6


def test_training_is_false_unless_given_and_reaches_layers_inside() -> None:
    block = Block(64)
    assert np.array_equal(block(X), block(X))
    assert not np.array_equal(block(X, training=True), block(X))


def test_training_flag_of_the_outer_call_reaches_a_layer_that_does_not_pass_it_on() -> None:
    class Wrap(Layer):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.drop = Dropout(0.5, seed=1)

        def call(self, inputs: Any) -> Any:
            return self.drop(inputs)

    wrap = Wrap()
    assert np.array_equal(wrap(X), X)
    assert not np.array_equal(wrap(X, training=True), X)


def test_declared_layer_has_a_signature_and_a_config() -> None:
    class Scale(Layer):
        factor: float
        shift: float = 0.0

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor + self.shift

    assert list(inspect.signature(Scale).parameters)[:2] == ["factor", "shift"]
    assert list(inspect.signature(Scale(1.0)).parameters) == ["args", "kwargs"]
    assert Scale(2.0, 1.0)(X).dtype == np.float32
    assert {"factor": 2.0, "shift": 0.0}.items() <= Scale(2.0).get_config().items()
    with pytest.raises(ArgumentError, match=r"^Scale\(\) argument 'factor' should be a number, got 'two'\.$"):
        Scale("two")  # type: ignore[arg-type]


def test_non_trainable_weight_comes_after_the_trainable_and_is_not_trained() -> None:
    class Counting(Layer):
        def build(self, input_shape: Any) -> None:
            self.seen = self.add_weight((), "zeros", dtype="int64", trainable=False, name="seen")
            self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")

        def call(self, inputs: Any, training: bool = False) -> Any:
            if training:
                self.seen.assign_add(1)
            return inputs * self.scale

    layer = Counting()
    model = trained(layer)
    assert [v.name for v in layer.weights] == ["scale", "seen"]
    assert int(layer.seen) == 9  # three passes of three batches
    assert [v.name for v in model.trainable_weights] == ["scale", "kernel", "bias"]


def test_regularized_weight_adds_to_the_loss() -> None:
    class Penalized(Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight((input_shape[-1], 1), "ones", regularizer=dl.regularizers.L2(0.5), name="w")

        def call(self, inputs: Any) -> Any:
            return inputs @ self.w

    model = Sequential([Input((3,)), Penalized()])
    model.compile("sgd", "mse")
    assert model.evaluate(np.zeros((2, 3)), np.zeros((2, 1)), verbose=0) == pytest.approx(1.5)  # 0.5 · 3 · 1²


def test_activity_regularizer_adds_its_penalty_divided_by_the_batch() -> None:
    layer = Dense(1, kernel_initializer="ones", activity_regularizer=dl.regularizers.L1(0.5))
    model = Sequential([Input((3,)), layer])
    model.compile("sgd", "mse")
    x = np.ones((4, 3), "float32")  # outputs 3: 0.5 · 4 · 3 / 4
    assert model.evaluate(x, np.full((4, 1), 3.0), verbose=0) == pytest.approx(1.5)


def test_names_count_up_by_class() -> None:
    dl.naming.clear_names()
    assert [Dense(1).name, Dense(1).name, Dropout(0.1).name, Plain(1).name] == ["dense", "dense_1", "dropout", "plain"]


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "slash": (lambda: Dense(1, name="a/b"), ArgumentError, r"Dense\(\) has the name 'a/b'; a name cannot be empty or contain"),
    "empty": (lambda: Dense(1, name=""), ArgumentError, r"Dense\(\) has the name ''; a name cannot be empty"),
    "number": (lambda: Dense(1, name=5), ArgumentError, r"argument 'name' should be a string or None, got 5"),
    "slash in a custom layer": (lambda: Plain(1, name="a/b"), ArgumentError, r"Plain\(\) has the name 'a/b'"),
    "unknown in a custom layer": (lambda: Plain(1, nmae="a"), ArgumentError, r"'nmae' \(Did you mean 'name'\?\)"),
    "old input_shape": (lambda: Dense(1, input_shape=(3,)), ArgumentError, r"'input_shape' \(Put Input\(shape\) before"),
    "Keras' option": (lambda: Dense(1, lora_rank=2), ArgumentError, r"'lora_rank' \(It exists in Keras and not in dens"),
    "Keras' option in a config": (
        lambda: Dense.from_config({"name": "d", "units": 1, "lora_rank": 2}),
        UncoveredError,
        r"^Dense 'd': option 'lora_rank' exists in Keras and not in denselite, got 2\.$",
    ),
    "config of another kind": (lambda: Dense.from_config(3), ArgumentError, r"^Dense\.from_config\(\) takes a dict"),
    "no call": (lambda: Layer(name="l")(X), NotImplementedError, r"^Layer 'l' has no call\(\)\. Write what it computes"),
    "no output yet": (lambda: Dense(1, name="d").output, StateError, r"^Dense 'd' has no output yet: it was not called on"),
    "not built": (lambda: Dense(1, name="d").count_params(), StateError, r"^Dense 'd' is not built yet, .* Call it once"),
    "constraint": (lambda: Dense(1).add_weight((1,), constraint=5), ArgumentError, r"^A constraint is a name, .* got 5\.$"),
    "no list": (lambda: Dense(1).set_weights(5), ArgumentError, r"set_weights\(\) takes a list of arrays, as get_weigh"),
    "ragged set": (lambda: Sequential([Input((3,)), Dense(1)]).set_weights([[[1.0], [2.0, 3.0]], [0.0]]), ShapeError, "got what is no array: "),
    "unbuilt set": (lambda: Dense(1).set_weights([X]), ShapeError, r"got 1 arrays, the layer has 0 weights since it is not"),
    "dtype": (lambda: Dense(1, dtype="float31"), TypeError, r"^Dense\(\) argument 'dtype': 'float31' is not a dtype policy\. Did you mean"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()


def test_call_that_returns_none_is_an_error_that_says_so() -> None:
    class Forgetful(Layer):
        def call(self, inputs: Any) -> Any:
            inputs * 2

    message = r"^Forgetful 'f': call\(\) \(.*test_layer\.py:\d+\) returned None\. Return the output\.$"
    with pytest.raises(StateError, match=message):
        Forgetful(name="f")(X)
    with pytest.raises(StateError, match=message):
        Sequential([Input((3,)), Forgetful(name="f")])


def test_set_weights_lists_all_that_differs_and_sets_nothing() -> None:
    layer = Dense(2, name="d")
    layer(X)
    kept = layer.get_weights()
    with pytest.raises(
        ShapeError, match=r"d/kernel: expected \(3, 2\), got \(2,\); d/bias: expected \(2,\), got \(3,\)"
    ):
        layer.set_weights([np.zeros(2), np.zeros(3)])
    np.testing.assert_array_equal(layer.get_weights()[0], kept[0])


def test_build_that_fails_leaves_the_layer_unbuilt_and_usable() -> None:
    layer = Dense(2)
    with pytest.raises(ShapeError):
        layer(np.zeros(3))
    assert (layer.built, layer.weights) == (False, [])
    assert layer(X).shape == (12, 2)


def test_layer_defined_in_a_function_can_be_called_before_and_after_it_is_declared() -> None:
    layer = Plain(2)
    eager = layer(X)
    model = Model(symbol := Input((3,)), layer(symbol))
    np.testing.assert_array_equal(model.predict(X, batch_size=12, verbose=0), eager)
    assert layer.output.shape == (None, 2)
    assert layer.input is symbol


def test_input_of_a_call_is_the_tensor_it_read_or_a_list_of_several() -> None:
    a, b = Input((2,)), Input((2,))
    product = (a * b).history[0]
    assert [symbol.name for symbol in product.input] == [a.name, b.name]
    assert (a * 2.0).history[0].input is a
    assert a.history[0].input == []


class Closed(Layer):
    def __init__(self) -> None:
        super().__init__()

    def call(self, inputs: Any) -> Any:
        return inputs


def test_layer_whose_constructor_takes_no_name_says_how_to_take_it() -> None:
    with pytest.raises(
        ArgumentError, match=r"^Closed cannot be made from its config: .* Let its __init__ take \*\*kwargs"
    ):
        Closed.from_config(Closed().get_config())


class Broken(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs @ np.ones((5, 2), "float32")


def test_error_inside_call_is_noted_with_the_layer() -> None:
    with pytest.raises(ValueError, match="matmul") as caught:
        Broken(name="b")(np.ones((1, 4), "float32"))
    line, layer = caught.value.__notes__
    assert line.startswith(f"It was raised by {__file__}:")
    assert line.endswith('return inputs @ np.ones((5, 2), "float32")')
    assert layer == "This happened in Broken 'b', in its call()."


def test_layer_on_integers_computes_in_its_own_dtype() -> None:
    class Scale(Layer):
        def build(self, input_shape: Any) -> None:
            self.factor = self.add_weight(shape=(2,), initializer="ones", name="factor")

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor

    assert Scale()(np.array([[1, 2]])).dtype == np.float32


@pytest.mark.parametrize("loss", ["much", np.ones(3), None], ids=repr)
def test_loss_that_is_no_number_is_refused(loss: Any) -> None:
    class Adding(Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss([loss] if loss is not None else [5])
            return inputs

    with pytest.raises(ArgumentError, match=r"^Adding 'a': add_loss\(\) takes a number that follows from the inputs"):
        Adding(name="a")(X)


def test_weight_that_would_take_its_gradient_is_refused() -> None:
    with pytest.raises(UncoveredError, match=r"^Layer 'l': overwrite_with_gradient=True exists in Keras"):
        Layer(name="l").add_weight((2,), overwrite_with_gradient=True)


def test_config_holds_autocast_where_it_is_off() -> None:
    assert "autocast" not in Dense(2).get_config()
    assert Dense.from_config(Dense(2, autocast=False).get_config()).autocast is False


def test_stateless_call_needs_a_value_for_each_weight_of_a_built_layer() -> None:
    layer = Dense(2, name="d")
    with pytest.raises(StateError, match=r"^Dense 'd': stateless_call\(\) needs a layer that is built"):
        layer.stateless_call([], [], X)
    layer.build((None, 3))
    with pytest.raises(ShapeError, match="expects 2 trainable and 0 other values, got 1 and 0"):
        layer.stateless_call([np.ones((3, 2))], [], X)
    before = layer.get_weights()
    with pytest.raises(ShapeError):
        layer.stateless_call([np.ones((3, 2)), np.ones(5)], [], X)
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])


def test_stateless_call_is_differentiable_by_the_weights() -> None:
    layer = Dense(1, use_bias=False)
    layer.build((None, 3))
    gradient = dl.grad(lambda kernel: np.sum(layer.stateless_call([kernel], [], X)[0]))(np.zeros((3, 1), "float32"))
    np.testing.assert_allclose(gradient[:, 0], X.sum(axis=0), rtol=1e-5)
