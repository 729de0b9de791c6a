"""Layers of activation: outputs, gradients and learned slopes are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(31)
FLAT = RNG.normal(size=(5, 4))
CUBE = RNG.normal(size=(5, 3, 4))

CASES: dict[str, Callable[[Any], Any]] = {
    "ReLU": lambda lib: lib.layers.ReLU(),
    "ReLU-limited": lambda lib: lib.layers.ReLU(0.5),
    "ReLU-sloped": lambda lib: lib.layers.ReLU(negative_slope=0.25),
    "ReLU-from-a-threshold": lambda lib: lib.layers.ReLU(threshold=0.25),
    "ReLU-with-all": lambda lib: lib.layers.ReLU(0.75, 0.25, 0.125),
    "LeakyReLU": lambda lib: lib.layers.LeakyReLU(),
    "LeakyReLU-sloped": lambda lib: lib.layers.LeakyReLU(0.5),
    "ELU": lambda lib: lib.layers.ELU(),
    "ELU-scaled": lambda lib: lib.layers.ELU(0.5),
    "PReLU": lambda lib: lib.layers.PReLU(),
    "PReLU-options": lambda lib: lib.layers.PReLU("ones", "l2", "non_neg"),
    "PReLU-shared": lambda lib: lib.layers.PReLU(shared_axes=1),
    "PReLU-all-shared": lambda lib: lib.layers.PReLU(shared_axes=[1, 2]),
    "Softmax": lambda lib: lib.layers.Softmax(),
    "Softmax-inner": lambda lib: lib.layers.Softmax(1),
    "Softmax-of-both-axes": lambda lib: lib.layers.Softmax(axis=(1, 2)),
    "Softmax-list": lambda lib: lib.layers.Softmax(axis=[-1]),
    "Identity": lambda lib: lib.layers.Identity(),
    "ActivityRegularization": lambda lib: lib.layers.ActivityRegularization(0.01, l2=0.02),
}


@pytest.mark.parametrize("case", CASES)
def test_layer_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    twins.train_layers(CUBE, lambda lib: [lib.layers.Dense(3), CASES[case](lib)])


@pytest.mark.parametrize("case", CASES)
def test_output_shape_with_unknown_sizes_is_keras(twins: Any, case: str) -> None:
    shape = (None, 3, 4) if "PReLU" in case else (None, None, 4)
    twins.same(lambda lib: str(tuple(CASES[case](lib).compute_output_shape(shape))))


@pytest.mark.parametrize(
    "case", [name for name in CASES if "PReLU" not in name and "axes" not in name and "inner" not in name]
)
def test_layer_in_float32_is_keras(twins32: Any, case: str) -> None:
    x = np.asarray([[-2.0, -0.25, 0.0, 0.125, 0.75, 6.0]], "float32")
    twins32.same(lambda lib: np.asarray(CASES[case](lib)(x)))


MASKS = {
    "one-row": np.array([[True, False, True, True]]),
    "each": FLAT > 0,
    "numbers": (FLAT > 0).astype("float64"),
    "one-axis": np.array([True, True, False, True]),
    "nothing-left": np.zeros((5, 1), bool),
}


@pytest.mark.parametrize("mask", MASKS)
def test_softmax_leaves_out_what_the_mask_does(twins: Any, mask: str) -> None:
    twins.same(lambda lib: np.asarray(lib.layers.Softmax()(FLAT, mask=MASKS[mask])))
    twins.same(lambda lib: np.asarray(lib.layers.Softmax(axis=0)(FLAT, mask=MASKS[mask])))


def test_softmax_takes_a_declared_mask_as_keras_does(twins: Any) -> None:
    def build(lib: Any) -> Any:
        x, mask = lib.Input((4,)), lib.Input((4,), dtype="bool")
        return lib.Model([x, mask], lib.layers.Softmax()(lib.layers.Dense(4)(x), mask=mask))

    twins.train(build, lambda model: model.predict([FLAT, MASKS["each"]], verbose=0))


def test_prelu_keeps_to_its_constraint_as_in_keras(twins: Any) -> None:
    def build(lib: Any) -> Any:
        layers = [lib.Input((4,)), lib.layers.PReLU(alpha_constraint=lib.constraints.MaxNorm(0.1)), lib.layers.Dense(2)]
        return twins.compile(lib, lib.Sequential(layers))

    twins.train(build, lambda model: [model.train_on_batch(FLAT, FLAT[:, :2]) for _ in range(3)])


def test_prelu_weights_are_keras(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.PReLU(alpha_initializer="ones", shared_axes=[1], name="p")
        layer.build((None, None, 4))
        return [[w.name, w.path, list(w.shape), w.trainable, w.numpy()] for w in layer.weights]

    twins.same(recipe)


def test_former_name_of_the_slope_is_taken_with_a_warning(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        with pytest.warns(UserWarning, match="alpha"):
            layer = lib.layers.LeakyReLU(alpha=0.25, name="l")
        with pytest.warns(UserWarning, match="alpha"):
            again = lib.layers.LeakyReLU.from_config({"name": "l", "alpha": 0.25})
        return [np.asarray(layer(FLAT)), layer.get_config(), again.get_config()]

    twins.same(recipe)


@pytest.mark.parametrize(("l1", "l2"), [(0.1, 0.0), (0.0, 0.1), (0.1, 0.2), (0.0, 0.0)])
def test_activity_counts_in_evaluate_as_in_keras(twins: Any, l1: float, l2: float) -> None:
    def build(lib: Any) -> Any:
        layers = [lib.Input((4,)), lib.layers.Dense(3), lib.layers.ActivityRegularization(l1, l2)]
        return twins.compile(lib, lib.Sequential(layers))

    twins.train(build, lambda model: [model.evaluate(FLAT, FLAT[:, :3], verbose=0), model.predict(FLAT, verbose=0)])
