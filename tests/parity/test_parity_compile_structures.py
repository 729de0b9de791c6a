"""What `compile` takes for several outputs, in every nesting: which logs there are, in which order, and the numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(73)
X = RNG.normal(size=(6, 4))
P = np.eye(3)[[0, 2, 1, 1, 0, 2]]
Q = RNG.normal(size=(6, 1))
Z = np.array([[0.0], [1.0], [1.0], [0.0], [1.0], [0.0]])
W = RNG.random(6)
CCE, BCE = "categorical_crossentropy", "binary_crossentropy"

Nest = Callable[[Any, Any, Any], Any]
NESTS: dict[str, Nest] = {
    "list": lambda q, p, z: [q, p],
    "tuple": lambda q, p, z: (q, p),
    "dict": lambda q, p, z: {"q": q, "p": p},
    "other-keys": lambda q, p, z: {"z": q, "b": p},
    "three": lambda q, p, z: [q, p, z],
    "three-dict": lambda q, p, z: {"q": q, "p": p, "z": z},
    "list-in-list": lambda q, p, z: [q, [p, z]],
    "list-in-dict": lambda q, p, z: {"a": q, "b": [p, z]},
    "one-dict": lambda q, p, z: {"a": [q, p]},
}


def nested(lib: Any, nest: Nest) -> Any:
    """A model of outputs `q` (a number), `p` (three classes) and `z` (yes or no), nested as asked."""
    x = lib.Input((4,), name="x")
    h = lib.layers.Dense(3, activation="tanh", name="h")(x)
    heads = [("q", 1, None), ("p", 3, "softmax"), ("z", 1, "sigmoid")]
    return lib.Model(x, nest(*[lib.layers.Dense(n, activation=a, name=name)(h) for name, n, a in heads]))


def run(model: Any, y: Any, weights: Any = None) -> Any:
    arguments: dict[str, Any] = {"batch_size": 3, "verbose": 0, "sample_weight": weights}
    history = model.fit(X, y, shuffle=False, **arguments).history
    listed = model.evaluate(X, y, **arguments)
    named = model.evaluate(X, y, return_dict=True, **arguments)
    return [history, listed, named, model.train_on_batch(X, y, sample_weight=weights)]


def given(lib: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments, with `"!Class"` made an object of the library's metrics or losses."""

    def make(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: make(entry) for key, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(make(entry) for entry in value)
        if isinstance(value, str) and value[:1] in "!?":
            part = getattr(lib.losses if value[0] == "?" else lib.metrics, value[1:])
            return part()
        return value

    return {name: make(value) for name, value in arguments.items()}


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    # Two outputs, in a list.
    "one-string-each": ("list", {"loss": ["mse", CCE], "metrics": ["mae", "accuracy"]}),
    "lists-each": ("list", {"loss": ["mse", CCE], "metrics": [["mae"], ["accuracy", "mse"]]}),
    "empty-for-one": ("list", {"loss": ["mse", CCE], "metrics": [[], ["mse"]]}),
    "none-for-one": ("list", {"loss": [None, CCE], "metrics": [None, "mae"]}),
    "none-in-a-dict": ("list", {"loss": {"p": CCE, "q": None}, "metrics": {"q": "mae"}}),
    "objects": ("list", {"loss": ["?MeanSquaredError", CCE], "metrics": [["!MeanAbsoluteError"], ["mse"]]}),
    "twice-one-name": ("list", {"loss": ["mse", CCE], "metrics": [["mse", "mse", "mae"], ["mse"]]}),
    "weighted": ("list", {"loss": ["mse", CCE], "metrics": [["mse"], []], "weighted_metrics": [["mse"] * 3, ["mse"]]}),
    "dict-of-all": (
        "list",
        {"loss": {"p": CCE, "q": "mse"}, "metrics": {"q": "mae"}, "weighted_metrics": {"p": ["acc"], "q": ["mae"]}},
    ),
    "weights-list": ("list", {"loss": {"p": CCE, "q": "mse"}, "loss_weights": [0.2, 3.0]}),
    "weights-dict": ("list", {"loss": {"p": CCE, "q": "mse"}, "loss_weights": {"p": 3.0, "q": 0.2}}),
    "two-losses-for-one": ("list", {"loss": [["mse", "mae"], CCE], "metrics": ["mae", "mse"]}),
    "two-losses-in-a-dict": ("list", {"loss": {"q": ["mse", "mae"], "p": CCE}}),
    "lists-of-one-loss": ("list", {"loss": {"q": ["mse"], "p": [CCE]}}),
    # A tuple, a dict.
    "tuple": ("tuple", {"loss": ("mse", CCE), "metrics": (["mae"], ["accuracy"])}),
    "dict": ("dict", {"loss": {"q": "mse", "p": CCE}, "metrics": {"p": ["accuracy"], "q": "mae"}}),
    "dict-in-order-of-the-losses": ("dict", {"loss": {"p": CCE, "q": "mse"}, "metrics": {"q": "mae"}}),
    "dict-by-place": ("dict", {"loss": [CCE, "mse"], "metrics": [["accuracy"], ["mae"]]}),
    "dict-in-part": ("dict", {"loss": {"p": CCE}, "metrics": {"q": "mae"}}),
    "dict-two-losses": ("dict", {"loss": {"q": ["mse", "mae"], "p": CCE}}),
    "other-keys": ("other-keys", {"loss": {"z": "mse", "b": CCE}, "metrics": {"z": "mae", "b": "acc"}}),
    # Three outputs.
    "three": (
        "three",
        {"loss": ["mse", CCE, BCE], "metrics": [["mae"], "acc", ["acc", "mse"]], "loss_weights": [1, 0.5, 2]},
    ),
    "three-none": ("three", {"loss": ["mse", None, BCE], "metrics": [["mae"], ["accuracy"], None]}),
    "three-dict": (
        "three-dict",
        {"loss": {"z": BCE, "p": CCE, "q": "mse"}, "metrics": {"z": "acc"}, "loss_weights": {"q": 2, "p": 1, "z": 0}},
    ),
    # Deeper.
    "list-in-list": (
        "list-in-list",
        {"loss": ["mse", [CCE, BCE]], "metrics": [["mae"], [["acc"], ["acc", "mse"]]], "loss_weights": [1, [0.5, 2]]},
    ),
    "list-in-list-flat": ("list-in-list", {"loss": ["mse", CCE, BCE]}),
    "list-in-dict": (
        "list-in-dict",
        {"loss": {"b": [CCE, BCE], "a": "mse"}, "metrics": {"a": ["mae"], "b": [["accuracy"], ["mse"]]}},
    ),
    "list-in-one-dict": ("one-dict", {"loss": {"a": ["mse", CCE]}}),
}
QUICK = {
    "lists-each", "none-in-a-dict", "weighted", "two-losses-for-one", "dict-in-order-of-the-losses", "dict-by-place",
    "three-dict", "list-in-list", "list-in-dict",
}  # fmt: skip


