"""Losses, loss weights and metrics for several outputs: what is logged, in which order, and how it trains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(41)
X = RNG.normal(size=(10, 4))
P = np.eye(3)[RNG.integers(0, 3, 10)]
Q = RNG.normal(size=(10, 1))
WP, WQ = RNG.random(10), RNG.random(10)
CCE, BOTH = "categorical_crossentropy", {"p": "categorical_crossentropy", "q": "mse"}


def outputs(lib: Any, as_dict: bool = False) -> Any:
    """Two outputs, `q` before `p` in a list, so that sorting by name shows."""
    x = lib.Input((4,), name="x")
    h = lib.layers.Dense(3, activation="tanh", name="h")(x)
    p = lib.layers.Dense(3, activation="softmax", name="p")(h)
    q = lib.layers.Dense(1, name="q")(h)
    return lib.Model(x, {"q": q, "p": p} if as_dict else [q, p])


LISTS: dict[str, dict[str, Any]] = {
    "loss-list": {"loss": ["mse", CCE]},
    "loss-dict": {"loss": BOTH},
    "one-loss-for-all": {"loss": "mse"},
    "loss-none-for-one": {"loss": ["mse", None]},
    "weights-list": {"loss": ["mse", CCE], "loss_weights": [0.3, 2.0]},
    "weights-dict": {"loss": BOTH, "loss_weights": {"p": 2.0, "q": 0.3}},
    "metrics-list": {"loss": ["mse", CCE], "metrics": [["mae"], ["accuracy", "mse"]]},
    "metrics-dict": {"loss": BOTH, "metrics": {"p": ["accuracy"], "q": ["mae", "mse"]}},
    "metrics-dict-of-strings": {"loss": BOTH, "metrics": {"p": "accuracy", "q": "mae"}},
    "metrics-for-one": {"loss": BOTH, "metrics": {"p": ["accuracy"]}},
    "weighted": {"loss": BOTH, "metrics": {"p": ["accuracy"]}, "weighted_metrics": {"p": ["accuracy"], "q": ["mae"]}},
}
DICTS = {name: LISTS[name] for name in ["loss-dict", "weights-dict", "metrics-dict", "weighted"]}


def run(model: Any, y: Any, weights: Any) -> Any:
    history = model.fit(X, y, epochs=2, batch_size=5, shuffle=False, verbose=0, sample_weight=weights).history
    listed = model.evaluate(X, y, batch_size=5, verbose=0)
    named = model.evaluate(X, y, batch_size=5, verbose=0, return_dict=True)
    return [history, listed, named, model.train_on_batch(X, y), model.test_on_batch(X, y, return_dict=True)]


LONG_TAIL = {"loss-none-for-one", "weights-dict", "metrics-dict-of-strings", "metrics-for-one"}


@pytest.mark.parametrize("case", [pytest.param(c, marks=pytest.mark.slow if c in LONG_TAIL else ()) for c in LISTS])
def test_list_of_outputs_logs_and_trains_like_keras(twins: Any, case: str) -> None:
    y = [Q, Q + np.zeros((1, 3))] if case == "one-loss-for-all" else [Q, P]

    def build(lib: Any) -> Any:
        return twins.compile(lib, outputs(lib), **LISTS[case])

    twins.train(build, lambda model: run(model, y, None))


@pytest.mark.parametrize("case", DICTS)
def test_dict_of_outputs_logs_and_trains_like_keras(twins: Any, case: str) -> None:
    def build(lib: Any) -> Any:
        return twins.compile(lib, outputs(lib, as_dict=True), **DICTS[case])

    twins.train(build, lambda model: run(model, {"p": P, "q": Q}, None))


@pytest.mark.parametrize("case", ["metrics-dict", "weighted", "weights-list"])
def test_sample_weights_per_output_log_and_train_like_keras(twins: Any, case: str) -> None:
    def build(lib: Any) -> Any:
        return twins.compile(lib, outputs(lib), **LISTS[case])

    twins.train(build, lambda model: run(model, [Q, P], [WQ, WP]))


SINGLE: dict[str, list[Any]] = {
    "strings": ["accuracy", "mse", "mae"],
    "same-twice": ["mse", "mse"],
    "objects": ["CategoricalAccuracy()", "MeanSquaredError(name='squares')"],
    "class": ["CategoricalAccuracy"],
    "upper-case": ["MSE", "MAE"],
    "long-strings": ["categorical_accuracy", "mean_absolute_error"],
}


@pytest.mark.parametrize("case", SINGLE)
def test_metric_names_of_one_output_are_keras(twins: Any, case: str) -> None:
    def build(lib: Any) -> Any:
        made: dict[str, Any] = {
            "CategoricalAccuracy()": lambda: lib.metrics.CategoricalAccuracy(),
            "MeanSquaredError(name='squares')": lambda: lib.metrics.MeanSquaredError(name="squares"),
        }
        metrics = [made[entry]() if entry in made else entry for entry in SINGLE[case]]
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="softmax")])
        return twins.compile(lib, model, loss=CCE, metrics=metrics)

    twins.train(build, lambda model: run(model, P, None))


def test_metric_function_is_logged_under_its_name(twins: Any) -> None:
    def spread(y_true: Any, y_pred: Any) -> Any:
        return (y_true - y_pred) * y_pred

    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="softmax")])
        return twins.compile(lib, model, loss=CCE, metrics=[spread])

    twins.train(build, lambda model: run(model, P, None))


@pytest.mark.parametrize(
    "metrics", [{"metrics": ["mae"], "weighted_metrics": ["mae", "mse"]}, {"weighted_metrics": []}]
)
def test_weighted_metrics_use_the_weights_and_metrics_do_not(twins: Any, metrics: dict[str, Any]) -> None:
    def build(lib: Any) -> Any:
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), lib.layers.Dense(1)]), **metrics)

    def weighted(model: Any) -> Any:
        evaluated = model.evaluate(X, Q, batch_size=5, verbose=0, sample_weight=WQ, return_dict=True)
        return [run(model, Q, WQ), evaluated, model.train_on_batch(X, Q, sample_weight=WQ, return_dict=True)]

    twins.train(build, weighted)
