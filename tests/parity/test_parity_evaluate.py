"""`evaluate`, `predict` and the `*_on_batch` methods: values, order and structure are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(47)
X = RNG.normal(size=(10, 4))
Y = RNG.normal(size=(10, 3))
W = RNG.random(10)


def regressor(twins: Any, lib: Any, **arguments: Any) -> Any:
    layers = [lib.Input((4,)), lib.layers.Dense(3, activation="relu", kernel_regularizer="l2"), lib.layers.Dense(3)]
    return twins.compile(lib, lib.Sequential(layers), **{"metrics": ["mse", "mae"], **arguments})


@pytest.mark.parametrize(
    "arguments",
    [{"batch_size": 4}, {"batch_size": 5}, {}, {"batch_size": 5, "sample_weight": W}, {"batch_size": 2, "steps": 3}],
    ids=["short-last-batch", "whole-batches", "default", "weighted", "steps"],
)
def test_evaluate_is_keras_as_list_and_as_dict(twins: Any, arguments: dict[str, Any]) -> None:
    def run(model: Any) -> Any:
        return [model.evaluate(X, Y, verbose=0, return_dict=named, **arguments) for named in (False, True)]

    twins.train(lambda lib: regressor(twins, lib), run)


def test_evaluate_without_metrics_is_one_float(twins: Any) -> None:
    def run(model: Any) -> Any:
        results = [model.evaluate(X, Y, verbose=0), model.train_on_batch(X, Y), model.test_on_batch(X, Y)]
        return [[np.ndim(result) for result in results], results]

    twins.train(lambda lib: regressor(twins, lib, metrics=None), run)


def test_metrics_order_is_declaration_order_in_lists_and_sorted_in_dicts(twins: Any) -> None:
    def run(model: Any) -> Any:
        return [
            model.evaluate(X, Y, verbose=0),
            model.evaluate(X, Y, verbose=0, return_dict=True),
            model.train_on_batch(X, Y),
            model.train_on_batch(X, Y, return_dict=True),
            model.test_on_batch(X, Y),
            model.test_on_batch(X, Y, return_dict=True),
        ]

    twins.train(lambda lib: regressor(twins, lib, metrics=["mse", "accuracy", "mae"]), run)


@pytest.mark.parametrize("batch_size", [4, 10, 64, None])
def test_predict_is_keras_in_any_batches(twins: Any, batch_size: int | None) -> None:
    def run(model: Any) -> Any:
        predicted = model.predict(X, batch_size=batch_size, verbose=0)
        return [predicted, str(predicted.dtype), type(predicted).__name__, model.predict_on_batch(X)]

    twins.train(lambda lib: regressor(twins, lib), run)


def test_predict_needs_no_compile_and_takes_one_row(twins: Any) -> None:
    def build(lib: Any) -> Any:
        return lib.Sequential([lib.Input((4,)), lib.layers.Dense(3)])

    twins.train(
        build, lambda model: [model.predict(X[:1], verbose=0), model.predict(X, steps=1, batch_size=3, verbose=0)]
    )


def test_on_batch_methods_start_their_metrics_anew(twins: Any) -> None:
    def run(model: Any) -> Any:
        return [
            model.train_on_batch(X[:4], Y[:4]),
            model.train_on_batch(X[4:8], Y[4:8], sample_weight=W[4:8]),
            model.test_on_batch(X[:4], Y[:4], sample_weight=W[:4]),
            model.evaluate(X, Y, batch_size=5, verbose=0),
            model.test_on_batch(X[:4], Y[:4]),
        ]

    twins.train(lambda lib: regressor(twins, lib), run)


def test_train_on_batch_takes_class_weights_like_keras(twins: Any) -> None:
    labels = np.array([0, 1, 0, 1, 1, 0, 0, 1, 1, 1])

    def build(lib: Any) -> Any:
        return regressor(twins, lib, loss=lib.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=None)

    twins.train(build, lambda model: model.train_on_batch(X, labels, class_weight={0: 2.0, 1: 0.5}))
