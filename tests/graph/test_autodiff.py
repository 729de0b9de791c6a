from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.errors import GradientError
from denselite.graph.autodiff import ancestors, gradients
from denselite.graph.graph import BATCH, trace_graph
from denselite.ops.op import OPS, Op
from denselite.program.program import Program
from denselite.tensor.context import scope
from denselite.tensor.variable import Variable


def gradient(function: Callable[..., Any], *arrays: Any) -> list[Any]:
    """The gradient of a function of arrays by our rules; None stays None."""
    arrays = tuple(np.asarray(a) for a in arrays)
    absent: list[bool] = []

    def traced(_: Any, inputs: dict[str, Any]) -> Sequence[Any]:
        found = gradients(function(*inputs.values()), list(inputs.values()))
        absent[:] = [g is None for g in found]
        return [g for g in found if g is not None]

    graph = trace_graph(traced, {str(i): (a.shape, a.dtype) for i, a in enumerate(arrays)}, batch=1)
    with Program(graph).lease(1) as step:
        for i, array in enumerate(arrays):
            step.inputs[str(i)][...] = array
        step()
        results = iter([output.tolist() for output in step.outputs])
    return [None if gone else next(results) for gone in absent]


def test_a_shared_expression_sums_what_flows_back_from_each_use() -> None:
    def function(x: Any) -> Any:
        y = x * x
        return np.sum(y * y + y)

    assert gradient(function, [1.0, 2.0]) == [[6.0, 36.0]]  # 4x³ + 2x


def test_an_operand_used_twice_by_one_op_counts_twice() -> None:
    assert gradient(lambda x: np.sum(x * x), [3.0]) == [[6.0]]
    assert gradient(lambda x: np.sum(x - x), [3.0]) == [[0.0]]


def test_an_input_that_does_not_matter_has_no_gradient() -> None:
    assert gradient(lambda x, y: np.sum(x), [1.0, 2.0], [5.0]) == [[1.0, 1.0], None]


def test_integers_have_no_gradient() -> None:
    assert gradient(lambda x, i: np.sum(np.take(x, i)), [1.0, 2.0], np.array([1, 1])) == [[0.0, 2.0], None]


def test_a_source_may_be_an_intermediate_value_and_the_target_itself() -> None:
    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        y = inputs["x"] * 3
        z = np.sum(np.square(y))
        (to_y, to_z, to_x) = gradients(z, [y, z, inputs["x"]])
        return [to_y, to_z, to_x]  # type: ignore[list-item]

    graph = trace_graph(function, {"x": ((BATCH,), np.dtype("f8"))})
    with Program(graph).lease(2) as step:
        step.inputs["x"][...] = [1.0, 2.0]
        step()
        assert [output.tolist() for output in step.outputs] == [[6.0, 12.0], 1.0, [18.0, 36.0]]


@pytest.mark.parametrize("shape", [(), (1,), (3,), (1, 1), (2, 1), (1, 3), (2, 3)])
def test_a_broadcast_operand_gets_the_sum(shape: tuple[int, ...]) -> None:
    (found,) = gradient(lambda b: np.sum(np.ones((2, 3)) * b), np.ones(shape))
    assert np.shape(found) == shape
    assert np.sum(found) == 6.0


def test_a_target_with_axes_counts_as_its_sum_at_any_batch_size() -> None:
    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        return gradients(np.square(inputs["x"]), [inputs["x"]])  # type: ignore[return-value]

    graph = trace_graph(function, {"x": ((BATCH,), np.dtype("f8"))})
    with Program(graph).lease(2) as step:
        step.inputs["x"][...] = [1.0, 4.0]
        step()
        assert step.outputs[0].tolist() == [2.0, 8.0]


def test_a_cotangent_of_the_callers_flows_instead_of_ones() -> None:
    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        x = inputs["x"]
        return gradients(np.square(x), [x], cotangent=x * 10)  # type: ignore[return-value]

    graph = trace_graph(function, {"x": ((BATCH,), np.dtype("f8"))})
    with Program(graph).lease(1) as step:
        step.inputs["x"][...] = 3.0
        step()
        assert step.outputs[0].tolist() == [180.0]


def test_a_gradient_has_the_dtype_of_its_source() -> None:
    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        narrow, wide = inputs["narrow"], inputs["wide"]
        return gradients(np.sum(narrow * wide), [narrow, wide])  # type: ignore[return-value]

    graph = trace_graph(function, {"narrow": ((2,), np.dtype("f4")), "wide": ((2,), np.dtype("f8"))}, batch=1)
    assert [graph.values[i].dtype for i in graph.outputs] == [np.float32, np.float64]


def test_backward_ops_belong_to_the_layer_that_caused_them() -> None:
    w = Variable(np.ones((4, 2)), name="w")

    def function(trace: Any, inputs: dict[str, Any]) -> list[Any]:
        with scope("hidden"):
            y = inputs["x"] @ w
        return gradients(np.sum(np.square(y)), [trace.read(w)])  # type: ignore[return-value]

    graph = trace_graph(function, {"x": ((BATCH, 4), np.dtype("f8"))})
    products = [(v.scope, v.phase) for v in graph.values if v.op.name == "matmul"]
    assert products == [("hidden", "forward"), ("hidden", "backward")]


def test_only_what_leads_to_a_source_is_planned() -> None:
    w = Variable(np.ones((4, 2)), name="w")

    def function(trace: Any, inputs: dict[str, Any]) -> list[Any]:
        loss = np.sum(np.square(inputs["x"] @ w))
        return gradients(loss, [trace.read(w)])  # type: ignore[return-value]

    program = Program(trace_graph(function, {"x": ((BATCH, 4), np.dtype("f8"))}))
    names = [program.plan.graph.values[i].op.name for i in program.plan.instructions()]
    assert names.count("matmul") == 2  # forward, and to w; none to x


def test_an_op_without_a_rule_is_named_with_its_layer_and_the_nearest_that_has_one() -> None:
    Op("tanhh", infer=lambda x: (x.shape, x.dtype), kernel=lambda run, out, x: run(np.tanh, x, out))
    try:
        with (
            pytest.raises(
                GradientError, match=r"^'tanhh' in layer 'dense_1' \(.*\) has no gradient rule.*Did you mean 'tanh'\?$"
            ),
            scope("dense_1"),
        ):
            gradient(lambda x: np.sum(OPS["tanhh"](x)), [1.0])
    finally:
        del OPS["tanhh"]


def test_gradients_of_gradients_follow() -> None:
    def cubic(x: Any) -> Any:
        (slope,) = gradients(np.sum(x * x * x), [x])
        return np.sum(slope)

    assert gradient(cubic, [2.0]) == [[12.0]]  # 6x


def test_a_deep_chain_needs_no_recursion() -> None:
    def deep(x: Any) -> Any:
        for _ in range(3000):
            x = ops.stop_gradient(x) * 0.0 + x
        return np.sum(x)

    assert gradient(deep, [1.0]) == [[1.0]]


def test_ancestors_come_before_what_is_made_from_them() -> None:
    seen: list[list[str]] = []

    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        y = np.tanh(inputs["x"]) + np.exp(inputs["x"])
        seen.append([t.op.name for t in ancestors([y])])
        return [y]

    trace_graph(function, {"x": ((2,), np.dtype("f8"))}, batch=1)
    assert seen[0] == ["input", "tanh", "exp", "add"]
