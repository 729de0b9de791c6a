from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.errors import StateError
from denselite.graph.dims import Affine, Mismatch
from denselite.graph.graph import BATCH, Graph, trace_graph
from denselite.program.program import Program
from denselite.tensor.variable import Variable

FLOAT = np.dtype("f8")


def trace(function: Callable[[Any], Any], batch: int | None = None) -> Graph:
    return trace_graph(lambda _, inputs: [function(inputs["x"])], {"x": ((BATCH, 4), FLOAT)}, batch)


def run(graph: Graph, x: np.ndarray) -> np.ndarray:
    with Program(graph).lease(len(x)) as step:
        step.inputs["x"][...] = x
        step()
        return step.outputs[0].copy()


def test_a_trace_holds_for_every_batch_size() -> None:
    graph = trace(lambda x: np.reshape(x, (-1,)) * 2)
    assert graph.batch is None
    assert graph.values[graph.outputs[0]].shape == (Affine(4, 0),)
    assert graph.values[graph.outputs[0]].shape_at(3) == (12,)
    assert run(graph, np.ones((3, 4))).tolist() == [2.0] * 12


def test_a_function_of_batch_squared_is_refused_and_traced_for_one_size() -> None:
    def gram(x: Any) -> Any:
        return np.reshape(x @ x.T, (-1,))

    with pytest.raises(Mismatch, match=r"^reshape cannot be told for batch 1: "):
        trace(gram)
    graph = trace(gram, batch=3)
    assert graph.batch == 3
    assert run(graph, np.ones((3, 4))).tolist() == [4.0] * 9


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x[:5],  # of three rows, three
        lambda x: x[5],  # of three rows, none
        lambda x: x if x.shape[0] < 9 else np.tanh(x),
        lambda x: x * np.ones((x.shape[0], 1)),
        lambda x: x * float(x.shape[0] ** 2),
        lambda x: np.tile(x[:1], (20 - x.shape[0], 1)),
    ],
)
def test_what_depends_on_the_batch_otherwise_is_refused(function: Any) -> None:
    with pytest.raises(Mismatch):
        trace(function)


def test_a_batch_size_in_arithmetic_follows_the_batch() -> None:
    graph = trace(lambda x: np.sum(x, axis=0) / x.shape[0] * 1.0)
    for batch in (1, 2, 5):
        assert run(graph, np.full((batch, 4), 3.0)).tolist() == [3.0] * 4


def test_a_row_less_than_the_batch_is_linear_too() -> None:
    graph = trace(lambda x: x[1:] - x[:-1])
    assert run(graph, np.cumsum(np.ones((5, 4)), axis=0)).tolist() == [[1.0] * 4] * 4
    assert run(graph, np.ones((1, 4))).shape == (0, 4)


@pytest.mark.parametrize("draw", [np.random.rand, np.random.normal, lambda: np.random.permutation(3)])
def test_a_draw_from_numpys_global_generator_is_refused(draw: Callable[[], Any]) -> None:
    state = np.random.get_state(legacy=False)
    try:
        with pytest.raises(StateError, match=r"drew random numbers while it was traced.*SeedGenerator"):
            trace(lambda x: x * np.sum(draw()))
    finally:
        np.random.set_state(state)


def test_a_normal_that_numpy_had_kept_back_is_noticed() -> None:
    state = np.random.get_state(legacy=False)
    try:
        np.random.normal()  # a pair is drawn, one is kept
        with pytest.raises(StateError, match=r"drew random numbers"):
            trace(lambda x: x * np.random.normal())
    finally:
        np.random.set_state(state)


def test_captured_arrays_are_copied() -> None:
    captured = np.ones(4)
    graph = trace(lambda x: x + captured)
    captured[...] = 5.0
    assert run(graph, np.zeros((1, 4))).tolist() == [[1.0] * 4]


def test_an_assignment_is_seen_by_what_reads_after_it_and_written_by_nobody() -> None:
    count = Variable(np.zeros(()), name="count")

    def function(x: Any) -> Any:
        before = count * 1.0
        count.assign(count + 1)
        count.assign(count * 10)
        return x + before * 100 + count.value

    graph = trace(function)
    assert run(graph, np.zeros((1, 4))).tolist() == [[10.0] * 4]
    assert float(count) == 0.0
    assert [variable for variable, _ in graph.writes] == [count]


def test_a_variable_that_is_made_another_one_of_equal_value_is_not_confused() -> None:
    a, b = Variable(np.ones(4)), Variable(np.ones(4))
    graph = trace(lambda x: (x + a) * b)
    b.assign(np.full(4, 3.0))
    assert run(graph, np.zeros((1, 4))).tolist() == [[3.0] * 4]


def test_unused_inputs_are_kept() -> None:
    graph = trace_graph(lambda _, inputs: [inputs["x"] * 1.0], {"x": ((BATCH,), FLOAT), "y": ((BATCH,), FLOAT)})
    assert set(graph.inputs) == {"x", "y"}


def test_layers_and_phases_are_recorded() -> None:
    from denselite.tensor.context import scope

    def function(x: Any) -> Any:
        with scope("outer"), scope("inner"):
            return ops.relu(x)

    graph = trace(function)
    assert [(v.scope, v.phase) for v in graph.values if v.op.name == "relu"] == [("outer/inner", "forward")]
