"""Learning-rate schedules: the rate at each step, and training under one, are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(19)
X = RNG.normal(size=(10, 4))
Y = RNG.normal(size=(10, 3))

DECAY = {"initial_learning_rate": 0.1, "decay_steps": 4}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "exponential": ("ExponentialDecay", {**DECAY, "decay_rate": 0.5}),
    "exponential-staircase": ("ExponentialDecay", {**DECAY, "decay_rate": 0.5, "staircase": True}),
    "inverse": ("InverseTimeDecay", {**DECAY, "decay_rate": 0.5}),
    "inverse-staircase": ("InverseTimeDecay", {**DECAY, "decay_rate": 0.5, "staircase": True}),
    "piecewise": ("PiecewiseConstantDecay", {"boundaries": [2, 5], "values": [0.1, 0.05, 0.01]}),
    "polynomial": ("PolynomialDecay", {**DECAY, "end_learning_rate": 0.01}),
    "polynomial-power-cycle": ("PolynomialDecay", {**DECAY, "power": 2.0, "cycle": True}),
    "cosine": ("CosineDecay", {**DECAY, "alpha": 0.1}),
    "cosine-warmup": ("CosineDecay", {**DECAY, "warmup_target": 0.2, "warmup_steps": 3}),
    "cosine-restarts": ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 3}),
    "cosine-restarts-shrinking": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 2, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.05},
    ),
    "cosine-restarts-even": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 3, "t_mul": 1.0, "m_mul": 0.9},
    ),
}


def schedule(lib: Any, case: str) -> Any:
    name, options = CASES[case]
    return getattr(lib.optimizers.schedules, name)(**options)


@pytest.mark.parametrize("case", [pytest.param(c, marks=pytest.mark.slow if "restarts-" in c else ()) for c in CASES])
def test_rate_at_each_step_is_keras(twins: Any, case: str) -> None:
    twins.same(lambda lib: [float(schedule(lib, case)(step)) for step in (0, 1, 2, 3, 4, 5, 8, 11)])


TRAINED = [
    case if case in ("exponential", "piecewise", "cosine-warmup") else pytest.param(case, marks=pytest.mark.slow)
    for case in CASES
]


@pytest.mark.parametrize("optimizer", ["SGD", pytest.param("Adam", marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", TRAINED)
def test_training_under_a_schedule_leaves_keras_weights(twins: Any, case: str, optimizer: str) -> None:
    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="tanh"), lib.layers.Dense(3)])
        return twins.compile(lib, model, optimizer=getattr(lib.optimizers, optimizer)(schedule(lib, case)))

    def run(model: Any) -> Any:
        history = model.fit(X, Y, epochs=4, batch_size=5, shuffle=False, verbose=0).history
        return [history, float(model.optimizer.learning_rate)]

    twins.train(build, run)


@pytest.mark.parametrize("case", CASES)
def test_schedule_config_is_keras(twins: Any, case: str) -> None:
    theirs, ours = (schedule(lib, case).get_config() for lib in twins.libs)
    assert set(ours) == set(theirs)
    twins.compare(theirs, {key: ours[key] for key in theirs})


# Arguments in Keras' order.
POSITIONAL: dict[str, tuple[Any, ...]] = {
    "ExponentialDecay": (0.1, 2.5, 0.7, True, "given"),
    "InverseTimeDecay": (0.1, 7, 1.7, True, "given"),
    "PiecewiseConstantDecay": ([1.5, 10, 100], [1, 0.5, 0.25, 0.1], "given"),
    "PolynomialDecay": (0.1, 4, 0.2, 0.5, True, "given"),
    "CosineDecay": (0.0, 4, 0.5, "given", 0.3, 3),
    "CosineDecayRestarts": (0.1, 4, 3.0, 0.5, 0.1, "given"),
}


@pytest.mark.parametrize("name", POSITIONAL)
def test_arguments_by_position_and_rates_of_a_long_run_are_keras(twins: Any, name: str) -> None:
    def recipe(lib: Any) -> Any:
        made = getattr(lib.optimizers.schedules, name)(*POSITIONAL[name])
        config = made.get_config()
        return [[config[key] for key in sorted(config)], [float(made(step)) for step in (0, 10, 101, 1299, 12345)]]

    twins.same(recipe)


@pytest.mark.parametrize("name", POSITIONAL)
def test_schedule_config_is_read_by_the_other_library(twins: Any, name: str) -> None:
    keras, denselite = (lib.optimizers.schedules for lib in twins.libs)
    theirs, ours = (getattr(part, name)(*POSITIONAL[name]) for part in (keras, denselite))
    assert denselite.deserialize(keras.serialize(theirs)).get_config() == ours.get_config()
    assert keras.deserialize(denselite.serialize(ours)).get_config() == theirs.get_config()


REFUSED: dict[str, tuple[Any, ...]] = {
    "ExponentialDecay": (0.1, 0, 0.5),
    "InverseTimeDecay": (0.1, 0, 0.5),
    "PiecewiseConstantDecay": ([1], [0.1]),
    "PolynomialDecay": (0.1, 0),
    "CosineDecay": (0.1, -1),
    "CosineDecayRestarts": (0.1, 0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_keras_refuses_is_refused(twins: Any, name: str) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match=r"."):
            getattr(lib.optimizers.schedules, name)(*REFUSED[name])
