"""Dtype policies: what they say, how they are written, and what a model in mixed precision computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(37)
X = RNG.normal(size=(6, 4)).astype("float32")
Y = RNG.normal(size=(6, 2)).astype("float32")
HALF = 4e-3  # a few units in the last place of float16, for numbers around 1


@pytest.mark.parametrize("name", ["float32", "float64", "float16", "mixed_float16", "int32", "uint8"])
def test_policy_says_the_same(twins: Any, name: str) -> None:
    def recipe(lib: Any) -> Any:
        policy = lib.DTypePolicy(name)
        return [
            [policy.name, policy.compute_dtype, policy.variable_dtype, policy.quantization_mode, repr(policy)],
            lib.dtype_policies.serialize(policy),
            lib.dtype_policies.deserialize(lib.dtype_policies.serialize(policy)).name,
            policy == lib.dtype_policies.get(name),
            policy == lib.DTypePolicy("int64"),
        ]

    twins.same(recipe)


def test_policy_is_found_by_whatever_names_it(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        found = [
            lib.dtype_policies.get("mixed_float16"),
            lib.dtype_policies.get({"class_name": "DTypePolicy", "config": {"name": "float64"}}),
            lib.dtype_policies.get(lib.DTypePolicy("float16")),
            lib.dtype_policies.get(np.float32),
            lib.mixed_precision.Policy("mixed_float16"),
            lib.dtype_policies.get(None),
            lib.DTypePolicy(),
        ]
        return [policy.name for policy in found]

    twins.same(recipe)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "unknown": lambda lib: lib.DTypePolicy("mixed_float31"),
    "no-name": lambda lib: lib.DTypePolicy(5),
    "not-a-policy": lambda lib: lib.dtype_policies.get(object()),
    "layer": lambda lib: lib.layers.Dense(2, dtype="half precision"),
    "layer-int8": lambda lib: lib.layers.Dense(2, dtype="int8"),
    "global": lambda lib: lib.config.set_dtype_policy(32),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_policy_is_refused(twins: Any, case: str) -> None:
    for lib in twins.libs:
        with pytest.raises((ValueError, TypeError, NotImplementedError)):
            REFUSED[case](lib)


@pytest.mark.parametrize("dtype", [None, "float32", "mixed_float16", "float64"])
def test_layer_says_what_its_policy_says(twins: Any, dtype: str | None) -> None:
    def recipe(lib: Any) -> Any:
        layer = lib.layers.Dense(2, dtype=dtype, name="d")
        layer.build((None, 4))
        held = [layer.dtype, layer.compute_dtype, layer.variable_dtype, layer.input_dtype, layer.dtype_policy.name]
        again = lib.layers.Dense.from_config(layer.get_config())
        layer.dtype_policy = "mixed_float16"
        return [
            held,
            layer.get_config()["dtype"],
            str(np.dtype(str(layer.kernel.dtype))),
            [again.dtype, again.compute_dtype],
            [layer.dtype, layer.compute_dtype],
        ]

    twins.same(recipe)


@pytest.mark.parametrize("policy", ["float32", "float64", "mixed_float16"])
def test_global_policy_is_that_of_new_layers(twins32: Any, policy: str) -> None:
    def recipe(lib: Any) -> Any:
        lib.config.set_dtype_policy(policy)
        try:
            layer, given = lib.layers.Dense(2), lib.layers.Dense(2, dtype="float64")
            told = [lib.config.dtype_policy().name, lib.mixed_precision.global_policy().name, lib.DTypePolicy().name]
            return [told, layer.dtype, layer.compute_dtype, given.dtype, lib.Input((3,)).dtype == "float32"]
        finally:
            lib.mixed_precision.set_global_policy("float32")

    twins32.same(recipe)


@pytest.mark.parametrize("given", ["float16", "float32", "float64", "int64", "uint8"])
@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_layer_called_on_an_array_returns_its_compute_dtype(twins32: Any, policy: str, given: str) -> None:
    x = np.array([[1, 2, 3, 4]], given)

    def recipe(lib: Any) -> Any:
        class Scale(lib.layers.Layer):  # type: ignore[misc]
            def build(self, input_shape: Any) -> None:
                self.factor = self.add_weight(shape=(4,), initializer="ones", name="factor")

            def call(self, inputs: Any) -> Any:
                return inputs * self.factor

        layers = [lib.layers.Dense(2, kernel_initializer="ones", dtype=policy), Scale(dtype=policy)]
        return [[str(np.asarray(layer(x)).dtype), np.asarray(layer(x)).tolist()] for layer in layers]

    twins32.same(recipe)


def test_autocast_off_leaves_inputs_as_they_are(twins32: Any) -> None:
    def recipe(lib: Any) -> Any:
        class Same(lib.layers.Layer):  # type: ignore[misc]
            def call(self, inputs: Any) -> Any:
                return inputs * 1

        found = []
        for autocast in (True, False):
            layer = Same(autocast=autocast)
            found.append([layer.autocast, str(np.asarray(layer(np.ones((1, 2)))).dtype)])
        return found

    twins32.same(recipe)


def mixed(lib: Any) -> Any:
    policy = {"dtype": "mixed_float16"}
    layers = [
        lib.layers.Dense(5, "tanh", **policy),
        lib.layers.Dropout(0.0, **policy),
        lib.layers.Dense(3, "relu", **policy),
        lib.layers.Dense(2, dtype="float32"),
    ]
    return lib.Sequential([lib.Input((4,), dtype="float32"), *layers])


def test_model_in_mixed_precision_has_keras_dtypes(twins32: Any) -> None:
    def recipe(lib: Any) -> Any:
        model = mixed(lib)
        inner = lib.Model(model.inputs, model.layers[2].output)
        return [
            [np.dtype(str(layer.output.dtype)).name for layer in model.layers],
            [np.dtype(str(weight.dtype)).name for weight in model.weights],
            str(inner.predict(X, verbose=0).dtype),
            str(model.predict(X, verbose=0).dtype),
            str(np.asarray(inner(X)).dtype),
        ]

    twins32.same(recipe)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_model_in_mixed_precision_trains_like_keras_within_float16(twins32: Any, optimizer: str) -> None:
    def build(lib: Any) -> Any:
        return twins32.compile(lib, mixed(lib), optimizer=getattr(lib.optimizers, optimizer)(0.01), metrics=["mae"])

    def run(model: Any) -> Any:
        fitted = model.fit(X, Y, epochs=4, batch_size=3, shuffle=False, verbose=0)
        return [
            fitted.history["loss"],
            fitted.history["mae"],
            model.predict(X, verbose=0),
            model.evaluate(X, Y, verbose=0),
        ]

    twins32.train(build, run, atol=HALF)


def test_config_of_a_mixed_model_is_keras(twins32: Any) -> None:
    def recipe(lib: Any) -> Any:
        lib.config.set_dtype_policy("mixed_float16")
        try:
            model = lib.Sequential([lib.Input((4,), name="x"), lib.layers.Dense(2, name="d")], name="m")
            again = lib.Sequential.from_config(model.get_config())
            return [model.get_config(), again.layers[0].compute_dtype]
        finally:
            lib.config.set_dtype_policy("float32")

    twins32.same(recipe)
