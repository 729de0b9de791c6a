from __future__ import annotations

from typing import Any

import pytest

from denselite.errors import ArgumentError, StateError
from denselite.optimizers import schedules

STEPS = (0, 1, 2, 3, 4, 5, 8, 11)

# Oracle: keras.optimizers.schedules on JAX (3.15.1), float32, rounded to 6 digits.
CASES: dict[str, tuple[Any, list[float]]] = {
    "exponential": (
        schedules.ExponentialDecay(0.1, 4, 0.5),
        [0.1, 0.08409, 0.070711, 0.05946, 0.05, 0.042045, 0.025, 0.014865],
    ),
    "exponential-staircase": (
        schedules.ExponentialDecay(0.1, 4, 0.5, staircase=True),
        [0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025],
    ),
    "inverse": (
        schedules.InverseTimeDecay(0.1, 4, 0.5),
        [0.1, 0.088889, 0.08, 0.072727, 0.066667, 0.061538, 0.05, 0.042105],
    ),
    "inverse-staircase": (
        schedules.InverseTimeDecay(0.1, 4, 0.5, staircase=True),
        [0.1, 0.1, 0.1, 0.1, 0.066667, 0.066667, 0.05, 0.05],
    ),
    "piecewise": (
        schedules.PiecewiseConstantDecay([2, 5], [0.1, 0.05, 0.01]),
        [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.01, 0.01],
    ),
    "polynomial": (
        schedules.PolynomialDecay(0.1, 4, 0.01),
        [0.1, 0.0775, 0.055, 0.0325, 0.01, 0.01, 0.01, 0.01],
    ),
    "polynomial-cycle": (
        schedules.PolynomialDecay(0.1, 4, 0.01, power=2.0, cycle=True),
        [0.1, 0.060625, 0.0325, 0.015625, 0.01, 0.022656, 0.01, 0.010625],
    ),
    "cosine": (
        schedules.CosineDecay(0.1, 4, 0.1),
        [0.1, 0.08682, 0.055, 0.02318, 0.01, 0.01, 0.01, 0.01],
    ),
    "cosine-warmup": (
        schedules.CosineDecay(0.1, 4, 0.1, warmup_target=0.2, warmup_steps=3),
        [0.1, 0.133333, 0.166667, 0.2, 0.17364, 0.11, 0.02, 0.02],
    ),
    "restarts": (
        schedules.CosineDecayRestarts(0.1, 3),
        [0.1, 0.075, 0.025, 0.1, 0.093301, 0.075, 0.006699, 0.093301],
    ),
    "restarts-shrinking": (
        schedules.CosineDecayRestarts(0.1, 2, t_mul=1.5, m_mul=0.8, alpha=0.05),
        [0.1, 0.0525, 0.081, 0.062, 0.024, 0.0658, 0.0202, 0.04795],
    ),
    "restarts-even": (
        schedules.CosineDecayRestarts(0.1, 3, t_mul=1.0, m_mul=0.9),
        [0.1, 0.075, 0.025, 0.09, 0.0675, 0.0225, 0.02025, 0.018225],
    ),
}
every_case = pytest.mark.parametrize("case", CASES)


@every_case
def test_rate_at_each_step_is_keras(case: str) -> None:
    schedule, expected = CASES[case]
    assert [schedule(step) for step in STEPS] == pytest.approx(expected, abs=6e-7)


@every_case
def test_rate_is_a_python_float(case: str) -> None:
    assert {type(CASES[case][0](step)) for step in STEPS} == {float}


@every_case
def test_config_goes_round(case: str) -> None:
    schedule, _ = CASES[case]
    again = schedules.deserialize(schedules.serialize(schedule))
    assert type(again) is type(schedule)
    assert again.get_config() == schedule.get_config()
    assert [again(step) for step in STEPS] == [schedule(step) for step in STEPS]


def test_config_has_keras_keys() -> None:
    assert schedules.CosineDecayRestarts(0.1, 3).get_config() == {
        "initial_learning_rate": 0.1,
        "first_decay_steps": 3,
        "t_mul": 2.0,
        "m_mul": 1.0,
        "alpha": 0.0,
        "name": "SGDRDecay",
    }
    assert schedules.PiecewiseConstantDecay([1], [0.1, 0.2]).get_config()["name"] == "PiecewiseConstant"


@pytest.mark.parametrize("restart", [2, 5, 9.5, 16.25])
def test_each_restart_is_back_at_the_top(restart: float) -> None:
    """Waves of 2, 3, 4.5 and 6.75 steps: a logarithm would put some of these one wave early."""
    assert schedules.CosineDecayRestarts(0.1, 2, t_mul=1.5)(restart) == pytest.approx(0.1)


class Halving(schedules.LearningRateSchedule):
    """A schedule written as in Keras, with a constructor of its own."""

    def __init__(self, start: float) -> None:
        self.start = start

    def __call__(self, step: float) -> float:
        return self.start * 0.5**step


def test_own_schedule_has_a_config() -> None:
    assert Halving.from_config(Halving(0.8).get_config())(1) == 0.4


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "'decay_steps' should be greater than 0, got 0"),
        (lambda: schedules.ExponentialDecay(0.1, 10), "needs the argument 'decay_rate'"),
        (lambda: schedules.CosineDecayRestarts(0.1, 3, t_mul=0.5), "'t_mul' should be greater than or equal to 1"),
        (lambda: schedules.PiecewiseConstantDecay([1, 2], [0.1]), "needs one value more .* got 1 values and 2 bound"),
        (
            lambda: schedules.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3]),
            r"needs boundaries that rise, got \[2, 1\]",
        ),
    ],
)
def test_arguments_out_of_range_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        make()


def test_base_says_what_is_missing() -> None:
    with pytest.raises(StateError, match=r"LearningRateSchedule has no __call__\(step\)"):
        schedules.LearningRateSchedule()(0)
