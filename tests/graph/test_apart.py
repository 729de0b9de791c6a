"""What is proved to treat rows apart does, and what looks across rows is not proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite import ops, random
from denselite.graph.apart import rows_apart
from denselite.graph.dims import Mismatch
from denselite.graph.graph import BATCH, Graph, trace_graph
from denselite.graph.simplify import simplify
from denselite.program.program import Program
from denselite.tensor.variable import Variable

FLOAT = np.dtype("f8")
W = Variable(np.random.default_rng(0).normal(size=(4, 3)), name="w")
TABLE = Variable(np.random.default_rng(1).normal(size=(5, 2)), name="table")
STACK = Variable(np.random.default_rng(2).normal(size=(1, 4, 4)), name="stack")


def graph_of(function: Callable[[Any], Any]) -> Graph:
    return simplify(trace_graph(lambda _, inputs: [function(inputs["x"])], {"x": ((BATCH, 4), FLOAT)}))


APART: dict[str, Callable[[Any], Any]] = {
    "dense": lambda x: np.maximum(x @ W + 1.0, 0.0),
    "matrices, one a row": lambda x: (x[:, :, None] @ x[:, None, :]).sum(axis=(1, 2), keepdims=True)[:, 0],
    "matrices, one for all": lambda x: (np.reshape(x, (-1, 1, 4)) @ STACK)[:, 0],
    "softmax": lambda x: ops.softmax(x),
    "normalized": lambda x: (x - np.mean(x, axis=-1, keepdims=True)) / np.sqrt(np.var(x, axis=1, keepdims=True) + 1.0),
    "merged and split": lambda x: np.reshape(np.reshape(x, (-1, 2)) @ np.ones((2, 3)), (-1, 6)),
    "merged": lambda x: np.reshape(np.exp(np.reshape(x, (-1,))), (-1, 4)),
    "transposed twice": lambda x: np.transpose(np.reshape(x, (-1, 2, 2)), (0, 2, 1)),
    "sliced": lambda x: x[:, 1:3] * x[..., ::-1][:, :2],
    "joined": lambda x: np.concatenate([x, x * 2.0], axis=1),
    "joined with what is the same for all": lambda x: np.concatenate([x, np.zeros_like(x)], axis=-1),
    "padded": lambda x: np.pad(x, ((0, 0), (1, 2))),
    "repeated": lambda x: np.repeat(x, 2, axis=1),
    "looked up": lambda x: np.take(TABLE, np.argmax(x, axis=1), axis=0),
    "picked": lambda x: np.take(x, [0, 2], axis=1),
    "picked by row": lambda x: np.take_along_axis(x, np.argmax(x, axis=1, keepdims=True), axis=1),
    "one hot": lambda x: ops.one_hot(np.argmax(x, axis=1), 4),
    "chosen": lambda x: np.where(x > 0, x, np.sum(x, axis=1, keepdims=True)),
    "running sum": lambda x: np.cumsum(x, axis=1),
    "sorted": lambda x: np.sort(x, axis=1),
    "cast": lambda x: ops.cast(x > 0, "float64"),
    "no gradient": lambda x: ops.stop_gradient(x) + x,
}
MIXED: dict[str, Callable[[Any], Any]] = {
    "mean of the batch": lambda x: x - np.mean(x, axis=0),
    "largest of the batch": lambda x: x / np.max(np.abs(x)),
    "one row for all": lambda x: x + x[0],
    "first row for all": lambda x: x * x[:1],
    "reversed": lambda x: x[::-1],
    "Gram": lambda x: (x @ x.T) @ x,
    "softmax over rows": lambda x: ops.softmax(x, axis=0),
    "running sum over rows": lambda x: np.cumsum(x, axis=0),
    "sorted over rows": lambda x: np.sort(x, axis=0),
    "number of rows": lambda x: x * x.shape[0],
    "divided by the number of rows": lambda x: x / x.shape[0],
    "share of the batch": lambda x: x / np.size(x),
    "mean that is the same for all": lambda x: x + np.mean(np.ones_like(x), axis=0),
    "shifted rows": lambda x: np.pad(x, ((1, 0), (0, 0)))[:-1],
    "rows of a table": lambda x: np.take(x, [0, 1], axis=0) + np.zeros((2, 4)),
    "turned": lambda x: np.transpose(np.reshape(x, (-1, 2, 2)), (1, 0, 2))[0],
    "turned twice": lambda x: np.transpose(np.transpose(x)),
    "joined rows": lambda x: np.concatenate([x, x], axis=0)[: x.shape[0]],
    "two outputs a row": lambda x: np.reshape(x, (-1, 2)),
    "the same for all": lambda x: W * 2.0,
    "a table that the batch makes": lambda x: np.take(x, np.zeros(4, int), axis=1) @ x.T @ x,
    "drawn": lambda x: x + random.normal(x.shape, seed=random.SeedGenerator(1)),
}


@pytest.mark.parametrize("name", APART)
def test_what_treats_rows_apart_is_proved_to(name: str) -> None:
    graph = graph_of(APART[name])
    assert rows_apart(graph)
    x = np.random.default_rng(3).normal(size=(6, 4))
    parts = [run(graph, x[start : start + size]) for start, size in ((0, 1), (1, 3), (4, 2))]
    np.testing.assert_allclose(np.concatenate(parts), run(graph, x), rtol=1e-12)


@pytest.mark.parametrize("name", MIXED)
def test_what_looks_across_rows_is_not(name: str) -> None:
    try:
        graph = graph_of(MIXED[name])
    except Mismatch:
        return  # a graph for one batch size, of which nothing is proved
    assert not rows_apart(graph)


def test_graph_for_one_batch_size_or_with_state_is_not() -> None:
    specs: Any = {"x": ((BATCH, 4), FLOAT)}
    assert not rows_apart(trace_graph(lambda _, inputs: [inputs["x"] * 2.0], specs, batch=3))
    state = Variable(np.zeros((), "f8"), name="state", trainable=False)

    def counts(trace: Any, inputs: Any) -> Any:
        state.assign(state.value + 1.0)
        return [inputs["x"] * 2.0]

    assert not rows_apart(trace_graph(counts, specs))


def run(graph: Graph, x: np.ndarray) -> np.ndarray:
    with Program(graph).lease(len(x)) as step:
        step.inputs["x"][...] = x
        with np.errstate(all="ignore"):
            step()
        return step.outputs[0].copy()
