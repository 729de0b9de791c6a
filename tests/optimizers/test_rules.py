"""Numbers worked by hand; tests/contracts/test_optimizers.py holds every rule to its formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.optimizers import SGD, Adam, AdamW, RMSprop
from denselite.tensor.variable import Variable


def steps(optimizer: Any, gradients: list[float], start: float = 1.0) -> list[float]:
    w = Variable(np.array([start]), name="w")
    path = []
    for g in gradients:
        optimizer.apply([np.array([g])], [w])
        path.append(float(w.numpy()[0]))
    return path


def test_sgd_with_momentum_keeps_the_rate_in_the_momentum() -> None:
    # m = -0.5, then 0.5·(-0.5) - 0.5 = -0.75, then -0.375 - 0 = -0.375
    assert steps(SGD(0.5, momentum=0.5), [1.0, 1.0, 0.0]) == [0.5, -0.25, -0.625]


def test_sgd_with_nesterov_looks_ahead() -> None:
    # m as above; the step is 0.5·m - 0.5·g: -0.75, -0.875, -0.1875
    assert steps(SGD(0.5, momentum=0.5, nesterov=True), [1.0, 1.0, 0.0]) == [0.25, -0.625, -0.8125]


def test_nesterov_without_momentum_is_plain_descent() -> None:
    assert steps(SGD(0.5, nesterov=True), [1.0, 1.0]) == [0.5, 0.0]


def test_rmsprop_divides_by_the_root_of_the_mean_square() -> None:
    # v = 0.25·2² = 1, w = 1 - 0.5·2/1 = 0; v = 0.75 + 0 = 0.75, no gradient, no step (epsilon is 1e-7 beside v)
    assert steps(RMSprop(0.5, rho=0.75), [2.0, 0.0]) == pytest.approx([0.0, 0.0], abs=1e-6)


def test_rmsprop_centered_divides_by_the_standard_deviation() -> None:
    # v = 0.5·4 = 2, mean = 0.5·2 = 1: v - mean² = 1, a step of 0.25·2/1
    assert steps(RMSprop(0.25, rho=0.5, centered=True), [2.0]) == pytest.approx([0.5], abs=1e-6)


@pytest.mark.parametrize("gradient", [1e-3, 1.0, -250.0])
def test_first_step_of_adam_is_the_rate_whatever_the_gradient(gradient: float) -> None:
    assert steps(Adam(0.125, epsilon=1e-12), [gradient]) == pytest.approx([1 - 0.125 * np.sign(gradient)], rel=1e-6)


def test_epsilon_of_adam_is_beside_the_uncorrected_root() -> None:
    # m = 0.1, v = 0.001: 0.125·sqrt(0.001)/0.1 · 0.1/(sqrt(0.001) + 1)
    root = 0.001**0.5
    assert steps(Adam(0.125, epsilon=1.0), [1.0]) == pytest.approx([1 - 0.125 * root / (root + 1)], rel=1e-12)


def test_amsgrad_remembers_the_largest_velocity() -> None:
    # After a gradient of 10, v falls; the largest stays, so later steps are shorter than Adam's.
    gradients = [10.0] + [0.1] * 20
    amsgrad, adam = steps(Adam(0.125, beta_2=0.5, amsgrad=True), gradients), steps(Adam(0.125, beta_2=0.5), gradients)
    assert abs(amsgrad[-1] - amsgrad[-2]) < 0.1 * abs(adam[-1] - adam[-2])


def test_decay_of_adamw_does_not_go_through_the_moments() -> None:
    # 1 - 0.125·0.5·1 = 0.9375 by decay alone; with the first step of Adam another 0.125
    assert steps(AdamW(0.125, weight_decay=0.5), [0.0]) == [0.9375]
    assert steps(AdamW(0.125, weight_decay=0.5, epsilon=1e-12), [3.0]) == pytest.approx([0.8125], rel=1e-6)


def test_adamw_is_adam_without_decay_and_decays_by_default() -> None:
    assert steps(AdamW(0.125, weight_decay=None), [1.0, 2.0]) == steps(Adam(0.125), [1.0, 2.0])
    assert AdamW().weight_decay == 0.004


def test_defaults_are_keras() -> None:
    assert {cls.__name__: float(cls().learning_rate) for cls in (SGD, RMSprop, Adam, AdamW)} == pytest.approx(
        {"SGD": 0.01, "RMSprop": 0.001, "Adam": 0.001, "AdamW": 0.001}
    )
    assert (Adam().beta_1, Adam().beta_2, Adam().epsilon, RMSprop().rho) == (0.9, 0.999, 1e-7, 0.9)
