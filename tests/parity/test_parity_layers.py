"""Layers: outputs, shapes, weights and training of each layer are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(29)
FLAT = RNG.normal(size=(5, 4))
CUBE = RNG.normal(size=(5, 2, 4))

# name -> one input, the layers that follow it
CHAINS: dict[str, tuple[Any, Callable[[Any], list[Any]]]] = {
    "dense": (FLAT, lambda lib: [lib.layers.Dense(3)]),
    "dense-no-bias": (FLAT, lambda lib: [lib.layers.Dense(3, "relu", use_bias=False)]),
    "dense-on-sequences": (CUBE, lambda lib: [lib.layers.Dense(3, activation="tanh")]),
    "activation": (FLAT, lambda lib: [lib.layers.Dense(3), lib.layers.Activation("tanh")]),
    "activation-callable": (FLAT, lambda lib: [lib.layers.Dense(3), lib.layers.Activation(lib.activations.silu)]),
    "dropout-at-rate-0": (FLAT, lambda lib: [lib.layers.Dense(3), lib.layers.Dropout(0.0)]),
    "flatten": (CUBE, lambda lib: [lib.layers.Flatten(), lib.layers.Dense(3)]),
    "reshape": (CUBE, lambda lib: [lib.layers.Dense(3), lib.layers.Reshape((3, 2))]),
    "reshape-inferred": (CUBE, lambda lib: [lib.layers.Dense(3), lib.layers.Reshape((-1,)), lib.layers.Dense(2)]),
    "rescaling": (FLAT, lambda lib: [lib.layers.Rescaling(0.5, offset=-1.0), lib.layers.Dense(3)]),
    "rescaling-per-feature": (FLAT, lambda lib: [lib.layers.Rescaling([1.0, 2.0, 0.5, 3.0]), lib.layers.Dense(3)]),
}


def test_dropout_does_nothing_in_predict_and_evaluate(twins: Any) -> None:
    def build(lib: Any) -> Any:
        layers = [lib.Input((4,)), lib.layers.Dense(3), lib.layers.Dropout(0.5), lib.layers.Dense(2)]
        return twins.compile(lib, lib.Sequential(layers))

    def run(model: Any) -> Any:
        return [model.predict(FLAT, verbose=0), model.evaluate(FLAT, FLAT[:, :2], verbose=0), model.count_params()]

    twins.train(build, run)


@pytest.mark.parametrize("case", CHAINS)
def test_layer_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    twins.train_layers(*CHAINS[case])


def test_flatten_gives_a_vector_a_feature_axis(twins: Any) -> None:
    twins.same(lambda lib: np.asarray(lib.layers.Flatten()(np.arange(4.0))))


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda lib: lib.layers.Dense(5), (None, 4)),
        (lambda lib: lib.layers.Dense(5), (None, 2, 4)),
        (lambda lib: lib.layers.Flatten(), (None, 2, 4)),
        (lambda lib: lib.layers.Reshape((4, -1)), (None, 2, 4)),
        (lambda lib: lib.layers.Dropout(0.5), (None, 2)),
        (lambda lib: lib.layers.Rescaling(2.0), (None, 2)),
        (lambda lib: lib.layers.Activation("relu"), (None, 2)),
    ],
    ids=lambda value: str(value) if isinstance(value, (tuple, list)) else "",
)
def test_compute_output_shape_is_keras(twins: Any, make: Callable[[Any], Any], shape: Any) -> None:
    twins.same(lambda lib: list(np.array(make(lib).compute_output_shape(shape), dtype=object).astype(str)))


def test_dense_weights_have_keras_names_order_and_trainability(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.Dense(3, name="d")
        before = [layer.built, len(layer.weights)]
        layer.build((None, 4))
        rows = [[w.name, w.path, list(w.shape), w.trainable, str(w.dtype)] for w in layer.weights]
        return [before, rows, layer.built, layer.count_params(), len(layer.trainable_weights)]

    twins.same(recipe)


def test_layer_called_on_an_array_computes_like_keras(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.Dense(3, activation="tanh")
        layer.build((None, 4))
        layer.set_weights([np.linspace(-1.0, 1.0, 12).reshape(4, 3), np.array([0.1, 0.2, 0.3])])
        return [np.asarray(layer(FLAT)), layer.get_weights()]

    twins.same(recipe)


@pytest.mark.parametrize(
    ("name", "options"),
    [("Zeros", {}), ("Ones", {}), ("Constant", {"value": 0.3}), ("Identity", {}), ("Identity", {"gain": 2.0})],
)
def test_fixed_initializer_fills_like_keras(twins: Any, name: str, options: dict[str, Any]) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.Dense(3, kernel_initializer=getattr(lib.initializers, name)(**options))
        layer.build((None, 4))
        return layer.get_weights()

    twins.same(recipe)


def test_weights_at_start_follow_the_initializers_given(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.Dense(3, kernel_initializer="ones", bias_initializer=lib.initializers.Constant(2.0))
        layer.build((None, 4))
        return layer.get_weights()

    twins.same(recipe)
