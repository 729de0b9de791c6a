"""Optimizers: the weights and the slots they leave after eight steps are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(17)
X = RNG.normal(size=(10, 4))
Y = RNG.normal(size=(10, 3))

RULES: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    ("SGD", {"learning_rate": 0.1, "momentum": 0.8, "nesterov": True}),
    ("RMSprop", {}),
    ("RMSprop", {"learning_rate": 0.01, "rho": 0.8, "epsilon": 1e-3}),
    ("RMSprop", {"learning_rate": 0.01, "momentum": 0.5}),
    ("RMSprop", {"learning_rate": 0.01, "centered": True}),
    ("RMSprop", {"learning_rate": 0.01, "momentum": 0.5, "centered": True}),
    ("Adam", {}),
    ("Adam", {"learning_rate": 0.05, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-3}),
    ("Adam", {"learning_rate": 0.05, "amsgrad": True}),
    ("AdamW", {"learning_rate": 0.05}),
    ("AdamW", {"learning_rate": 0.05, "weight_decay": 0.1, "amsgrad": True}),
]
COMMON: list[dict[str, Any]] = [
    {"clipnorm": 0.05},
    {"clipvalue": 0.02},
    {"global_clipnorm": 0.05},
    {"clipnorm": 1e6},
    {"global_clipnorm": 1e6},
    {"weight_decay": 0.1},
    {"weight_decay": 0.1, "clipvalue": 0.02},
]


def builder(twins: Any, name: str, options: dict[str, Any]) -> Any:
    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="tanh"), lib.layers.Dense(3)])
        return twins.compile(lib, model, optimizer=getattr(lib.optimizers, name)(**options))

    return build


def fit(model: Any) -> Any:
    return model.fit(X, Y, epochs=4, batch_size=5, shuffle=False, verbose=0).history


@pytest.mark.parametrize(("name", "options"), RULES)
def test_eight_steps_leave_keras_weights_and_slots(twins: Any, name: str, options: dict[str, Any]) -> None:
    theirs, ours = twins.train(builder(twins, name, options), fit)
    slots = [[np.asarray(v.numpy()) for v in model.optimizer.variables] for model in (theirs, ours)]
    twins.compare(*slots)


@pytest.mark.parametrize("name", ["SGD", *(pytest.param(name, marks=pytest.mark.slow) for name in ("Adam", "RMSprop"))])
@pytest.mark.parametrize("options", COMMON, ids=lambda options: "-".join(f"{k}={v}" for k, v in options.items()))
def test_clipping_and_decay_leave_keras_weights(twins: Any, name: str, options: dict[str, Any]) -> None:
    # Steps of RMSprop and Adam have the size of the rate whatever the gradient: at a rate of 0.1 eight of them
    # turn the oracle's 3e-8 (see conftest.py) into 4e-6, while one step alone agrees to the bit.
    rate = 0.1 if name == "SGD" else 0.01
    twins.train(builder(twins, name, {"learning_rate": rate, **options}), fit)


@pytest.mark.parametrize("string", ["sgd", "SGD", "rmsprop", "RMSprop", "adam", "Adam", "adamw", "AdamW"])
def test_optimizer_string_gives_keras_defaults(twins: Any, string: str) -> None:
    def recipe(lib: Any) -> Any:
        found = lib.optimizers.get(string)
        return [type(found).__name__, float(found.learning_rate)]

    twins.same(recipe)


def test_step_count_and_variables_are_keras(twins: Any) -> None:
    theirs, ours = twins.train(builder(twins, "Adam", {}), fit)
    for model in (theirs, ours):
        assert int(model.optimizer.iterations) == 8
    assert [v.shape for v in ours.optimizer.variables] == [v.shape for v in theirs.optimizer.variables]


def test_assigned_learning_rate_is_used_and_read_back(twins: Any) -> None:
    def run(model: Any) -> Any:
        first = model.train_on_batch(X, Y)
        model.optimizer.learning_rate = 0.25
        return [first, model.train_on_batch(X, Y), float(model.optimizer.learning_rate)]

    twins.train(builder(twins, "Adam", {}), run)


def test_optimizer_state_goes_on_through_a_second_fit(twins: Any) -> None:
    twins.train(builder(twins, "Adam", {"learning_rate": 0.05}), lambda model: [fit(model), fit(model)])


def test_compile_with_a_string_again_starts_the_optimizer_anew(twins: Any) -> None:
    theirs, ours = twins.models(builder(twins, "Adam", {}))
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        fit(model)
        twins.compile(lib, model, optimizer="adam")
        assert int(model.optimizer.iterations) == 0
    twins.compare(fit(theirs), fit(ours))


def test_decay_skips_the_excluded_weights(twins: Any) -> None:
    def build(lib: Any) -> Any:
        model = builder(twins, "AdamW", {"learning_rate": 0.05, "weight_decay": 0.5})(lib)
        model.optimizer.exclude_from_weight_decay(var_names=["bias"])
        return model

    twins.train(build, fit)


@pytest.mark.slow
def test_own_training_loop_with_apply_leaves_keras_weights(twins: Any) -> None:
    gradients = [RNG.normal(size=shape) for shape in [(4, 3), (3,), (3, 3), (3,)]]

    def run(model: Any) -> Any:
        model.optimizer.apply(gradients, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return int(model.optimizer.iterations)

    twins.train(builder(twins, "Adam", {"learning_rate": 0.05}), run)
