from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, constraints, layers, optimizers
from denselite.errors import ArgumentError, ShapeError, UnknownNameError
from denselite.models import load_model
from denselite.optimizers.constraining import bind_constraint
from denselite.tensor.variable import Variable

# Columns (3, 4), (0.3, 0.4) and (0, 0) of norms 5, 0.5 and 0; rows of norms √9.09 and √16.16.
W = np.array([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]])

# By hand; epsilon in the denominator moves a number by up to 2e-7 of it.
CASES: dict[str, tuple[Any, list[list[float]]]] = {
    "max": (constraints.MaxNorm(), [[1.2, 0.3, 0.0], [1.6, 0.4, 0.0]]),
    "max-rows": (constraints.MaxNorm(1, axis=1), [[0.9950372, 0.0995037, 0.0], [0.9950372, 0.0995037, 0.0]]),
    "max-all": (constraints.MaxNorm(1, axis=[0, 1]), (W / np.sqrt(25.25)).tolist()),
    "non-negative": (constraints.NonNeg(), W.tolist()),
    "unit": (constraints.UnitNorm(), [[0.6, 0.6, 0.0], [0.8, 0.8, 0.0]]),
    "min-max": (constraints.MinMaxNorm(), [[0.6, 0.3, 0.0], [0.8, 0.4, 0.0]]),
    # norms 5 → 0.75·4 + 0.25·5 = 4.25, 0.5 → 0.75·1 + 0.25·0.5 = 0.875
    "min-max-slow": (constraints.MinMaxNorm(1, 4, rate=0.75), [[2.55, 0.525, 0.0], [3.4, 0.7, 0.0]]),
    "none": (constraints.Constraint(), W.tolist()),
}
every_case = pytest.mark.parametrize("case", CASES)


def constrained(constraint: Any, values: Any = W, dtype: str = "float64") -> np.ndarray[Any, Any]:
    """What a constraint leaves of a weight after a step, as the planned calls do it."""
    variable = Variable(np.array(values, dtype), name="w", constraint=constraint)
    with np.errstate(all="ignore"):
        for call in bind_constraint(variable):
            call()
    return variable.numpy()


def test_cases_here_reach_every_registered_constraint() -> None:
    assert {type(constraint) for constraint, _ in CASES.values()} == set(constraints.constraints.members.values())


@every_case
def test_weights_are_the_formula(case: str) -> None:
    constraint, expected = CASES[case]
    np.testing.assert_allclose(constraint(W), expected, rtol=3e-7, atol=1e-9)


@every_case
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_planned_weights_are_the_eager_ones(case: str, dtype: str) -> None:
    constraint = CASES[case][0]
    found = constrained(constraint, dtype=dtype)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, constraint(W.astype(dtype)))


@every_case
def test_empty_weight_stays_empty(case: str) -> None:
    assert constrained(CASES[case][0], np.zeros((0, 3))).shape == (0, 3)


@every_case
def test_config_goes_round(case: str) -> None:
    constraint, _ = CASES[case]
    again = constraints.deserialize(constraints.serialize(constraint))
    assert type(again) is type(constraint)
    assert again.get_config() == constraint.get_config()


def test_negative_weights_become_zero() -> None:
    assert constraints.NonNeg()(np.array([-2.0, 0.0, 3.0])).tolist() == [0.0, 0.0, 3.0]


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        (lambda w: np.where(w > 2, 2.0, w), [[2.0, 0.3, 0.0], [2.0, 0.4, 0.0]]),
        (lambda w: w[::-1] * 1, [[4.0, 0.4, 0.0], [3.0, 0.3, 0.0]]),
        (lambda w: (w - np.mean(w, axis=0)) * 2, [[-1.0, -0.1, 0.0], [1.0, 0.1, 0.0]]),
        (np.ones_like, [[1.0, 1.0, 1.0]] * 2),
        (lambda w: np.zeros((2, 3)), [[0.0, 0.0, 0.0]] * 2),
    ],
    ids=["choice", "reversed", "centred", "ufunc", "constant"],
)
def test_own_constraint_is_plain_numpy(constraint: Any, expected: Any) -> None:
    np.testing.assert_allclose(constrained(constraint), expected, rtol=1e-12, atol=1e-15)


def test_constraint_limits_every_step() -> None:
    model = Sequential([Input((3,)), layers.Dense(2, kernel_constraint="non_neg", bias_constraint=lambda w: w * 0)])
    model.compile(optimizers.SGD(1.0), "mse")
    x = np.ones((4, 3), "float32")
    for _ in range(3):
        model.train_on_batch(x, -np.ones((4, 2), "float32"))
        kernel, bias = model.get_weights()
        assert kernel.min() >= 0
        assert bias.tolist() == [0.0, 0.0]


class Symmetric(constraints.Constraint):
    share: float = 0.5

    def __call__(self, w: Any) -> Any:
        return w * (1 - self.share) + w.T * self.share


def test_own_constraint_is_trained_with_and_saved(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), layers.Dense(3, kernel_constraint=Symmetric(), bias_constraint="non_neg")])
    model.compile("adam", "mse")
    x = np.random.default_rng(2).normal(size=(4, 3)).astype("float32")
    model.save(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz", custom_objects={"Symmetric": Symmetric})
    for each in (model, again):
        each.fit(x, x**2, epochs=3, shuffle=False, verbose=0)
    kernel, bias = again.get_weights()
    np.testing.assert_array_equal(kernel, kernel.T)
    np.testing.assert_array_equal(kernel, model.get_weights()[0])
    assert (again.layers[0].kernel_constraint, bias.min() >= 0) == (again.layers[0].kernel.constraint, True)


def test_a_step_without_constraints_has_no_calls_for_them() -> None:
    assert bind_constraint(Variable(W)) == []


def test_non_negative_weights_are_one_call() -> None:
    assert len(bind_constraint(Variable(W, constraint=constraints.NonNeg()))) == 1


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "unknown": (lambda: constraints.get("maxnorm"), UnknownNameError, r"^Unknown constraint 'maxnorm'\. Did you mean 'MaxNorm'"),
    "number": (lambda: constraints.get(5), ArgumentError, r"^A constraint is a name, an object, a callable or None, got 5"),
    "below 0": (lambda: constraints.MaxNorm(-1), ArgumentError, r"^MaxNorm\(\) argument 'max_value' should be greater than or equal to 0, got -1"),
    "rate": (lambda: constraints.MinMaxNorm(rate=2), ArgumentError, r"^MinMaxNorm\(\) argument 'rate' should be less than or equal to 1, got 2"),
    "axis": (lambda: constraints.UnitNorm("last"), ArgumentError, r"^UnitNorm\(\) argument 'axis' should be an integer or a list of which each entry is an integer, got 'last'"),
    "shape": (lambda: constrained(np.sum), ShapeError, r"^The constraint sum of variable 'w' has to return shape \(2, 3\), as it was given, got \(\)\.$"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
