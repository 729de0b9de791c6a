from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.graph.graph import BATCH, trace_graph
from denselite.program.program import Program
from denselite.tensor.variable import Variable


def program(function: Callable[..., Any], *more: str, dtype: str = "f8") -> Program:
    specs = {name: ((BATCH, 4), np.dtype(dtype)) for name in ("x", *more)}

    def traced(_: Any, inputs: dict[str, Any]) -> list[Any]:
        result = function(*inputs.values())
        return list(result) if isinstance(result, list | tuple) else [result]

    return Program(trace_graph(traced, specs))


def homes(made: Program) -> dict[str, str]:
    """Where the value of each op lives; the last of a name counts."""
    plan = made.plan
    return {v.op.name: plan.homes[i].kind for i, v in enumerate(plan.graph.values)}


def run(made: Program, x: np.ndarray) -> list[np.ndarray]:
    with made.lease(len(x)) as step:
        step.inputs["x"][...] = x
        step()
        return [output.copy() for output in step.outputs]


def test_an_elementwise_op_writes_over_an_operand_that_dies() -> None:
    assert homes(program(lambda x: np.exp(np.tanh(x @ np.eye(4))))) == {
        "input": "input", "constant": "constant", "matmul": "slot", "tanh": "over", "exp": "over",
    }  # fmt: skip


def test_an_operand_that_is_read_again_is_not_written_over() -> None:
    def function(x: Any) -> Any:
        y = np.tanh(x)
        return np.exp(y) * y

    assert homes(program(function))["exp"] == "slot"


def test_inputs_are_never_written_over() -> None:
    made = program(np.tanh)
    assert homes(made)["tanh"] == "slot"


def test_variables_and_constants_are_never_written_over() -> None:
    w = Variable(np.ones((1, 4)))
    made = program(lambda x: np.exp(w) + np.exp(np.ones((1, 4))) + np.sum(x))
    run(made, np.zeros((1, 4)))
    assert w.numpy().tolist() == [[1.0] * 4]


def test_an_output_is_not_written_over() -> None:
    def function(x: Any) -> Any:
        y = np.tanh(x)
        return [y, np.exp(y)]

    x = np.ones((2, 4))
    first, second = run(program(function), x)
    np.testing.assert_array_equal(first, np.tanh(x))
    np.testing.assert_array_equal(second, np.exp(np.tanh(x)))


def test_a_sum_with_ones_own_transpose_is_not_written_over_itself() -> None:
    def function(x: Any) -> Any:
        g = x.T @ x
        return np.tanh(g + g.T)

    made = program(function)
    assert homes(made)["add"] == "slot"
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_array_equal(run(made, x)[0], np.tanh(x.T @ x + (x.T @ x).T))


def test_a_product_with_oneself_may_be_written_over_itself() -> None:
    made = program(lambda x: (lambda y: y * y)(np.tanh(x)))
    assert homes(made)["multiply"] == "over"
    assert run(made, np.ones((1, 4)))[0].tolist() == [[np.tanh(1.0) ** 2] * 4]


def test_a_broadcast_operand_is_not_written_over() -> None:
    made = program(lambda x: np.sum(x, axis=0) + np.tanh(x))
    x = np.ones((3, 4))
    np.testing.assert_array_equal(run(made, x)[0], 3.0 + np.tanh(x))


def test_a_result_of_another_dtype_gets_memory_of_its_own() -> None:
    assert homes(program(lambda x: np.greater(np.tanh(x), 0.5)))["greater"] == "slot"


def test_transposes_slices_and_reshapes_are_views() -> None:
    def function(x: Any) -> Any:
        y = np.tanh(x)
        return np.reshape(y[:, 1:3], (-1, 1, 2)).T * 2

    made = program(function)
    assert {k: v for k, v in homes(made).items() if k in ("slice", "transpose")} == {
        "slice": "view",
        "transpose": "view",
    }


