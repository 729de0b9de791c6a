"""Models with a call of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import Model, layers, ops
from denselite.errors import ArgumentError, DataError, StateError
from denselite.models import load_model

X = np.linspace(-1, 1, 24, dtype="float32").reshape(6, 4)


class Two(Model):
    """Two outputs; layers in attributes, a list and a dict."""

    def __init__(self, units: int = 3, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.first = layers.Dense(units, "tanh")
        self.stack = [layers.Dense(3), layers.Dropout(0.5, seed=1)]
        self.heads = {"a": layers.Dense(2)}

    def call(self, x: Any, training: bool = False) -> Any:
        x = self.first(x)
        for layer in self.stack:
            x = layer(x)
        return {"a": self.heads["a"](x), "b": x[:, :1]}


class Ids(Model):
    """Integers only: floats cannot be looked up."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.dense = layers.Dense(1)

    def call(self, ids: Any) -> Any:
        return self.dense(ops.take(np.eye(4, dtype="float32"), ids, axis=0))


TARGETS = {"a": X[:, :2], "b": X[:, :1]}


def trained() -> Two:
    model = Two(4, name="two")
    model.compile("adam", "mse", metrics={"a": ["mae"]})
    model.fit(X, TARGETS, verbose=0)
    return model


def test_subclass_is_saved_and_trains_on_where_it_stood(tmp_path: Path) -> None:
    model = trained()
    model.save(tmp_path / "m.npz")
    loaded = load_model(tmp_path / "m.npz", custom_objects={"Two": Two})
    assert (loaded.name, loaded.units, loaded.built) == ("two", 4, True)
    for again in (model, loaded):
        again.fit(X, TARGETS, verbose=0)
    assert all(map(np.array_equal, model.get_weights(), loaded.get_weights()))
    with np.load(tmp_path / "m.npz") as file:
        assert [key for key in file if key.endswith("/0") and not key.startswith("optimizer")] == [
            "first/vars/0",
            "heads/dense/vars/0",
            "stack/dense/vars/0",
        ]


def test_subclass_of_integers_is_loaded_with_integers(tmp_path: Path) -> None:
    model, ids = Ids(), np.array([[0, 3], [2, 1]])
    model.compile("sgd", "mse")
    model.fit(ids, np.ones((2, 2, 1)), verbose=0)
    model.save(tmp_path / "m.npz")
    loaded = load_model(tmp_path / "m.npz", custom_objects={"Ids": Ids})
    assert np.array_equal(loaded.predict(ids, verbose=0), model.predict(ids, verbose=0))


def test_weights_of_a_subclass_go_from_file_to_file(tmp_path: Path) -> None:
    model, other = trained(), Two(4)
    model.save_weights(tmp_path / "m.weights.npz")
    other.build((None, 4))
    other.load_weights(tmp_path / "m.weights.npz")
    assert all(map(np.array_equal, model.predict(X, verbose=0).values(), other.predict(X, verbose=0).values()))


def test_batches_of_other_lengths_are_other_signatures() -> None:
    class Mean(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(2, "softmax")

        def call(self, x: Any) -> Any:
            return self.dense(x)  # (batch, length, 2)

    model = Mean()
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for length in (3, 5, 3):
        model.fit(np.ones((4, length, 2)), np.zeros((4, length), int), verbose=0)
        assert model.predict(np.ones((4, length, 2)), verbose=0).shape == (4, length, 2)


def test_subclass_inside_a_model_is_a_layer() -> None:
    x = dl.Input((4,))
    outer = Model(x, Two()(x)["a"])
    outer.compile("sgd", "mse")
    outer.fit(X, X[:, :2], verbose=0)
    assert outer.predict(X, verbose=0).shape == (6, 2)


def test_attribute_that_the_call_reads_is_seen_when_it_changes() -> None:
    class Cut(Model):
        def __init__(self) -> None:
            super().__init__()
            self.width = 1

        def call(self, x: Any) -> Any:
            return x[:, : self.width]

    model = Cut()
    assert model.predict(X, verbose=0).shape == (6, 1)
    model.width = 2
    assert model.predict(X, verbose=0).shape == (6, 2)
    assert model.outputs[0].shape == (None, 2)


class NoArguments(Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(1)

    def call(self, x: Any) -> Any:
        return self.dense(x)


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "outputs": (lambda: Two(name="t").outputs, StateError, "Two 't' does not know its outputs yet. Call fit, predict or build"),
    "target": (
        lambda: trained().evaluate(X, {"a": X[:, :2], "c": X}, verbose=0),
        DataError,
        "Two 'two': y names the output 'c', there are a, b.",
    ),
    "shape": (lambda: trained().predict(X[:, :3], verbose=0), ValueError, "expects last axis 4"),
    "config": (
        lambda: NoArguments.from_config(NoArguments().get_config()),
        ArgumentError,
        r"NoArguments cannot be made from its config: .* Let its __init__ take \*\*kwargs",
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told(mistake: str) -> None:
    make, kind, message = MISTAKES[mistake]
    with pytest.raises(kind, match=message):
        make()


def test_build_that_fails_leaves_the_model_unbuilt() -> None:
    model = Two()
    model.heads = {}
    with pytest.raises(KeyError):
        model.build((None, 3))
    assert not model.built
