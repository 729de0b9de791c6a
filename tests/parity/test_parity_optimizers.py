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
    ("Adamax", {"learning_rate": 0.05}),
    ("Adamax", {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.6, "epsilon": 1e-3}),
    ("Nadam", {"learning_rate": 0.05}),
    ("Nadam", {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}),
    ("Adagrad", {"learning_rate": 0.1}),
    ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-3}),
    ("Adadelta", {"learning_rate": 1.0}),
    ("Adadelta", {"learning_rate": 1.0, "rho": 0.5, "epsilon": 1e-2}),
    ("Ftrl", {"learning_rate": 0.1}),
    ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.3, "initial_accumulator_value": 0.5, "beta": 0.2}),
    (
        "Ftrl",
        {
            "learning_rate": 0.1, "l1_regularization_strength": 0.05, "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.2,
        },
    ),
    ("Lion", {"learning_rate": 0.01}),
    ("Lion", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.6}),
    ("Lamb", {"learning_rate": 0.05}),
    ("Lamb", {"learning_rate": 0.05, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}),
    ("Adafactor", {"learning_rate": 0.05}),
    ("Adafactor", {"learning_rate": 0.5, "beta_2_decay": -0.5, "epsilon_1": 1e-6, "epsilon_2": 0.1}),
    ("Adafactor", {"learning_rate": 0.5, "clip_threshold": 0.5, "relative_step": False}),
    ("Muon", {"learning_rate": 0.05}),
    ("Muon", {"learning_rate": 0.05, "nesterov": False, "rms_rate": None, "momentum": 0.5, "ns_steps": 3}),
    ("Muon", {"learning_rate": 0.05, "muon_a": 2.0, "muon_b": -1.5, "muon_c": 0.5, "adam_lr_ratio": 0.5}),
    ("Muon", {"learning_rate": 0.05, "weight_decay": None, "adam_weight_decay": 0.5, "exclude_layers": ["^no", "last"]}),
    ("ScheduleFreeAdamW", {"learning_rate": 0.05}),
    ("ScheduleFreeAdamW", {"learning_rate": 0.05, "warmup_steps": 5, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}),
]  # fmt: skip
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
        model = lib.Sequential(
            [lib.Input((4,)), lib.layers.Dense(3, activation="tanh"), lib.layers.Dense(3, name="last")]
        )
        return twins.compile(lib, model, optimizer=getattr(lib.optimizers, name)(**options))

    return build


def fit(model: Any) -> Any:
    return model.fit(X, Y, epochs=4, batch_size=5, shuffle=False, verbose=0).history


@pytest.mark.parametrize(("name", "options"), RULES)
def test_eight_steps_leave_keras_weights_and_slots(twins: Any, name: str, options: dict[str, Any]) -> None:
    twins.train(
        builder(twins, name, options),
        lambda model: [fit(model), [np.asarray(v.numpy()) for v in model.optimizer.variables]],
    )


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
    def run(model: Any) -> Any:
        fit(model)
        return [int(model.optimizer.iterations), [list(v.shape) for v in model.optimizer.variables]]

    ours = twins.train(builder(twins, "Adam", {}), run)
    assert int(ours.optimizer.iterations) == 8


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
