"""``serialize_keras_object`` and back: the dialect of a model's JSON for any part; nothing is imported by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import layers, saving
from denselite.errors import ArgumentError, FormatError, UnknownNameError

X = np.linspace(-1, 1, 24, dtype="float32").reshape(6, 4)


def own(x: Any) -> Any:
    return x * 2


class Plain:
    """No part of any family, with a config."""

    def __init__(self, value: Any = 1) -> None:
        self.value = value

    def get_config(self) -> dict[str, Any]:
        return {"value": self.value}

    @classmethod
    def from_config(cls, config: Any) -> Plain:
        return cls(**config)


class Residual(layers.Layer):
    """Keras' idiom for a layer around a layer."""

    def __init__(self, inner: Any, act: Any = "relu", **options: Any) -> None:
        super().__init__(**options)
        self.inner, self.act = inner, dl.activations.get(act)

    def call(self, inputs: Any) -> Any:
        return inputs + self.act(self.inner(inputs))

    def get_config(self) -> dict[str, Any]:
        inner = saving.serialize_keras_object(self.inner)
        return {**super().get_config(), "inner": inner, "act": dl.activations.serialize(self.act)}

    @classmethod
    def from_config(cls, config: Any) -> Residual:
        return cls(**{**config, "inner": saving.deserialize_keras_object(config["inner"])})


class ByLayers(Residual):
    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "inner": layers.serialize(self.inner)}

    @classmethod
    def from_config(cls, config: Any) -> Residual:
        return cls(**{**config, "inner": layers.deserialize(config["inner"])})


class Raw(Residual):
    """Its config holds the objects themselves."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "inner": self.inner, "act": self.act}


PARTS: dict[str, Any] = {
    "layer": lambda: layers.Dense(3, "relu", name="d"),
    "model": lambda: dl.Sequential([dl.Input((4,)), layers.Dense(2)], name="m"),
    "loss": lambda: dl.losses.Huber(0.5),
    "metric": lambda: dl.metrics.Mean(name="m"),
    "optimizer": lambda: dl.optimizers.SGD(dl.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)),
    "schedule": lambda: dl.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5),
    "initializer": lambda: dl.initializers.RandomNormal(0.0, 0.1, seed=3),
    "regularizer": lambda: dl.regularizers.L1L2(0.1, 0.2),
    "constraint": lambda: dl.constraints.MaxNorm(3.0),
    "policy": lambda: dl.DTypePolicy("mixed_float16"),
}


@pytest.mark.parametrize("part", PARTS)
def test_part_is_made_again_from_its_json(part: str) -> None:
    made = PARTS[part]()
    written = saving.serialize_keras_object(made)
    again = saving.deserialize_keras_object(json.loads(json.dumps(written)))
    assert type(again) is type(made)
    assert saving.serialize_keras_object(again) == written
    assert dl.utils.deserialize_keras_object(dl.utils.serialize_keras_object(made)).get_config() == made.get_config()


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (None, None),
        ((1, 2.5, "a", True), [1, 2.5, "a", True]),
        ({"a": (np.float32(2.0), np.int64(3))}, {"a": [2.0, 3]}),
        (slice(1, 2), {"class_name": "__slice__", "config": {"start": 1, "stop": 2, "step": None}}),
        (
            dl.activations.relu,
            {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"},
        ),
    ],
    ids=["none", "tuple", "numbers", "slice", "function"],
)
def test_data_and_functions_are_written_as_in_keras(given: Any, written: Any) -> None:
    assert saving.serialize_keras_object(given) == written
    back = saving.deserialize_keras_object(written)
    assert back == (
        list(given) if isinstance(given, tuple) else given if not isinstance(given, dict) else {"a": [2, 3]}
    )


def test_array_is_read_with_its_dtype() -> None:
    back = saving.deserialize_keras_object(saving.serialize_keras_object({"x": np.ones(2, "int8")}))["x"]
    assert (back.dtype, back.tolist()) == ("int8", [1, 1])


def test_objects_of_ones_own_are_found_among_what_is_given() -> None:
    written = saving.serialize_keras_object([Plain((1, own)), own])
    plain, function = saving.deserialize_keras_object(written, custom_objects={"Plain": Plain, "own": own})
    assert (plain.value, function) == ([1, own], own)
    with saving.custom_object_scope({"Plain": Plain, "own": own}):
        assert saving.deserialize_keras_object(written)[0].value[1] is own
    with pytest.raises(FormatError, match=r"Pass it when loading: custom_objects=\{'own': own\}"):
        saving.deserialize_keras_object(written[1])


@pytest.mark.parametrize("cls", [Residual, ByLayers, Raw])
def test_layer_around_a_layer_is_saved_and_loaded(cls: Any, tmp_path: Path) -> None:
    model = dl.Sequential([dl.Input((4,)), cls(layers.Dense(4, name="inner"), "tanh"), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    model.save(tmp_path / "m.npz")
    loaded = dl.models.load_model(tmp_path / "m.npz", custom_objects={cls.__name__: cls})
    assert loaded.layers[0].inner.name == "inner"
    assert np.array_equal(loaded.predict(X, verbose=0), model.predict(X, verbose=0))


def test_layer_that_was_built_is_built_again() -> None:
    layer = layers.Dense(2)
    layer.build((None, 3))
    assert saving.deserialize_keras_object(saving.serialize_keras_object(layer)).kernel.shape == (3, 2)
    assert layers.deserialize(layers.serialize(layer)).built
    assert layers.deserialize(layer) is layer


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "lambda": (lambda: saving.serialize_keras_object(lambda x: x), ArgumentError, "has no name to be saved by"),
    "class": (lambda: saving.serialize_keras_object(layers.Dense), ArgumentError, "describes objects, got the class Dense"),
    "object": (lambda: saving.serialize_keras_object(object()), ArgumentError, "which cannot be saved"),
    "unknown": (
        lambda: saving.deserialize_keras_object({"class_name": "Dnse", "config": {}}),
        UnknownNameError,
        "Did you mean 'Dense'",
    ),
    "module": (
        lambda: saving.deserialize_keras_object({"module": "os", "class_name": "system", "config": {}}),
        FormatError,
        r"custom_objects=\{'system'",
    ),
    "lambda-code": (
        lambda: saving.deserialize_keras_object({"class_name": "__lambda__", "config": {"value": ["4wEA", None, None]}}),
        FormatError,
        "'__lambda__', which is not known",
    ),
    "no-layer": (
        lambda: layers.deserialize(dl.losses.serialize(dl.losses.Huber())),
        UnknownNameError,
        "Unknown layer 'Huber'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told(mistake: str) -> None:
    make, kind, message = MISTAKES[mistake]
    with pytest.raises(kind, match=message):
        make()
