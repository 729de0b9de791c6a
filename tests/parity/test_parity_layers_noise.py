"""Layers that draw at random: what does not depend on the draws is Keras', and the draws have Keras' moments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

CUBE = np.random.default_rng(33).normal(size=(4, 3, 2))
IMAGE = np.random.default_rng(34).normal(size=(4, 3, 2, 5))

CASES: dict[str, tuple[Callable[..., Any], Any]] = {
    "Dropout": (lambda lib, rate: lib.layers.Dropout(rate), CUBE),
    "AlphaDropout": (lambda lib, rate: lib.layers.AlphaDropout(rate), CUBE),
    "AlphaDropout-shared": (lambda lib, rate: lib.layers.AlphaDropout(rate, (None, 1, None), 3), CUBE),
    "GaussianDropout": (lambda lib, rate: lib.layers.GaussianDropout(rate, 3), CUBE),
    "GaussianNoise": (lambda lib, rate: lib.layers.GaussianNoise(rate, 3), CUBE),
    "SpatialDropout1D": (lambda lib, rate: lib.layers.SpatialDropout1D(rate, 3), CUBE),
    "SpatialDropout2D": (lambda lib, rate: lib.layers.SpatialDropout2D(rate, None, 3), IMAGE),
    "SpatialDropout2D-first": (lambda lib, rate: lib.layers.SpatialDropout2D(rate, "channels_first"), IMAGE),
}


@pytest.mark.parametrize("case", CASES)
def test_layer_does_nothing_out_of_training_and_at_strength_0(twins: Any, case: str) -> None:
    make, x = CASES[case]
    twins.same(
        lambda lib: [
            np.asarray(make(lib, 0.5)(x)),
            np.asarray(make(lib, 0.5)(x, training=False)),
            np.asarray(make(lib, 0.0)(x, training=True)),
            list(make(lib, 0.5).compute_output_shape((None, *x.shape[1:])))[1:],
        ]
    )


@pytest.mark.parametrize("case", CASES)
def test_layer_predicts_and_evaluates_as_if_it_were_not_there(twins: Any, case: str) -> None:
    make, x = CASES[case]

    def build(lib: Any) -> Any:
        layers = [lib.Input(x.shape[1:]), lib.layers.Dense(3), make(lib, 0.5), lib.layers.Dense(2)]
        return twins.compile(lib, lib.Sequential(layers))

    twins.train(build, lambda model: [model.predict(x, verbose=0), model.evaluate(x, x[..., :2], verbose=0)])


MOMENTS = {
    "AlphaDropout": lambda lib: lib.layers.AlphaDropout(0.3, seed=1),
    "Dropout": lambda lib: lib.layers.Dropout(0.3, seed=1),
    "GaussianDropout": lambda lib: lib.layers.GaussianDropout(0.3, seed=1),
    "GaussianNoise": lambda lib: lib.layers.GaussianNoise(0.3, seed=1),
    "SpatialDropout1D": lambda lib: lib.layers.SpatialDropout1D(0.3, seed=1),
}


@pytest.mark.parametrize("case", MOMENTS)
def test_draws_have_the_moments_that_keras_has(twins: Any, case: str) -> None:
    def recipe(lib: Any) -> Any:
        x = np.random.default_rng(5).normal(size=(20000, 1, 1))
        out = np.asarray(MOMENTS[case](lib)(x, training=True))
        return [out.mean(), out.std()]

    twins.same(recipe, atol=0.08)  # both are within 0.01 (a standard deviation of 1.2 over 141) times five or so


def test_values_of_alpha_dropout_are_keras(twins: Any) -> None:
    twins.same(lambda lib: np.unique(np.asarray(lib.layers.AlphaDropout(0.5, seed=1)(np.ones((50, 2)), training=True))))


@pytest.mark.parametrize(
    ("make", "shape", "axis"),
    [
        (lambda lib: lib.layers.SpatialDropout1D(0.5, seed=1), (50, 3, 4), 1),
        (lambda lib: lib.layers.SpatialDropout2D(0.5, seed=1), (50, 3, 3, 4), (1, 2)),
        (lambda lib: lib.layers.SpatialDropout2D(0.5, "channels_first", seed=1), (50, 4, 3, 3), (2, 3)),
        (lambda lib: lib.layers.AlphaDropout(0.5, (None, 1, None), seed=1), (50, 3, 4), 1),
    ],
    ids=["1D", "2D", "2D-channels-first", "noise-shape"],
)
def test_whole_channels_are_dropped_as_in_keras(twins: Any, make: Any, shape: Any, axis: Any) -> None:
    def recipe(lib: Any) -> Any:
        out = np.asarray(make(lib)(np.ones(shape), training=True))
        return [np.unique(out), bool((out.max(axis=axis) == out.min(axis=axis)).all())]

    twins.same(recipe)
