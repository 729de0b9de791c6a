from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite.errors import StateError, UncoveredError
from denselite.graph.graph import trace_graph
from denselite.program.program import Program
from denselite.tensor.context import Trace
from denselite.tensor.dispatch import covered
from denselite.tensor.variable import Variable


def symbol(shape: tuple[int, ...] = (2, 3)) -> Any:
    return Trace().add_input("x", shape, np.dtype("f4"))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda x: np.float_power(x, 2),
            r"^numpy.float_power cannot be recorded on a tensor.* Did you mean 'power'\?$",
        ),
        (lambda x: np.linalg.svd(x), r"^numpy.svd cannot be recorded on a tensor"),
        (lambda x: np.spacing(x), r"^numpy.spacing cannot"),
        (lambda x: np.add.reduce(x), r"^numpy.add.reduce cannot be recorded on a tensor. Use a function: np.sum"),
        (lambda x: np.add(x, 1, out=np.zeros((2, 3))), r"^numpy.add\(out=...\) would write into a tensor"),
        (lambda x: np.add(x, 1, where=np.ones((2, 3), bool)), r"^numpy.add on a tensor takes operands only, got where"),
        (lambda x: np.exp(x, dtype="f8"), r"^numpy.exp on a tensor takes operands only, got dtype"),
        (lambda x: np.mean(x, where=True), r"^numpy.mean on a tensor takes .*unexpected keyword argument 'where'\.$"),
        (lambda x: np.var(x, ddof=1), r"^numpy.var on a tensor takes .*'ddof'"),
        (lambda x: x[np.ones((2, 3), bool)], r"is indexed by slices, integers or one integer array. Use np.where"),
        (lambda x: x[np.array([0]), np.array([1])], r"is indexed by slices, integers or one integer array"),
    ],
)
def test_what_is_not_covered_is_one_line_that_names_it(function: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(UncoveredError, match=message):
        function(symbol())


def test_the_nearest_covered_name_is_suggested() -> None:
    with pytest.raises(UncoveredError, match="Did you mean 'transpose'"):
        covered(np.matrix_transpose)


def test_an_error_inside_an_operation_is_not_taken_for_a_wrong_argument() -> None:
    with pytest.raises(TypeError, match="not supported between instances of"):
        np.concatenate([symbol(), symbol()], axis="rows")  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("use", "wanted"),
    [
        (bool, "a truth value"),
        (float, "a number"),
        (int, "a number"),
        (np.asarray, "an array"),
        (lambda x: [1, 2][x], "an index"),
        (lambda x: 1 if x > 0 else 2, "a truth value"),
    ],
)
def test_a_tensor_has_no_value_to_be_had(use: Callable[[Any], Any], wanted: str) -> None:
    with pytest.raises(StateError, match=f"has no value yet, so {wanted} cannot be had.*np.where instead of if"):
        use(symbol(()))


def test_a_tensor_cannot_be_written_into() -> None:
    with pytest.raises(StateError, match=r"cannot be written into. Build the new value with np.where"):
        symbol()[0] = 1.0


def run(function: Callable[[Any], Any], x: np.ndarray) -> np.ndarray:
    graph = trace_graph(lambda _, inputs: [function(inputs["x"])], {"x": (x.shape, x.dtype)}, batch=1)
    with Program(graph).lease(1) as step:
        step.inputs["x"][...] = x
        step()
        return step.outputs[0].copy()


OPERATORS: list[Callable[[Any], Any]] = [
    lambda x: x + 2, lambda x: 2 + x, lambda x: x - 2, lambda x: 2 - x, lambda x: x * 2, lambda x: 2 * x,
    lambda x: x / 2, lambda x: 2 / x, lambda x: x // 2, lambda x: 2 // x, lambda x: x % 2, lambda x: 2 % x,
    lambda x: x**2, lambda x: 2**x, lambda x: x @ x.T, lambda x: -x, lambda x: +x, lambda x: abs(x),
    lambda x: x < 2, lambda x: x <= 2, lambda x: x > 2, lambda x: x >= 2, lambda x: x == 2, lambda x: x != 2,
    lambda x: (x > 1) & (x < 2), lambda x: (x > 2) | (x < 1), lambda x: (x > 1) ^ (x < 2), lambda x: ~(x > 1),
    lambda x: x.reshape(3, 2), lambda x: x.reshape((-1,)), lambda x: x.transpose(1, 0), lambda x: x.T,
    lambda x: x.sum(axis=1, keepdims=True), lambda x: x.mean(), lambda x: x.max(axis=0), lambda x: x.min(),
    lambda x: x.astype("f8"), lambda x: x[0], lambda x: x[..., 1], lambda x: x[:, None, ::2], lambda x: x[-1, 0],
    lambda x: np.ones((2, 3), "f4") * x, lambda x: np.float32(2) + x,
]  # fmt: skip


@pytest.mark.parametrize("function", OPERATORS)
def test_operators_and_methods_are_numpys(function: Callable[[Any], Any]) -> None:
    x = np.array([[0.5, 1.5, 2.0], [1.0, 2.5, 3.0]], "f4")
    expected = np.asarray(function(x))
    found = run(function, x)
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("function", OPERATORS)
def test_operators_on_a_variable_compute_at_once(function: Callable[[Any], Any]) -> None:
    x = np.array([[0.5, 1.5, 2.0], [1.0, 2.5, 3.0]], "f4")
    np.testing.assert_allclose(np.asarray(function(Variable(x))), function(x), rtol=1e-6)


def test_in_place_operators_rebind_and_leave_the_tensor() -> None:
    x = symbol()
    y = x
    y += 1
    assert y is not x
    assert x.op.name == "input"


def test_iterating_gives_rows_and_a_scalar_has_no_length() -> None:
    assert [row.shape for row in symbol()] == [(3,), (3,)]
    assert (len(symbol()), np.ndim(symbol()), np.shape(symbol()), np.size(symbol())) == (2, 2, (2, 3), 6)
    with pytest.raises(TypeError, match="without axes has no length"):
        len(symbol(()))


def test_tensors_can_be_keys_although_equality_is_elementwise() -> None:
    x, y = symbol(), symbol()
    assert {x: 1, y: 2}[y] == 2