def test_a_reshape_folds_where_it_can_and_copies_where_it_must() -> None:
    assert homes(program(lambda x: np.reshape(np.tanh(x), (-1,)) * 2))["reshape"] == "view"
    turned = program(lambda x: np.reshape(np.tanh(x).T, (-1,)) * 2)
    assert homes(turned)["reshape"] == "slot"
    x = np.arange(8.0).reshape(2, 4)
    np.testing.assert_array_equal(run(turned, x)[0], np.tanh(x).T.reshape(-1) * 2)


def test_a_view_keeps_alive_what_it_shows() -> None:
    def function(x: Any) -> Any:
        y = np.tanh(x)
        top = y[:, :2]
        z = np.exp(y[:, 2:]) * 2.0
        return np.sum(top, axis=1), z

    x = np.random.default_rng(0).normal(size=(3, 4))
    total, _ = run(program(function), x)
    np.testing.assert_allclose(total, np.tanh(x)[:, :2].sum(axis=1), rtol=1e-14)


def test_half_a_buffer_is_not_written_over_for_a_whole_one() -> None:
    for part in (lambda y: y[:, :2], lambda y: y[1:]):
        made = program(lambda x, part=part: np.exp(part(np.tanh(x))))
        assert homes(made)["exp"] == "slot"


def test_memory_of_the_dead_is_handed_on() -> None:
    def function(x: Any) -> Any:
        for _ in range(20):
            x = np.tanh(x @ np.eye(4))
        return x

    made = program(function)
    memory = made.acquire()
    memory.bind(8)
    assert len(made.plan.instructions()) == 40
    assert memory.layout.sizes == [8 * 4 * 8] * 2


def test_scratch_of_a_kernel_does_not_meet_its_operands_or_its_result() -> None:
    x = np.random.default_rng(0).normal(size=(5, 4))
    made = program(lambda x: ops.log_softmax(np.tanh(x)) + ops.softplus(np.sin(x)))
    expected = ops.log_softmax(np.tanh(x)) + ops.softplus(np.sin(x))
    np.testing.assert_array_equal(run(made, x)[0], expected)


def test_what_follows_from_constants_alone_is_made_when_binding() -> None:
    made = program(lambda x: x * np.exp(ops.stop_gradient(ops.zeros_like(x[0]))))
    assert homes(made)["exp"] == "fixed"
    assert [made.plan.graph.values[i].op.name for i in made.plan.instructions()] == ["multiply"]


@pytest.mark.parametrize("kind", ["a gradient", "the input", "a view", "a constant", "twice the same"])
def test_an_output_lands_where_the_caller_wants_it(kind: str) -> None:
    results: dict[str, Callable[[Any], list[Any]]] = {
        "a gradient": lambda x: [np.sum(np.tanh(x), axis=0)],
        "the input": lambda x: [x],
        "a view": lambda x: [np.tanh(x)[:, ::-1]],
        "a constant": lambda x: [ops.ones_like(x)],
        "twice the same": lambda x: [np.tanh(x), np.tanh(x)],
    }
    function = results[kind]
    x = np.random.default_rng(0).normal(size=(1, 4))
    shapes = [np.shape(y) for y in function(x)]
    targets = {i: np.full(shape, np.nan) for i, shape in enumerate(shapes)}

    def traced(_: Any, inputs: dict[str, Any]) -> list[Any]:
        return function(inputs["x"])

    made = Program(trace_graph(traced, {"x": ((1, 4), np.dtype("f8"))}, batch=1), targets)
    with made.lease(1) as step:
        step.inputs["x"][...] = x
        step()
    for target, expected in zip(targets.values(), function(x), strict=True):
        np.testing.assert_array_equal(target, expected)


def test_a_landing_place_is_written_directly_where_it_can_be() -> None:
    target = np.zeros(4)
    specs = {"x": ((BATCH, 4), np.dtype("f8"))}
    made = Program(trace_graph(lambda _, inputs: [np.sum(inputs["x"], axis=0)], specs), {0: target})
    assert made.plan.moves == []
    with made.lease(3) as step:
        assert len(step.calls) == 1
        step.inputs["x"][...] = 1.0
        step()
    assert target.tolist() == [3.0] * 4
