"""Public operations at every batch size: recorded and planned, they are what NumPy computes."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.graph.autodiff import gradients
from denselite.graph.graph import BATCH, Graph, trace_graph
from denselite.ops.op import OPS
from denselite.program.program import Program
from tests.contracts.op_calls import CALLS, NAMED, Function
from tests.contracts.op_laws import NULLARY, assert_gradient, planned

each = pytest.mark.parametrize("name", CALLS)

# They reduce the batch axis by an extreme, which an empty one has not.
UNDEFINED_WHEN_EMPTY = {"max all", "min all", "max batch", "min batch", "softmax batch"}


def array(batch: int, features: int = 4) -> Any:
    return np.random.default_rng(batch).uniform(0.62, 1.98, (batch, features))


def with_gradient(function: Function) -> Any:
    """The function and, where its result is float and depends on x, the gradient of its squared sum."""

    def traced(trace: Any, inputs: Any) -> list[Any]:
        result = function(inputs["x"])
        if result.dtype.kind != "f":
            return [result]
        (found,) = gradients(np.sum(np.square(result)), [inputs["x"]])
        return [result] if found is None else [result, found]

    return traced


def graph_of(function: Function) -> Graph:
    return trace_graph(with_gradient(function), {"x": ((BATCH, 4), np.dtype("f8"))})


def run(program: Program, x: Any) -> list[Any]:
    with program.lease(len(x)) as step:
        step.inputs["x"][...] = x
        with np.errstate(all="ignore"):
            step()
        np.testing.assert_array_equal(step.inputs["x"], x)
        return [output.copy() for output in step.outputs]


@each
def test_one_program_serves_every_batch_size(name: str) -> None:
    ours, numpy = CALLS[name]
    program = Program(graph_of(ours))
    for batch in (3, 1, 9, 2):
        x = array(batch)
        found = run(program, x)
        with np.errstate(all="ignore"):
            np.testing.assert_allclose(found[0], numpy(x), rtol=1e-12, atol=1e-14)
        again = planned(lambda t: with_gradient(ours)(None, {"x": t}), x)
        for a, b in zip(found, again, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", NAMED)
def test_eager_call_is_what_its_formula_says(name: str) -> None:
    ours, numpy = NAMED[name]
    x = array(5)
    np.testing.assert_allclose(ours(x), numpy(x), rtol=1e-12, atol=1e-14)


@each
def test_gradient_of_a_call_is_the_numeric_one(name: str) -> None:
    ours = CALLS[name][0]
    x = array(3)
    if np.asarray(ours(x)).dtype.kind != "f" or name in {"cast", "stop_gradient"}:
        pytest.skip("no float result, or a rule that differs from the slope on purpose")
    assert_gradient(ours, [x], np.random.default_rng(1))


@each
@pytest.mark.parametrize("shape", [(0, 4), (1, 4)])
def test_empty_and_single_batches_go_through(name: str, shape: tuple[int, int]) -> None:
    ours, numpy = CALLS[name]
    x = array(shape[0])
    if shape[0] == 0 and name in UNDEFINED_WHEN_EMPTY:
        with pytest.raises(ValueError, match="zero-size"):
            run(Program(graph_of(ours)), x)
        return
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):  # a mean of nothing is NaN
        expected = numpy(x)
    np.testing.assert_allclose(run(Program(graph_of(ours)), x)[0], expected, rtol=1e-12, atol=1e-14)


def test_calls_here_reach_every_op_of_the_registry() -> None:
    reached = {value.op.name for ours, _ in CALLS.values() for value in graph_of(ours).values}
    hooks = {"python_call", "python_result", "gradient_token", "gradient_gate"}  # of layers: tests/layers/test_hooks.py
    assert set(OPS) - set(NULLARY) - reached == hooks


def test_every_public_name_is_called_here() -> None:
    told = {word for name in CALLS for word in name.split()}
    alias = {
        "abs": "absolute", "mod": "remainder", "round": "rint", "true_divide": "divide", "swapaxes": "matmul",
        "fabs": "absolute", "hard_swish": "hard_silu", "swish": "silu",
        **{f"logical_{word}": "logical" for word in ("and", "not", "or", "xor")},
    }  # fmt: skip
    public = {name for name in dir(ops) if callable(getattr(ops, name)) and not name.startswith("_")}
    assert {name for name in public if alias.get(name, name) not in told} == set()
