"""Models as configs: Keras' JSON, and back. What Keras itself makes of it is in tests/parity."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite.errors import ArgumentError, FormatError, UncoveredError
from denselite.models import model_from_json
from denselite.naming import clear_names

POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}
X = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)


def tensor(layer: str, call: int = 0, output: int = 0, size: int = 4) -> dict[str, Any]:
    config = {"shape": [None, size], "dtype": "float32", "keras_history": [layer, call, output]}
    return {"class_name": "__keras_tensor__", "config": config}


def test_small_model_is_this_json() -> None:
    model = dl.Sequential(
        [dl.Input((4,), name="i"), dl.layers.Dropout(0.5, name="d"), dl.layers.Flatten(name="f")], name="m"
    )
    assert json.loads(model.to_json()) == {
        "module": "keras",
        "class_name": "Sequential",
        "config": {
            "name": "m",
            "trainable": True,
            "dtype": POLICY,
            "layers": [
                {
                    "module": "keras.layers",
                    "class_name": "InputLayer",
                    "config": {
                        "batch_shape": [None, 4], "dtype": "float32", "sparse": False, "ragged": False, "name": "i",
                        "optional": False,
                    },
                    "registered_name": None,
                },
                {
                    "module": "keras.layers",
                    "class_name": "Dropout",
                    "config": {
                        "name": "d", "trainable": True, "dtype": POLICY, "rate": 0.5, "noise_shape": None, "seed": None,
                    },
                    "registered_name": None,
                },
                {
                    "module": "keras.layers",
                    "class_name": "Flatten",
                    "config": {"name": "f", "trainable": True, "dtype": POLICY, "data_format": "channels_last"},
                    "registered_name": None,
                    "build_config": {"input_shape": [None, 4]},
                },
            ],
            "build_input_shape": [None, 4],
        },
        "registered_name": None,
        "build_config": {"input_shape": [None, 4]},
        "compile_config": {},
    }  # fmt: skip


def test_calls_of_ops_are_written_as_keras_ops() -> None:
    clear_names()
    x = dl.Input((4,), name="x")
    model = dl.Model(x, dl.ops.sum((2.0 * x)[:, 1:3], axis=-1), name="m")
    config = model.get_config()
    assert [
        (spec["module"], spec["class_name"], spec["config"], spec["inbound_nodes"]) for spec in config["layers"][1:]
    ] == [
        (
            "keras.src.ops.numpy",
            "Multiply",
            {"name": "multiply"},
            [{"args": [2.0, tensor("x")], "kwargs": {}}],
        ),
        (
            "keras.src.ops.numpy",
            "GetItem",
            {"name": "get_item"},
            [
                {
                    "args": [
                        tensor("multiply"),
                        [
                            {"class_name": "__slice__", "config": {"start": None, "stop": None, "step": None}},
                            {"class_name": "__slice__", "config": {"start": 1, "stop": 3, "step": None}},
                        ],
                    ],
                    "kwargs": {},
                }
            ],
        ),
        (
            "keras.src.ops.numpy",
            "Sum",
            {"name": "sum", "axis": -1, "keepdims": False},
            [{"args": [tensor("get_item", size=2)], "kwargs": {}}],
        ),
    ]


def shared() -> Any:
    a, b = dl.Input((4,), name="a"), dl.Input((4,), name="b")
    layer = dl.layers.Dense(4, "tanh", name="s")
    return dl.Model([a, b], layer(layer(a) + layer(b)), name="m")


def nested() -> Any:
    i = dl.Input((4,), name="i")
    inner = dl.Model(i, [dl.layers.Dense(3, name="d")(i), i], name="inner")
    queue = dl.Sequential([dl.Input((3,)), dl.layers.Dense(2)], name="queue")
    x = dl.Input((4,), name="x")
    inner(x)  # a call outside the model: its calls are counted anew inside
    first, second = inner(x * 2.0)
    return dl.Model(x, {"deep": inner(second)[0], "flat": [queue(first)]}, name="m")


def options() -> Any:
    x = dl.Input((4,), name="x")
    return dl.Model(x, dl.layers.Dropout(0.5, seed=3, name="dr")(x, training=True), name="m")


def constants() -> Any:
    x = dl.Input((4,), name="x")
    picked = dl.ops.take(x, np.array([0, 2]), axis=1)
    masked = dl.ops.where(x > 0, x, 0.0) @ np.eye(4, dtype="float32")
    return dl.Model(x, [picked, masked, x[..., None], x[:, [3, 1]], dl.ops.split(x, 2, axis=1)[1]], name="m")


def intermediate() -> Any:
    whole = dl.Sequential([dl.Input((4,), name="i"), dl.layers.Dense(3, name="h"), dl.layers.Dense(2)])
    return dl.Model(whole.inputs, whole.get_layer("h").output, name="m")


def parts() -> Any:
    return dl.Sequential(
        [
            dl.Input((4,)),
            dl.layers.Dense(
                5, "softmax", kernel_initializer=dl.initializers.HeNormal(seed=1), bias_initializer="ones",
                kernel_regularizer=dl.regularizers.L1L2(0.1, 0.2), activity_regularizer="l2", trainable=False,
            ),
            dl.layers.Reshape((5, 1)), dl.layers.Rescaling([2.0], 1.0), dl.layers.Flatten(),
            dl.layers.Activation("relu"),
        ]
    )  # fmt: skip


def deferred() -> Any:
    model = dl.Sequential([dl.layers.Dense(3), dl.layers.Dense(2)])
    model.build((None, 4))
    return model


MODELS = [shared, nested, options, constants, intermediate, parts, deferred]


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_json_goes_round(make: Any) -> None:
    model = make()
    read = model_from_json(model.to_json())
    assert read.to_json() == model.to_json()
    assert [layer.name for layer in read.layers] == [layer.name for layer in model.layers]
    read.set_weights(model.get_weights())
    x = [X, X + 1] if len(model.inputs) == 2 else X
    expected, found = (dl.tree.flatten(m.predict(x, verbose=0)) for m in (model, read))
    assert expected[1] == found[1]
    assert all(np.array_equal(a, b) for a, b in zip(expected[0], found[0], strict=True))


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_from_config_is_the_same_model(make: Any) -> None:
    model = make()
    read = type(model).from_config(model.get_config())
    assert type(read) is type(model)
    assert read.get_config() == model.get_config()


def test_model_class_reads_the_config_of_a_graph() -> None:
    model = shared()
    read = dl.Model.from_config(model.get_config())
    assert type(read) is type(model)
    assert read.get_config() == model.get_config()


def test_config_that_was_never_json_is_read_with_its_tuples() -> None:
    model = shared()
    config = model.get_config()
    for layer in config["layers"]:
        for call in layer["inbound_nodes"]:
            call["args"] = tuple(call["args"])
    assert dl.Model.from_config(config).get_config() == model.get_config()
    unstarted = dl.Sequential([dl.layers.Dense(2)])
    unstarted.build((None, 3))
    config = unstarted.get_config()
    config["build_input_shape"] = tuple(config["build_input_shape"])
    assert dl.Sequential.from_config(config).input_shape == (None, 3)


def test_layer_called_twice_is_one_layer_after_reading() -> None:
    read = model_from_json(shared().to_json())
    assert len(read.weights) == 2


def test_long_chain_goes_round() -> None:
    x = first = dl.Input((2,))
    for _ in range(400):
        x = dl.layers.Activation("tanh")(x)
    model = dl.Model(first, x)
    assert len(model_from_json(model.to_json()).layers) == 401


def test_unbuilt_sequential_stays_unbuilt() -> None:
    model = dl.Sequential([dl.layers.Dense(3)], name="m")
    described = json.loads(model.to_json())
    assert list(described["config"]) == ["name", "trainable", "dtype", "layers"]
    assert "build_config" not in described
    assert not model_from_json(model.to_json()).built


def test_model_of_keras_oldest_spelling_is_read() -> None:
    text = shared().to_json().replace('"keras.src.models.functional"', '"keras"').replace('"Functional"', '"Model"')
    assert type(model_from_json(text)) is dl.models.Functional


def test_own_subclass_comes_back_from_custom_objects() -> None:
    class Mine(dl.Sequential):
        pass

    text = Mine([dl.Input((2,)), dl.layers.Dense(1)], name="mine").to_json()
    assert type(model_from_json(text, {"Mine": Mine})) is Mine
    with pytest.raises(FormatError, match=r"Layer 'mine' \(Mine\) is of a class that is not denselite's own"):
        model_from_json(text)


# What is refused.


def test_input_that_a_layer_made_cannot_be_saved() -> None:
    x = dl.Input((4,))
    hidden = dl.layers.Dense(3, name="h")(x)
    model = dl.Model(hidden, dl.layers.Dense(2)(hidden), name="tail")
    with pytest.raises(UncoveredError, match=r"Functional 'tail' has as an input what Dense 'h' returned"):
        model.get_config()


def test_argument_that_is_no_data_cannot_be_saved() -> None:
    x = dl.Input((4,))
    weight = dl.Variable(np.ones(4, "float32"), name="w")
    with pytest.raises(
        ArgumentError, match=r"'multiply.*' is called with <Variable .*>, which cannot be saved. Make it the weight"
    ):
        dl.Model(x, x * weight).get_config()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", r"A layer is described by a JSON object|not a JSON object: got \[\]"),
        ("{}", r"The description of a layer needs 'class_name' of type str, which is not there"),
        ('{"class_name": "Sequential"}', r"The description of Sequential needs 'config' of type dict"),
        ('{"class_name": "Sequential", "config": {}}', r"The description of a Sequential needs 'layers' of type list"),
        (
            '{"class_name": "Flatten", "config": {"name": "f"}}',
            r"A model is expected, this describes the layer 'f' \(Flatten\)",
        ),
        ('{"class_name": "Model", "config": {"layers": [1]}}', r"A layer is described by a JSON object, got 1"),
    ],
)
def test_what_is_no_model_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        model_from_json(text)


def edited(make: Any, edit: Any) -> str:
    spec = json.loads(make().to_json())
    edit(spec["config"])
    return json.dumps(spec)


def call_of(config: Any, name: str) -> Any:
    return next(spec for spec in config["layers"] if spec["name"] == name)["inbound_nodes"][0]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda c: c.update(output_layers=["no", 0, 0]), r"comes from layer 'no', which is not in the model"),
        (lambda c: c.update(output_layers=["s", 9, 0]), r"is named \['s', 9, 0\], and layer 's' has 3 calls"),
        (lambda c: c.update(output_layers=["s", -1, 0]), r"named by \[layer, call, output\], got \['s', -1, 0\]"),
        (lambda c: c.update(output_layers=["s", 0]), r"named by \[layer, call, output\], got \['s', 0\]"),
        (lambda c: c.update(input_layers=3), r"'input_layers' names tensors by \[layer, call, output\], got 3"),
        (lambda c: c.pop("output_layers"), r"'output_layers' names tensors by"),
        (lambda c: c["layers"].append(c["layers"][0]), r"has two layers named 'a'"),
        (lambda c: c["layers"][0].pop("name"), r"The description of 'a' \(InputLayer\) needs 'name' of type str"),
        (lambda c: call_of(c, "s").update(args=[tensor("s", 2)]), r"The calls of .* need tensors that no layer makes"),
        (lambda c: call_of(c, "s").update(args=[{"class_name": "__lambda__", "config": {}}]), r"with a '__lambda__'"),
        (lambda c: call_of(c, "s").pop("args"), r"The description of 's' \(Dense\) needs 'args' of type list"),
        (
            lambda c: call_of(c, "s").update(
                args=[{"class_name": "__numpy__", "config": {"value": ["x"], "dtype": "O"}}]
            ),
            r"'s' is called with an array of dtype O; numbers are expected",
        ),
        (
            lambda c: call_of(c, "s").update(
                args=[{"class_name": "__numpy__", "config": {"value": "x", "dtype": "float32"}}]
            ),
            r"'s' is called with an array that cannot be read",
        ),
    ],
)
def test_broken_functional_config_is_refused(edit: Any, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        model_from_json(edited(shared, edit))


def sums() -> Any:
    clear_names()
    x = dl.Input((4,), name="x")
    return dl.Model(x, dl.ops.sum(x, axis=-1), name="m")


def test_op_that_only_keras_has_is_named() -> None:
    text = edited(sums, lambda c: c["layers"][1].update(class_name="Bessel"))
    with pytest.raises(
        UncoveredError, match=r"uses Keras' op keras.src.ops.numpy.Bessel, which denselite does not have"
    ):
        model_from_json(text)


def test_option_of_an_op_that_only_keras_has_is_named() -> None:
    text = edited(sums, lambda c: c["layers"][1]["config"].update(initial=3))
    with pytest.raises(UncoveredError, match=r"'sum': ops.sum has no option 'initial', the model has 3"):
        model_from_json(text)
    model_from_json(edited(sums, lambda c: c["layers"][1]["config"].update(initial=None)))


def test_op_without_its_operand_is_refused() -> None:
    text = edited(sums, lambda c: c["layers"][1]["inbound_nodes"][0].update(args=[]))
    with pytest.raises(FormatError, match=r"'sum': ops.sum needs 'x', which the model does not say"):
        model_from_json(text)


def test_option_of_a_layer_that_only_keras_has_is_dropped_or_refused() -> None:
    text = edited(parts, lambda c: c["layers"][1]["config"].update(lora_rank=None))
    model_from_json(text)
    text = edited(parts, lambda c: c["layers"][1]["config"].update(lora_rank=4))
    with pytest.raises(
        UncoveredError, match=r"Dense '.*': option 'lora_rank' exists in Keras and not in denselite, got 4"
    ):
        model_from_json(text)
