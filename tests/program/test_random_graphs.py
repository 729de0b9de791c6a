"""Random functions: what a plan computes is what the operations compute, and no live value is ever written over."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from denselite.graph.autodiff import gradients
from denselite.graph.graph import BATCH, Graph, trace_graph
from denselite.ops.op import Op
from denselite.program.bind import Bound
from denselite.program.program import Program
from tests.contracts.op_laws import assert_gradient
from tests.strategies import FEATURES, Recipe, recipes

many = settings(max_examples=60, derandomize=True, deadline=None)


def trace(recipe: Recipe) -> Graph:
    """The recipe's outputs, and the gradient of their squared sum."""

    def traced(_: Any, inputs: dict[str, Any]) -> list[Any]:
        outputs = recipe(inputs["x"])
        (found,) = gradients(sum(np.sum(np.square(y)) for y in outputs), [inputs["x"]])
        return outputs if found is None else [*outputs, found]

    return trace_graph(traced, {"x": ((BATCH, FEATURES), np.dtype("f8"))})


def array(batch: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(batch, FEATURES))


def walk(program: Program, step: Bound) -> int:
    """Run a bound plan value by value; after each, every value still needed must hold what it held.

    Returns how many comparisons were made.
    """
    graph, plan = program.plan.graph, program.plan
    readers = [
        max((k for k, v in enumerate(graph.values) if i in v.inputs), default=-1) for i in range(len(graph.values))
    ]
    for i in reversed(range(len(readers))):  # who reads a view reads what it shows
        value = graph.values[i]
        if plan.homes[i].kind == "view":
            readers[value.inputs[0]] = max(readers[value.inputs[0]], readers[i])
    for i in graph.outputs:
        readers[i] = len(graph.values)
    expected: list[Any] = []
    compared = 0
    calls = list(zip(step.owners, step.calls, strict=True))
    for i, value in enumerate(graph.values):
        if isinstance(value.op, Op):
            expected.append(
                value.op.compute([expected[j] for j in value.inputs], value.attrs_at(len(step.inputs["x"])))
            )
        else:
            expected.append(np.array(step.arrays[i]))
        for owner, call in calls:
            if owner == i:
                call()
        for k in range(i + 1):
            if readers[k] > i:
                np.testing.assert_array_equal(step.arrays[k], expected[k], err_msg=f"value {k} after {i}")
                compared += 1
    return compared


@many
@given(recipes())
def test_planned_is_eager_at_every_batch_size(recipe: Recipe) -> None:
    program = Program(trace(recipe))
    for batch in (3, 1, 8, 2):
        x = array(batch)
        with program.lease(batch) as step:
            step.inputs["x"][...] = x
            step()
            for found, expected in zip(step.outputs, recipe(x), strict=False):
                np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@many
@given(recipes())
def test_no_live_value_is_written_over(recipe: Recipe) -> None:
    program = Program(trace(recipe))
    with program.lease(5) as step, np.errstate(all="ignore"):
        step.inputs["x"][...] = array(5)
        assert walk(program, step) > 0


@many
@given(recipes(longest=5), st.integers(0, 1000))
def test_gradient_is_the_numeric_one(recipe: Recipe, seed: int) -> None:
    if any(name == "stopped" for name, _, _ in recipe.steps):
        return  # its rule differs from the slope on purpose
    assert_gradient(lambda x: recipe(x)[-1], [array(3, seed)], np.random.default_rng(seed))


@many
@given(recipes())
def test_buffers_are_fewer_than_values(recipe: Recipe) -> None:
    program = Program(trace(recipe))
    memory = program.acquire()
    memory.bind(4)
    slots = [i for i in program.plan.instructions() if program.plan.homes[i].kind == "slot"]
    assert len(memory.layout.sizes) <= len(slots) + max((len(s) for s in memory.layout.scratch.values()), default=0)
