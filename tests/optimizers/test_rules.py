"""Numbers worked by hand; tests/contracts/test_optimizers.py holds every rule to its formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.optimizers import (
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lamb,
    Lion,
    Muon,
    RMSprop,
    ScheduleFreeAdamW,
)
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


def matrix_after(optimizer: Any, start: Any, gradient: Any) -> Any:
    w = Variable(np.array(start), name="w")
    optimizer.apply([np.array(gradient)], [w])
    return w.numpy()


def test_first_step_of_adamax_is_the_rate_and_a_faded_maximum_makes_it_longer() -> None:
    # m = 0.5·4 = 2, u = 4: 0.125/0.5·2/4; m = 1, u = max(0.25·4, 0) = 1: 0.125/0.75·1/1
    path = steps(Adamax(0.125, beta_1=0.5, beta_2=0.25, epsilon=1e-12), [4.0, 0.0])
    assert path == pytest.approx([0.875, 0.875 - 1 / 6], rel=1e-10)


def test_adagrad_divides_by_the_root_of_all_squares_so_far() -> None:
    # a = 9 + 16 = 25: 1 - 0.5·4/5 = 0.6; a = 25 + 144 = 169: 0.6 - 0.5·12/13
    path = steps(Adagrad(0.5, initial_accumulator_value=9.0, epsilon=1e-14), [4.0, 12.0])
    assert path == pytest.approx([0.6, 0.6 - 6 / 13], rel=1e-12)


def test_adadelta_starts_with_the_root_of_epsilon() -> None:
    # a = 0.25·4 = 1 with epsilon 3: 2·sqrt(3)/2 = sqrt(3)
    assert steps(Adadelta(1.0, rho=0.75, epsilon=3.0), [2.0]) == pytest.approx([1 - 3**0.5], rel=1e-12)


def test_lion_steps_by_the_sign_of_gradient_and_momentum_together() -> None:
    # 0.5·0 + 0.5·1 > 0; m = 0.25·0 + 0.75·1 = 0.75; 0.5·0.75 - 0.5·0.5 > 0 though the gradient is negative
    assert steps(Lion(0.125, beta_1=0.5, beta_2=0.25), [1.0, -0.5]) == [0.875, 0.75]


def test_ftrl_forgets_the_weight_it_finds_and_zeroes_what_l1_holds() -> None:
    # a = 0 + 4, sqrt = 2; z = 2 - 2/0.5·1 = -2: w = 2/(2/0.5) = 0.5, within l1 = 3 it is 0, beyond l1 = 1 (2-1)/4
    def first(l1: float) -> list[float]:
        return steps(Ftrl(0.5, initial_accumulator_value=0.0, l1_regularization_strength=l1), [2.0])

    assert (first(0.0), first(3.0), first(1.0)) == ([0.5], [0.0], [0.25])
    assert steps(Ftrl(0.5), [0.0]) == [0.0]


def test_lamb_moves_a_weight_by_a_share_of_its_norm() -> None:
    # u = ±1, |w| = 5, |u| = sqrt(2): 0.125·5/sqrt(2) each; a weight of zeros moves by the rate
    optimizer = Lamb(0.125, epsilon=1e-12)
    moved = matrix_after(optimizer, [[3.0, 4.0]], [[0.5, -0.25]])
    np.testing.assert_allclose(moved, [[3 - 0.625 / 2**0.5, 4 + 0.625 / 2**0.5]], rtol=1e-10)
    np.testing.assert_allclose(matrix_after(Lamb(0.125, epsilon=1e-12), [0.0, 0.0], [2.0, -1.0]), [-0.125, 0.125])
    np.testing.assert_array_equal(matrix_after(Lamb(0.125), [1.0, 2.0], [0.0, 0.0]), [1.0, 2.0])


def test_adafactor_puts_the_mean_square_together_from_rows_and_columns() -> None:
    # g² = [[1, 4], [9, 16]]: r = (2.5, 12.5), c = (5, 10), mean(r) = 7.5, v = r·c/7.5; u = g/sqrt(v) has
    # rms² = mean(0.6, 1.2, 1.08, 0.96) = 0.96 and is not clipped at 1; rms(w) = 2, alpha = 0.125·2
    gradient = np.array([[1.0, -2.0], [3.0, 4.0]])
    v = np.outer([2.5, 12.5], [5.0, 10.0]) / 7.5
    w = np.full((2, 2), 2.0)
    np.testing.assert_allclose(matrix_after(Adafactor(0.125), w, gradient), w - 0.25 * gradient / np.sqrt(v), rtol=1e-7)
    clipped = matrix_after(Adafactor(0.125, clip_threshold=0.5), w, gradient)
    np.testing.assert_allclose(clipped, w - 0.25 * gradient / np.sqrt(v) * 0.5 / 0.96**0.5, rtol=1e-7)


def test_adafactor_takes_a_weight_of_zeros_for_epsilon_2() -> None:
    np.testing.assert_allclose(matrix_after(Adafactor(0.125), [0.0], [4.0]), [-0.125e-3], rtol=1e-12)


@pytest.mark.parametrize("shape", [(2, 3), (3, 2)])
def test_muon_steps_along_an_orthogonal_matrix(shape: tuple[int, int]) -> None:
    # With a = 1.5, b = -0.5, c = 0 Newton and Schulz find the nearest orthogonal matrix, here by the SVD.
    gradient = np.random.default_rng(5).normal(size=shape)
    left, _, right = np.linalg.svd(gradient, full_matrices=False)
    exact = Muon(0.125, muon_a=1.5, muon_b=-0.5, muon_c=0.0, ns_steps=40, rms_rate=None, weight_decay=None)
    moved = matrix_after(exact, np.zeros(shape), gradient)
    np.testing.assert_allclose(moved, -0.125 * left @ right, atol=1e-10)
    rms = matrix_after(Muon(0.125, weight_decay=None), np.zeros(shape), gradient)  # five steps come near it
    np.testing.assert_allclose(rms, -0.125 * 0.2 * 3**0.5 * left @ right, atol=0.125 * 0.2 * 3**0.5 * 0.4)


def test_muon_looks_ahead_along_its_momentum() -> None:
    # One step of x/|x| alone (ns_steps 0): m = 1, then 0.5·1 - 2 = -1.5; g + 0.5·m = -2.75, both of length 1
    path = [-0.125, 0.0]
    for nesterov in (True, False):
        w, optimizer = Variable(np.zeros((1, 1)), name="w"), Muon(0.125, momentum=0.5, ns_steps=0, rms_rate=None)
        optimizer.nesterov = nesterov
        for g, expected in zip([1.0, -2.0], path, strict=True):
            optimizer.apply([np.array([[g]])], [w])
            assert float(w.numpy()[0, 0]) == pytest.approx(expected, abs=1e-4)  # weight decay takes 0.05 %


def test_schedule_free_weights_lie_between_the_last_point_and_the_average() -> None:
    # z = 1 - 0.5 = 0.5, x = 0.5; z = 0.5 + 0.5·0.5 = ... with beta_2 = 0 each step is ±0.5: z = 0, x = 0.25
    path = steps(ScheduleFreeAdamW(0.5, beta_1=0.75, beta_2=0.0, epsilon=1e-12), [3.0, 3.0, -3.0])
    assert path == pytest.approx([0.5, 0.1875, 0.375], rel=1e-10)  # z = 0.5, x = 0.25 + 0.25/3 = 1/3


def test_whole_weights_take_the_memory_of_the_largest() -> None:
    import tracemalloc

    def held(rule: Any, count: int) -> int:
        weights = [Variable(np.ones((256, 256)), name=f"w{k}") for k in range(count)]
        optimizer, gradients = rule(0.125), [np.ones((256, 256)) for _ in weights]
        optimizer.build(weights)
        tracemalloc.start()
        calls = optimizer.bind(weights, gradients)
        memory = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert calls
        return memory

    for rule in (Lamb, Adafactor, Muon):
        assert held(rule, 5) < held(rule, 1) + 256 * 256 * 8, rule.__name__  # less than one array more


def test_defaults_are_keras() -> None:
    assert {cls.__name__: float(cls().learning_rate) for cls in (SGD, RMSprop, Adam, AdamW)} == pytest.approx(
        {"SGD": 0.01, "RMSprop": 0.001, "Adam": 0.001, "AdamW": 0.001}
    )
    assert (Adam().beta_1, Adam().beta_2, Adam().epsilon, RMSprop().rho) == (0.9, 0.999, 1e-7, 0.9)
