from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.graph.autodiff import gradients
from denselite.graph.graph import BATCH, trace_graph
from denselite.graph.simplify import simplify
from denselite.ops.crossentropy import pick_class
from denselite.program.program import Program
from denselite.tensor.variable import Variable


def names(function: Callable[..., Any], *more: str) -> list[str]:
    """The ops that are left of a function of ``x`` (and further inputs) after simplification."""
    specs = {name: ((BATCH, 4), np.dtype("f4")) for name in ("x", *more)}

    def traced(_: Any, inputs: dict[str, Any]) -> list[Any]:
        result = function(*inputs.values())
        return result if isinstance(result, list) else [result]

    graph = simplify(trace_graph(traced, specs))
    return [v.op.name for v in graph.values if v.op.name not in ("input", "constant", "variable")]


def test_equal_expressions_are_computed_once() -> None:
    assert names(lambda x: np.tanh(x) * 2 + np.tanh(x) * 2) == ["tanh", "multiply", "add"]


def test_expressions_that_differ_in_an_argument_are_not_merged() -> None:
    assert names(lambda x: np.sum(x, axis=0, keepdims=True) + np.sum(x, axis=1, keepdims=True)).count("sum") == 2


def test_what_nobody_reads_is_dropped() -> None:
    def function(x: Any) -> Any:
        np.exp(np.tanh(x))
        return x * 2

    assert names(function) == ["multiply"]


@pytest.mark.parametrize(
    "neutral", [lambda x: x * 1, lambda x: 1 * x, lambda x: x + 0, lambda x: 0 + x, lambda x: x - 0, lambda x: x / 1]
)
def test_neutral_operands_vanish(neutral: Callable[[Any], Any]) -> None:
    assert names(lambda x: np.tanh(neutral(x))) == ["tanh"]


@pytest.mark.parametrize("function", [lambda x: 0 - x, lambda x: 1 / x, lambda x: x * 0, lambda x: x + 1])
def test_what_only_looks_neutral_stays(function: Callable[[Any], Any]) -> None:
    assert len(names(function)) == 1


def test_a_neutral_operand_that_repeats_or_widens_stays() -> None:
    assert names(lambda x: np.sum(x, axis=0) * np.ones((3, 4), "f4")) == ["sum", "multiply"]
    assert names(lambda x: x * np.ones((), "f8")) == ["multiply"]


def test_a_neutral_output_is_the_input_itself() -> None:
    specs = {"x": ((BATCH,), np.dtype("f4"))}
    graph = simplify(trace_graph(lambda _, inputs: [inputs["x"] * 1], specs))
    assert graph.outputs == [graph.inputs["x"]]


def test_a_mean_times_the_number_of_rows_is_their_sum() -> None:
    assert names(lambda x: np.mean(np.sum(x, axis=1)) * x.shape[0]) == ["sum", "sum"]
    assert names(lambda x: x.shape[0] * np.mean(np.sum(x, axis=1))) == ["sum", "sum"]
    assert "divide_by_count" in names(lambda x: np.mean(x) * x.shape[0])  # of four numbers a row
    assert "divide_by_count" in names(lambda x: np.mean(np.sum(x, axis=1)) * (x.shape[0] + 1))


def picked_gradient(labels_at: Any) -> Callable[..., Any]:
    """A function of logits whose gradient, in the loss, is one number a row, at the row's class."""

    def function(x: Any, y: Any) -> Any:
        picked = pick_class(ops.log_softmax(x), labels_at(y))
        (slope,) = gradients(np.sum(picked * y[:, 1]), [x])
        return slope

    return function


def test_one_number_a_row_need_not_be_summed_over_classes() -> None:
    function = picked_gradient(lambda y: y[:, 0])
    assert "sum" not in names(function, "y")
    specs = {name: ((BATCH, 4), np.dtype("f8")) for name in ("x", "y")}
    x = np.random.default_rng(0).normal(size=(5, 4))
    y = np.array([[0, 1.5], [3, -1], [1, 0], [2, 2], [0, 7]])[:, [0, 1, 0, 0]]
    expected = (np.eye(4)[y[:, 0].astype(int)] - np.exp(x) / np.exp(x).sum(1, keepdims=True)) * y[:, 1:2]
    with Program(trace_graph(lambda _, inputs: [function(**inputs)], specs)).lease(5) as step:
        step.inputs["x"][...], step.inputs["y"][...] = x, y
        step()
        np.testing.assert_allclose(step.outputs[0], expected, rtol=1e-12)


def test_gradient_of_a_class_of_one_row_without_an_axis_is_right() -> None:
    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        return gradients(pick_class(ops.log_softmax(inputs["x"]), inputs["label"]) * 1.5, [inputs["x"]])

    x = np.array([0.5, -1.0, 2.0, 0.0])
    specs = {"x": ((4,), np.dtype("f8")), "label": ((), np.dtype("i8"))}
    with Program(trace_graph(function, specs)).lease(1) as step:
        step.inputs["x"][...], step.inputs["label"][...] = x, 2
        step()
        np.testing.assert_allclose(step.outputs[0], 1.5 * (np.eye(4)[2] - np.exp(x) / np.exp(x).sum()), rtol=1e-12)


def test_sums_over_other_axes_and_of_other_tables_stay() -> None:
    def laid(x: Any) -> Any:
        return ops.scatter(np.array([[0], [2]]), x[0, :2], (6,))

    assert "sum" in names(lambda x: np.sum(np.reshape(laid(x), (2, 3)), axis=1))
    function = picked_gradient(lambda y: y[:, 0])
    assert "sum" in names(lambda x, y: np.sum(function(x, y), axis=0), "y")


def test_draws_of_one_key_are_one_draw_and_of_two_sites_two() -> None:
    from denselite.ops.random import SeedGenerator, uniform

    seeds = SeedGenerator(3)
    assert names(lambda x: x * uniform((4,), seed=3) + uniform((4,), seed=3)).count("random_uniform") == 1
    assert names(lambda x: x * uniform((4,), seed=seeds) + uniform((4,), seed=seeds)).count("random_uniform") == 2


def test_two_variables_stay_two_and_one_is_read_once() -> None:
    a, b = Variable(np.zeros(4, "f4")), Variable(np.zeros(4, "f4"))
    specs = {"x": ((BATCH, 4), np.dtype("f4"))}
    graph = simplify(trace_graph(lambda _, inputs: [inputs["x"] + a + b + a], specs))
    assert [v.op.name for v in graph.values].count("variable") == 2


def test_inputs_and_assignments_survive() -> None:
    count = Variable(np.zeros(()))

    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        count.assign(count + 1)
        return [ops.relu(inputs["x"])]

    specs = {"x": ((BATCH,), np.dtype("f4")), "unused": ((BATCH,), np.dtype("f4"))}
    graph = simplify(trace_graph(function, specs))
    assert set(graph.inputs) == {"x", "unused"}
    assert [(v, graph.values[i].op.name) for v, i in graph.writes] == [(count, "add")]
