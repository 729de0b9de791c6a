"""Initializers: names, aliases, arguments and what follows from no drawing are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

NAMES = ["Zeros", "zeros", "zero", "Ones", "ones", "one", "Identity", "identity", "IdentityInitializer"]
NAMES += ["RandomNormal", "random_normal", "normal", "RandomUniform", "random_uniform", "uniform", "TruncatedNormal"]
NAMES += ["truncated_normal", "VarianceScaling", "variance_scaling", "GlorotUniform", "glorot_uniform", "GlorotNormal"]
NAMES += ["glorot_normal", "HeUniform", "he_uniform", "HeNormal", "he_normal", "LecunUniform", "lecun_uniform"]
NAMES += ["LecunNormal", "lecun_normal", "Orthogonal", "orthogonal", "OrthogonalInitializer"]
STRINGS_ALONE = {"zero", "one", "normal", "uniform"}

FIXED: dict[str, Callable[[Any], Any]] = {
    "zeros": lambda lib: lib.initializers.Zeros(),
    "ones": lambda lib: lib.initializers.Ones(),
    "constant": lambda lib: lib.initializers.Constant(0.25),
    "constant-row": lambda lib: lib.initializers.Constant([1.0, 2.0, 3.0]),
    "identity": lambda lib: lib.initializers.Identity(2.0),
    "identity-alias": lambda lib: lib.initializers.IdentityInitializer(),
    "array": lambda lib: lib.initializers.get(np.arange(12.0).reshape(4, 3)),
    "callable": lambda lib: lib.initializers.get(lambda shape, dtype=None: np.full(shape, 0.5, dtype)),
}

POSITIONAL: dict[str, Callable[[Any], Any]] = {
    "normal": lambda lib: lib.initializers.RandomNormal(1.0, 2.0, 3),
    "uniform": lambda lib: lib.initializers.RandomUniform(-1.0, 2.0, 3),
    "truncated": lambda lib: lib.initializers.TruncatedNormal(1.0, 2.0, 3),
    "scaling": lambda lib: lib.initializers.VarianceScaling(2.0, "fan_out", "UNIFORM", 3, [0], [1]),
    "glorot": lambda lib: lib.initializers.glorot_uniform(3, [0], [1]),
    "he": lambda lib: lib.initializers.he_normal(3, [0], [1]),
    "lecun": lambda lib: lib.initializers.LecunNormal(3, [0], [1]),
    "orthogonal": lambda lib: lib.initializers.OrthogonalInitializer(2.0, 3),
    "constant": lambda lib: lib.initializers.constant(3.0),
    "constant-list": lambda lib: lib.initializers.Constant([1.0, 2.0]),
}

BAD: dict[str, Callable[[Any], Any]] = {
    "unknown": lambda lib: lib.initializers.get("glorot"),
    "wrong case": lambda lib: lib.initializers.get("Glorot_Uniform"),
    "number": lambda lib: lib.initializers.get(3.0),
    "list": lambda lib: lib.initializers.get([1.0, 2.0]),
    "array of another shape": lambda lib: lib.initializers.get(np.ones((2, 3)))((4, 2, 3)),
    "scale 0": lambda lib: lib.initializers.VarianceScaling(0.0),
    "mode": lambda lib: lib.initializers.VarianceScaling(mode="FAN_IN"),
    "distribution": lambda lib: lib.initializers.VarianceScaling(distribution="flat"),
    "seed": lambda lib: lib.initializers.RandomNormal(seed="three"),
    "orthogonal vector": lambda lib: lib.initializers.Orthogonal()((3,)),
    "identity vector": lambda lib: lib.initializers.Identity()((3,)),
    "integers drawn": lambda lib: lib.initializers.RandomNormal()((3,), dtype="int32"),
}


@pytest.mark.parametrize("name", NAMES)
def test_name_is_that_of_keras_class(twins: Any, name: str) -> None:
    def recipe(lib: Any) -> Any:
        made = lib.initializers.get(name)
        same = name in STRINGS_ALONE or getattr(lib.initializers, name) is type(made)
        return [type(made).__name__, type(lib.initializers.get(type(made))).__name__, same, made((3, 3)).shape]

    twins.same(recipe)


@pytest.mark.parametrize("case", FIXED)
def test_values_are_keras(twins: Any, case: str) -> None:
    twins.same(lambda lib: FIXED[case](lib)((4, 3), dtype="float64"))


@pytest.mark.parametrize("case", POSITIONAL)
def test_arguments_stand_in_keras_order_and_go_round(twins: Any, case: str) -> None:
    def recipe(lib: Any) -> Any:
        made = POSITIONAL[case](lib)
        again = lib.initializers.deserialize(lib.initializers.serialize(made))
        written = made.get_config()
        return [sorted(written), [written[key] for key in sorted(written)], again.get_config() == written]

    twins.same(recipe)


@pytest.mark.parametrize("case", BAD)
def test_what_keras_refuses_is_refused(twins: Any, case: str) -> None:
    for lib in twins.libs:
        with pytest.raises((ValueError, TypeError)):
            BAD[case](lib)


def test_initial_weights_of_a_layer_are_keras(twins: Any) -> None:
    kernel = np.arange(12.0).reshape(4, 3)

    def recipe(lib: Any) -> Any:
        layer = lib.layers.Dense(
            3, kernel_initializer=kernel, bias_initializer=lambda shape, dtype=None: np.full(shape, 2)
        )
        layer.build((None, 4))
        return layer.get_weights()

    twins.same(recipe)
