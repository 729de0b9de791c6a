"""Functional models: sharing, several inputs and outputs, nesting, dict and list inputs are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(37)
A = RNG.normal(size=(10, 4))
B = RNG.normal(size=(10, 2))
P = RNG.normal(size=(10, 3))
Q = RNG.normal(size=(10, 1))


def shared_layer(lib: Any) -> Any:
    a, b = lib.Input((4,), name="a"), lib.Input((4,), name="b")
    shared = lib.layers.Dense(3, activation="tanh", name="shared")
    return lib.Model([a, b], lib.layers.Dense(3, name="p")(lib.layers.Concatenate(name="c")([shared(a), shared(b)])))


def layer_applied_to_itself(lib: Any) -> Any:
    a = lib.Input((4,), name="a")
    again = lib.layers.Dense(4, activation="tanh", name="again")
    return lib.Model(a, lib.layers.Dense(3, name="p")(again(again(again(a)))))


def two_inputs(lib: Any) -> Any:
    a, b = lib.Input((4,), name="a"), lib.Input((2,), name="b")
    joined = lib.layers.Concatenate(name="c")([lib.layers.Dense(3, name="h")(a), b])
    return lib.Model([a, b], lib.layers.Dense(3, name="p")(joined))


def dict_inputs(lib: Any) -> Any:
    """Named against their order, to see which order counts."""
    z, b = lib.Input((4,), name="z"), lib.Input((2,), name="b")
    joined = lib.layers.Concatenate(name="c")([lib.layers.Dense(3, name="h")(z), b])
    return lib.Model({"z": z, "b": b}, lib.layers.Dense(3, name="p")(joined))


def skip(lib: Any) -> Any:
    a = lib.Input((4,), name="a")
    h = lib.layers.Dense(4, activation="relu", name="h")(a)
    h = lib.layers.Dense(4, name="h2")(h)
    return lib.Model(a, lib.layers.Dense(3, name="p")(lib.layers.Add(name="s")([h, a])))


def nested(lib: Any) -> Any:
    i = lib.Input((4,), name="i")
    inner = lib.Model(i, lib.layers.Dense(3, activation="tanh", name="d")(i), name="inner")
    a, b = lib.Input((4,), name="a"), lib.Input((4,), name="b")
    joined = lib.layers.Concatenate(name="c")([inner(a), inner(b)])
    return lib.Model([a, b], lib.layers.Dense(3, name="p")(joined), name="outer")


def nested_sequential(lib: Any) -> Any:
    inner = lib.Sequential(
        [lib.Input((4,), name="i"), lib.layers.Dense(3, name="d"), lib.layers.Dropout(0.0)], name="q"
    )
    a = lib.Input((4,), name="a")
    return lib.Model(a, lib.layers.Dense(3, name="p")(inner(a)), name="outer")


def arithmetic(lib: Any) -> Any:
    a = lib.Input((4,), name="a")
    h = lib.layers.Dense(3, name="h")(a)
    return lib.Model(a, (2.0 * h - 1.0) * h / (h * h + 1.0) + (-h))


def unused_branch(lib: Any) -> Any:
    a = lib.Input((4,), name="a")
    h = lib.layers.Dense(3, name="h")(a)
    lib.layers.Dense(5, name="unused")(h)
    return lib.Model(a, lib.layers.Dense(3, name="p")(h))


def one_unit_input(lib: Any) -> Any:
    a = lib.Input((1,), name="a")
    return lib.Model(a, lib.layers.Dense(3, name="p")(a))


CASES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "shared-layer": (shared_layer, [A, A[::-1].copy()]),
    "layer-applied-to-itself": (layer_applied_to_itself, A),
    "two-inputs-as-list": (two_inputs, [A, B]),
    "two-inputs-as-tuple": (two_inputs, (A, B)),
    "two-inputs-as-dict": (two_inputs, {"b": B, "a": A}),
    "dict-inputs": (dict_inputs, {"z": A, "b": B}),
    "dict-inputs-other-order": (dict_inputs, {"b": B, "z": A}),
    "skip": (skip, A),
    "nested-and-shared": (nested, [A, A[::-1].copy()]),
    "nested-sequential": (nested_sequential, A),
    "arithmetic": (arithmetic, A),
    "unused-branch": (unused_branch, A),
    "one-unit-input-fed-a-vector": (one_unit_input, A[:, 0]),
}


LONG_TAIL = {"two-inputs-as-tuple", "dict-inputs-other-order", "unused-branch"}


@pytest.mark.parametrize("case", [pytest.param(c, marks=pytest.mark.slow if c in LONG_TAIL else ()) for c in CASES])
def test_model_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    make, x = CASES[case]

    def run(model: Any) -> Any:
        before = model.predict(x, batch_size=5, verbose=0)
        return [before, model.fit(x, P, epochs=2, batch_size=5, shuffle=False, verbose=0).history]

    twins.train(lambda lib: twins.compile(lib, make(lib)), run)


@pytest.mark.parametrize("case", [case for case in CASES if case != "arithmetic"])
def test_layers_and_weights_are_listed_in_keras_order(twins: Any, case: str) -> None:
    make, _ = CASES[case]

    def recipe(lib: Any) -> Any:
        model = make(lib)
        weights = [[w.name, w.path, list(w.shape)] for w in model.weights]
        shapes = [str(model.input_shape), str(model.output_shape)]
        return [[layer.name for layer in model.layers], weights, model.count_params(), shapes]

    twins.same(recipe)


def several_outputs(lib: Any, structure: str) -> Any:
    a = lib.Input((4,), name="a")
    h = lib.layers.Dense(3, activation="tanh", name="h")(a)
    p, q = lib.layers.Dense(3, name="p")(h), lib.layers.Dense(1, name="q")(h)
    return lib.Model(a, {"list": [p, q], "tuple": (p, q), "dict": {"y2": p, "y1": q}}[structure])


@pytest.mark.parametrize("structure", ["list", "dict", pytest.param("tuple", marks=pytest.mark.slow)])
def test_several_outputs_are_predicted_in_their_structure(twins: Any, structure: str) -> None:
    twins.train(lambda lib: several_outputs(lib, structure), lambda model: model.predict(A, batch_size=5, verbose=0))


def test_output_names_are_the_layers_names(twins: Any) -> None:
    twins.same(lambda lib: list(several_outputs(lib, "list").output_names))


def test_features_of_a_trained_model_share_its_weights(twins: Any) -> None:
    theirs, ours = twins.models(lambda lib: twins.compile(lib, skip(lib)))

    def features(lib: Any, model: Any) -> Any:
        part = lib.Model(model.inputs, model.get_layer("h").output)
        before = part.predict(A, batch_size=5, verbose=0)
        model.train_on_batch(A, P)
        return [before, part.predict(A, batch_size=5, verbose=0)]

    twins.compare(features(twins.libs[0], theirs), features(twins.libs[1], ours))


def test_model_called_on_arrays_computes_like_predict(twins: Any) -> None:
    twins.train(two_inputs, lambda model: np.asarray(model([A, B])))