@pytest.mark.parametrize("case", [pytest.param(c, marks=() if c in QUICK else pytest.mark.slow) for c in CASES])
def test_compile_arguments_of_any_nesting_log_and_train_like_keras(twins: Any, case: str) -> None:
    nesting, arguments = CASES[case]

    def build(lib: Any) -> Any:
        return twins.compile(lib, nested(lib, NESTS[nesting]), **given(lib, arguments))

    twins.train(build, lambda model: run(model, NESTS[nesting](Q, P, Z)))


@pytest.mark.parametrize("loss", [["mse", "mae"], pytest.param({"d": "mse"}, marks=pytest.mark.slow)])
def test_outputs_of_one_layer_share_its_name_like_keras(twins: Any, loss: Any) -> None:
    def build(lib: Any) -> Any:
        x = lib.Input((4,))
        shared = lib.layers.Dense(1, name="d")
        model = lib.Model(x, [shared(x), shared(lib.layers.Dense(4, activation="tanh")(x))])
        return twins.compile(lib, model, loss=loss, metrics=[["mse"], ["mse"]])

    twins.train(build, lambda model: run(model, [Q, -Q]))


def test_targets_may_go_by_the_names_of_listed_outputs(twins: Any) -> None:
    def build(lib: Any) -> Any:
        return twins.compile(lib, nested(lib, NESTS["list"]), loss={"p": CCE, "q": "mse"}, metrics={"q": "mae"})

    twins.train(build, lambda model: run(model, {"q": Q, "p": P}))


@pytest.mark.parametrize("nesting", ["list", pytest.param("three", marks=pytest.mark.slow)])
def test_one_array_of_sample_weights_serves_all_outputs(twins: Any, nesting: str) -> None:
    def build(lib: Any) -> Any:
        losses = ["mse", CCE, BCE][: 2 if nesting == "list" else 3]
        judges = [["mse"]] * len(losses)
        return twins.compile(lib, nested(lib, NESTS[nesting]), loss=losses, metrics=judges, weighted_metrics=judges)

    twins.train(build, lambda model: run(model, NESTS[nesting](Q, P, Z), W))


ONE: dict[str, dict[str, Any]] = {
    "accuracy-spellings": {"metrics": ["acc", "accuracy", "Accuracy", "ACC"]},
    "classes-by-name": {"loss": "CategoricalCrossentropy", "metrics": ["MeanSquaredError", "MSE", "mse"]},
    "nested-lists": {"metrics": [["mse"], ["mae"]]},
    "any-key": {"metrics": {"nothing": "mse"}},
    "tuple": {"metrics": ("mse", "mae")},
    "empty": {"metrics": []},
    "loss-object-as-metric": {"metrics": ["?MeanSquaredError", "?MeanAbsoluteError"]},
    "weight": {"loss_weights": 0.5},
    "weight-in-a-list": {"loss": [CCE], "loss_weights": [0.5]},
    "weighted-twice": {"weighted_metrics": ["mse", "mse"]},
    "weighted-and-not": {"metrics": ["mse", "mse"], "weighted_metrics": ["mse", "mse", "mae"]},
}


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=() if c.startswith("weighted") else pytest.mark.slow) for c in ONE]
)
def test_arguments_for_one_output_are_keras(twins: Any, case: str) -> None:
    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="softmax")])
        return twins.compile(lib, model, **given(lib, {"loss": CCE, **ONE[case]}))

    twins.train(build, lambda model: run(model, P, W if case.startswith("weighted") else None))


def test_functions_are_logged_under_keras_names(twins: Any) -> None:
    def build(lib: Any) -> Any:
        def MyError(y_true: Any, y_pred: Any) -> Any:  # noqa: N802 (its spelling is what is tested)
            return (y_true - y_pred) * y_pred

        judges = [MyError, lambda y_true, y_pred: y_pred, lib.metrics.categorical_accuracy]
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="softmax")])
        return twins.compile(lib, model, loss=lib.losses.categorical_crossentropy, metrics=judges)

    twins.train(build, lambda model: run(model, P))


def test_names_of_two_losses_of_one_output_are_keras(twins: Any) -> None:
    """The names alone: Keras trains for the first of them only, and logs 0 for both."""

    def names(lib: Any) -> list[str]:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="softmax")])
        twins.compile(lib, model, loss=["mse", "mae"])
        return list(model.fit(X, P, verbose=0).history)

    twins.same(names)
