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
    x, layers = CHAINS[case]

    def build(lib: Any) -> Any:
        return twins.compile(lib, lib.Sequential([lib.Input(x.shape[1:]), *layers(lib)]))

    theirs, ours = twins.models(build)
    assert ours.output_shape == theirs.output_shape
    assert ours.count_params() == theirs.count_params()
    y = np.ones((5, *theirs.output_shape[1:]))

    def run(model: Any) -> Any:
        return [model.predict(x, verbose=0), model.train_on_batch(x, y), model.predict_on_batch(x)]

    twins.compare(run(theirs), run(ours))
    twins.compare(theirs.get_weights(), ours.get_weights())


MERGES: dict[str, tuple[Callable[[Any], Any], list[tuple[int, ...]]]] = {
    "concatenate": (lambda lib: lib.layers.Concatenate(), [(4,), (2,)]),
    "concatenate-three": (lambda lib: lib.layers.Concatenate(), [(4,), (2,), (1,)]),
    "concatenate-axis-1": (lambda lib: lib.layers.Concatenate(axis=1), [(2, 3), (4, 3)]),
    "add": (lambda lib: lib.layers.Add(), [(3,), (3,)]),
    "add-three": (lambda lib: lib.layers.Add(), [(3,), (3,), (3,)]),
    "add-broadcast": (lambda lib: lib.layers.Add(), [(2, 3), (1, 3)]),
}


@pytest.mark.parametrize("case", MERGES)
def test_merge_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    merge, shapes = MERGES[case]
    x = [RNG.normal(size=(5, *shape)) for shape in shapes]

    def build(lib: Any) -> Any:
        inputs = [lib.Input(shape) for shape in shapes]
        return twins.compile(lib, lib.Model(inputs, lib.layers.Dense(2)(merge(lib)(inputs))))

    theirs, ours = twins.models(build)
    assert ours.output_shape == theirs.output_shape
    y = np.ones((5, *theirs.output_shape[1:]))
    twins.compare(*([model.predict(x, verbose=0), model.train_on_batch(x, y)] for model in (theirs, ours)))
    twins.compare(theirs.get_weights(), ours.get_weights())


def test_flatten_gives_a_vector_a_feature_axis(twins: Any) -> None:
    twins.same(lambda lib: np.asarray(lib.layers.Flatten()(np.arange(4.0))))


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda lib: lib.layers.Dense(5), (None, 4)),
        (lambda lib: lib.layers.Dense(5), (None, 2, 4)),
        (lambda lib: lib.layers.Flatten(), (None, 2, 4)),
        (lambda lib: lib.layers.Reshape((4, -1)), (None, 2, 4)),
        (lambda lib: lib.layers.Concatenate(), [(None, 2), (None, 3)]),
        (lambda lib: lib.layers.Add(), [(None, 2), (None, 2)]),
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
