"""Regularizers: the penalty, its place in the logged loss and its gradient are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(23)
X = RNG.normal(size=(10, 4))
Y = RNG.normal(size=(10, 3))

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "l1": ("L1", {"l1": 0.02}),
    "l2": ("L2", {"l2": 0.03}),
    "l1l2": ("L1L2", {"l1": 0.02, "l2": 0.03}),
    "l1-default": ("L1", {}),
    "l2-default": ("L2", {}),
    "l1l2-default": ("L1L2", {}),
}


@pytest.mark.parametrize("case", CASES)
def test_penalty_is_keras(twins: Any, case: str) -> None:
    name, options = CASES[case]
    twins.same(lambda lib: getattr(lib.regularizers, name)(**options)(X))


@pytest.mark.parametrize("string", ["l1", "l2", "L1", "L2", "l1l2", "L1L2", "orthogonal_regularizer"])
def test_regularizer_string_is_keras(twins: Any, string: str) -> None:
    twins.same(lambda lib: lib.regularizers.get(string)(X))


def test_lower_case_names_are_the_classes(twins: Any) -> None:
    twins.same(
        lambda lib: [lib.regularizers.l1(0.1)(X), lib.regularizers.l2(0.1)(X), lib.regularizers.l1_l2(0.1, 0.2)(X)]
    )


@pytest.mark.parametrize("mode", ["rows", "columns"])
@pytest.mark.parametrize("name", ["OrthogonalRegularizer", "orthogonal_regularizer"])
def test_orthogonality_is_trained_like_keras(twins: Any, name: str, mode: str) -> None:
    def build(lib: Any) -> Any:
        orthogonal = getattr(lib.regularizers, name)(0.5, mode)
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, kernel_regularizer=orthogonal)]))

    twins.train(build, lambda model: [model.train_on_batch(X, Y), model.train_on_batch(X, Y)])


@pytest.mark.parametrize("bad", [-1.0, float("inf"), float("nan"), "a"])
@pytest.mark.parametrize("name", ["L1", "L2", "L1L2", "OrthogonalRegularizer"])
def test_factor_that_keras_refuses_is_refused(twins: Any, name: str, bad: Any) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match=r"."):
            getattr(lib.regularizers, name)(bad)


def test_string_of_the_function_is_refused_as_in_keras(twins: Any) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match="l1_l2"):
            lib.regularizers.get("l1_l2")


@pytest.mark.parametrize("where", ["kernel_regularizer", "bias_regularizer", "activity_regularizer"])
@pytest.mark.parametrize("case", ["l1", "l2", "l1l2"])
def test_penalty_is_logged_and_trained_like_keras(twins: Any, case: str, where: str) -> None:
    name, options = CASES[case]

    def build(lib: Any) -> Any:
        hidden = lib.layers.Dense(3, activation="tanh", **{where: getattr(lib.regularizers, name)(**options)})
        model = lib.Sequential([lib.Input((4,)), hidden, lib.layers.Dense(3)])
        return twins.compile(lib, model, metrics=["mse"])

    def run(model: Any) -> Any:
        history = model.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0).history
        return [history, model.evaluate(X, Y, batch_size=5, verbose=0)]

    twins.train(build, run)


def test_frozen_layer_has_no_weight_penalty(twins: Any) -> None:
    def build(lib: Any) -> Any:
        frozen = lib.layers.Dense(3, kernel_regularizer="l2", trainable=False)
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), frozen, lib.layers.Dense(3)]))

    twins.train(build, lambda model: model.train_on_batch(X, Y))


def test_shared_layer_is_penalised_once(twins: Any) -> None:
    def build(lib: Any) -> Any:
        a, b = lib.Input((4,), name="a"), lib.Input((4,), name="b")
        shared = lib.layers.Dense(3, kernel_regularizer="l2", activity_regularizer="l1")
        return twins.compile(lib, lib.Model([a, b], lib.layers.Add()([shared(a), shared(b)])))

    twins.train(build, lambda model: model.train_on_batch([X, X[::-1].copy()], Y))
