"""Constraints: numbers, names, defaults and configs are Keras'. After updates: see the options of optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(29)
W = RNG.normal(size=(4, 3, 2)) * 2
W[:, 0, 0] = 0.0

CASES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "max": ("MaxNorm", ()),
    "max-axis": ("MaxNorm", (0.5, 1)),
    "max-axes": ("MaxNorm", (1.5, [0, 1])),
    "non-negative": ("NonNeg", ()),
    "unit": ("UnitNorm", ()),
    "unit-axis": ("UnitNorm", (-1,)),
    "min-max": ("MinMaxNorm", ()),
    "min-max-rate": ("MinMaxNorm", (1.0, 2.0, 0.3, 1)),
    "base": ("Constraint", ()),
}
every_case = pytest.mark.parametrize("case", CASES)


def make(lib: Any, case: str) -> Any:
    name, arguments = CASES[case]
    return getattr(lib.constraints, name)(*arguments)


@every_case
def test_numbers_are_keras(twins: Any, case: str) -> None:
    twins.same(lambda lib: make(lib, case)(W))


@every_case
def test_float32_is_keras(twins32: Any, case: str) -> None:
    twins32.same(lambda lib: make(lib, case)(W.astype("float32")))


@every_case
def test_config_is_keras(twins: Any, case: str) -> None:
    twins.same(lambda lib: lib.constraints.serialize(make(lib, case)))
    theirs, ours = (make(lib, case) for lib in twins.libs)
    again = twins.libs[1].constraints.deserialize(twins.libs[0].constraints.serialize(theirs))
    assert type(again) is type(ours)
    assert again.get_config() == theirs.get_config()


@pytest.mark.parametrize(
    "string", ["max_norm", "MaxNorm", "non_neg", "NonNeg", "unit_norm", "min_max_norm", "MinMaxNorm"]
)
def test_string_is_keras(twins: Any, string: str) -> None:
    twins.same(lambda lib: [type(lib.constraints.get(string)).__name__, lib.constraints.get(string).get_config()])


@pytest.mark.parametrize("alias", ["max_norm", "non_neg", "unit_norm", "min_max_norm"])
def test_lower_case_attribute_is_the_class(twins: Any, alias: str) -> None:
    twins.same(lambda lib: getattr(lib.constraints, alias).__name__)


@pytest.mark.parametrize("wrong", ["maxnorm", 5, {"class_name": "Nothing", "config": {}}])
def test_what_is_no_constraint_raises(twins: Any, wrong: Any) -> None:
    for lib in twins.libs:
        with pytest.raises((ValueError, TypeError)):
            lib.constraints.get(wrong)


def test_none_is_none_and_a_callable_is_itself(twins: Any) -> None:
    twins.same(lambda lib: [lib.constraints.get(None), lib.constraints.get(abs) is abs])


@pytest.mark.parametrize(
    "given", ["max_norm", {"class_name": "MaxNorm", "config": {"max_value": 3, "axis": [0]}}, None]
)
def test_constraint_in_a_layer_config_is_keras(twins: Any, given: Any) -> None:
    def recipe(lib: Any) -> Any:
        given_again = lib.constraints.get(given)
        config = lib.layers.Dense(2, kernel_constraint=given_again, bias_constraint="non_neg").get_config()
        return [config["kernel_constraint"], config["bias_constraint"]]

    twins.same(recipe)


def test_model_that_keras_wrote_is_read(twins: Any) -> None:
    keras, denselite = twins.libs
    layer = keras.layers.Dense(
        2, kernel_constraint=keras.constraints.MinMaxNorm(0.5, axis=[0]), bias_constraint="non_neg"
    )
    again = denselite.models.model_from_json(keras.Sequential([keras.Input((3,)), layer]).to_json())
    kernel, bias = again.weights
    assert kernel.constraint.get_config() == layer.kernel_constraint.get_config()
    assert isinstance(bias.constraint, denselite.constraints.NonNeg)


def test_weight_carries_its_constraint(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.Dense(2, kernel_constraint="max_norm")
        layer.build((None, 3))
        own = lib.layers.Layer().add_weight(shape=(2,), initializer="ones", constraint=lib.constraints.UnitNorm())
        return [None if w.constraint is None else type(w.constraint).__name__ for w in (layer.kernel, layer.bias, own)]

    twins.same(recipe)
