"""Objects of the user's own: saved by name, and given back by who loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite.errors import ArgumentError, FormatError, UncoveredError, UnknownNameError
from denselite.models import load_model, model_from_json

X = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
Y = X[:, :1] * 2


def swoosh(x: Any) -> Any:
    return x * 0.5


def cubic(y_true: Any, y_pred: Any) -> Any:
    return np.mean(np.abs(y_true - y_pred) ** 3, axis=-1)


class Scale(dl.layers.Layer):
    factor: float = 2.0

    def build(self, input_shape: Any) -> None:
        self.weight = self.add_weight((input_shape[-1],), "ones", name="weight")

    def call(self, inputs: Any) -> Any:
        return inputs * self.weight * self.factor


class KerasStyle(dl.layers.Layer):
    def __init__(self, factor: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


class Two(dl.initializers.Initializer):
    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        return np.full(shape, 2.0, dtype)


class Fourth(dl.losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        return np.mean((y_true - y_pred) ** 4, axis=-1)


class Block(dl.layers.Layer):
    """Layers as attributes, in a list, and one under two names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stack = [dl.layers.Dense(3), dl.layers.Dense(3)]
        self.first = self.stack[0]
        self._hidden = dl.layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return self._hidden(self.stack[1](self.first(inputs)))


CUSTOM = {
    "Fourth": Fourth, "KerasStyle": KerasStyle, "Scale": Scale, "Two": Two, "cubic": cubic, "swoosh": swoosh,
}  # fmt: skip


def make() -> Any:
    layers = [
        dl.Input((3,)),
        Scale(3.0, name="s"),
        KerasStyle(0.5, name="k"),
        dl.layers.Dense(2, activation=swoosh, kernel_initializer=Two(), name="h"),
        dl.layers.Dense(1, name="o"),
    ]
    model = dl.Sequential(layers, name="m")
    model.compile("sgd", Fourth(reduction="sum"), metrics=[cubic])
    return model


def test_own_objects_come_back_from_custom_objects(tmp_path: Path) -> None:
    model = make()
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "m.npz")
    loaded = load_model(tmp_path / "m.npz", custom_objects=CUSTOM)
    assert [type(layer) for layer in loaded.layers][:2] == [Scale, KerasStyle]
    assert loaded.layers[0].factor == 3.0
    assert loaded.layers[2].activation is swoosh
    assert type(loaded.layers[2].kernel_initializer) is Two
    assert type(loaded.loss) is Fourth
    assert loaded.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    assert loaded.to_json() == model.to_json()


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (
            "Scale",
            r"'s' \(Scale\) is of a class that is not denselite's own. Pass it when loading: custom_objects={'Scale'",
        ),
        ("KerasStyle", r"Layer 'k' \(KerasStyle\) is of a class"),
        ("swoosh", r"'h' \(Dense\), 'activation' holds the function 'swoosh', which is not denselite's own"),
        ("Two", r"'h' \(Dense\), 'kernel_initializer' holds a Two, which is not denselite's own. Pass it when loading"),
        ("cubic", r"compile\(\), 'metrics' holds the function 'cubic'"),
        ("Fourth", r"compile\(\), 'loss' holds a Fourth"),
    ],
)
def test_what_is_missing_is_named(missing: str, message: str) -> None:
    text = make().to_json()
    with pytest.raises(FormatError, match=message):
        model_from_json(text, {name: value for name, value in CUSTOM.items() if name != missing})


def test_own_class_of_the_name_of_ours_is_not_replaced_by_ours() -> None:
    class Dense(dl.layers.Dense):
        pass

    text = dl.Sequential([dl.Input((2,)), Dense(1, name="d")]).to_json()
    with pytest.raises(FormatError, match=r"Layer 'd' \(Dense\) is of a class that is not denselite's own"):
        model_from_json(text)
    assert type(model_from_json(text, {"Dense": Dense}).layers[0]) is Dense


def test_own_function_of_the_name_of_ours_cannot_be_saved() -> None:
    def mse(y_true: Any, y_pred: Any) -> Any:
        return y_pred

    model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)])
    model.compile("sgd", mse)
    with pytest.raises(
        ArgumentError, match=r"a function 'mse' of your own as loss, and denselite has one of that name"
    ):
        model.to_json()


def test_lambda_has_no_name_to_be_saved_by() -> None:
    model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1, activation=lambda x: x)])
    with pytest.raises(
        ArgumentError, match=r"test_custom_objects.py:\d+ has no name to be saved by. Write a function with def"
    ):
        model.to_json()


def test_functions_of_ours_need_no_custom_objects() -> None:
    model = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1, activation=dl.activations.relu)])
    model.compile("sgd", dl.losses.mean_squared_error, metrics=[dl.metrics.binary_accuracy])
    loaded = model_from_json(model.to_json())
    assert loaded.loss is dl.losses.mean_squared_error
    assert loaded.layers[0].activation is dl.activations.relu
    loaded.set_weights(model.get_weights())
    x, y = X[:, :2], Y
    assert loaded.evaluate(x, y, verbose=0, return_dict=True) == model.evaluate(x, y, verbose=0, return_dict=True)


def test_layer_of_layers_has_its_weights_under_attribute_names(tmp_path: Path) -> None:
    model = dl.Sequential([dl.Input((3,)), Block()])
    model.predict(X, verbose=0)
    model.save(tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as arrays:
        assert sorted(key for key in arrays if key.endswith("/0")) == [
            "layers/block/_hidden/vars/0",
            "layers/block/first/vars/0",
            "layers/block/stack/dense_1/vars/0",
        ]
    loaded = load_model(tmp_path / "m.npz", custom_objects={"Block": Block})
    assert np.array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_class_that_keras_has_and_we_do_not_is_named() -> None:
    text = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)]).to_json().replace('"Dense"', '"LSTM"')
    with pytest.raises(UncoveredError, match=r"layer 'LSTM' exists in Keras and not yet in denselite"):
        model_from_json(text)


def test_class_that_nobody_has_is_named_with_the_nearest() -> None:
    text = dl.Sequential([dl.Input((2,)), dl.layers.Dense(1)]).to_json().replace('"Dense"', '"Dence"')
    with pytest.raises(UnknownNameError, match=r"Unknown layer 'Dence'. Did you mean 'Dense'\?"):
        model_from_json(text)
