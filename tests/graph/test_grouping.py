"""What is proved not to depend on how rows are grouped does not, and what looks across rows is not proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite import ops, random
from denselite.graph.graph import BATCH, Graph, trace_graph
from denselite.graph.grouping import regroupable
from denselite.graph.simplify import simplify
from denselite.ops.bins import bin_sums
from denselite.ops.crossentropy import pick_class
from denselite.program.program import Program
from denselite.tensor.variable import Variable

FLOAT = np.dtype("f8")
W = Variable(np.random.default_rng(0).normal(size=(4, 3)), name="w")
TABLE = Variable(np.random.default_rng(1).normal(size=(5, 2)), name="table")
LONG = Variable(np.arange(50.0), name="long")
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
    "row of the batch, picked by a constant": lambda x: x - np.take(x, np.array([0]), axis=0),
    "row of the batch, indexed by a constant": lambda x: x - x[np.array([0])],
    "number of rows as an index": lambda x: x * LONG[x.shape[0]],
    "number of rows as the start of a slice": lambda x: x * LONG[x.shape[0] : x.shape[0] + 4],
    "number of rows as an index of columns": lambda x: x * np.repeat(x, 30, axis=1)[:, x.shape[0]][:, None],
    "the first hundred": lambda x: x[:100] * 2.0,
    "the last hundred": lambda x: x[-100:] * 2.0,
    "drawn for all": lambda x: x * random.normal((4,), seed=random.SeedGenerator(1)),
    "drawn": lambda x: x + random.normal(x.shape, seed=random.SeedGenerator(1)),
}


@pytest.mark.parametrize("name", APART)
def test_what_treats_rows_apart_is_proved_to(name: str) -> None:
    graph = graph_of(APART[name])
    assert regroupable(graph)
    x = np.random.default_rng(3).normal(size=(6, 4))
    parts = [run(graph, x[start : start + size]) for start, size in ((0, 1), (1, 3), (4, 2))]
    np.testing.assert_allclose(np.concatenate(parts), run(graph, x), rtol=1e-12)


@pytest.mark.parametrize("name", MIXED)
def test_what_looks_across_rows_is_not(name: str) -> None:
    assert not regroupable(graph_of(MIXED[name]))


def test_graph_for_one_batch_size_is_not() -> None:
    assert not regroupable(trace_graph(lambda _, inputs: [inputs["x"] * 2.0], {"x": ((BATCH, 4), FLOAT)}, batch=3))


# State: what it is given, from the rows x, their labels and what it was before.

ADDED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "sum": lambda x, labels, before: before + np.sum(x),
    "sum of functions of rows": lambda x, labels, before: np.sum(np.exp(x) * 2.0 - 1.0) + before,
    "number of rows": lambda x, labels, before: before + x.shape[0],
    "number of entries": lambda x, labels, before: before + np.size(x),
    "mean of the batch, by its rows": lambda x, labels, before: before + np.mean(x) * x.shape[0],
    "mean and a penalty, by rows": lambda x, labels, before: before + (np.mean(x) * 3.0 + np.sum(W * W)) * x.shape[0],
    "penalty before the mean": lambda x, labels, before: before + x.shape[0] * (1.0 - np.mean(x)),
    "share of a sum": lambda x, labels, before: before + (np.sum(x) / 2.0 - np.sum(x[:, 0])),
    "sum divided by rows, by rows": lambda x, labels, before: before + (np.sum(x) / x.shape[0]) * x.shape[0],
    "running sum of sums": lambda x, labels, before: before + np.cumsum(np.sum(x, axis=0))[-1],
    "turned sums": lambda x, labels, before: before + np.sum(-np.sum(np.reshape(x, (-1, 2, 2)), axis=0).T[0]),
    "weights times losses": lambda x, labels, before: before + np.sum(x[:, 0] * np.square(x[:, 1])),
    "entry of the label": lambda x, labels, before: before + np.mean(pick_class(x, labels)) * x.shape[0],
    "entry of the largest": lambda x, labels, before: before + np.sum(pick_class(x * x, np.argmax(x, axis=1))),
    "bins": lambda x, labels, before: before + np.sum(bin_sums(x[:, 0], ops.cast(labels, "int64"), 4) * [1.0, 2, 3, 4]),
    "hits": lambda x, labels, before: before + np.sum(np.argmax(x, axis=1) == labels),
}
OTHERWISE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "sum of a row": lambda x, labels, before: before + np.sum(np.take(x, np.array([0]), axis=0)),
    "sum of the first hundred": lambda x, labels, before: before + np.sum(x[:100]),
    "ones times an entry of that number": lambda x, labels, before: before + np.sum(np.ones_like(x)) * LONG[x.shape[0]],
    "float16": lambda x, labels, before: before + np.sum(ops.cast(x, "float16")),
    "mean in float16": lambda x, labels, before: before + np.mean(ops.cast(x, "float16")) * x.shape[0],
    "entry of the largest of others": lambda x, labels, before: (
        before + np.sum(pick_class(x, np.argmax(np.repeat(x, 2, axis=1), axis=1)))
    ),
    "entry of a label that is computed": lambda x, labels, before: before + np.sum(pick_class(x, labels - 1)),
    "replaced": lambda x, labels, before: np.sum(x),
    "number of batches": lambda x, labels, before: before + 1.0,
    "mean": lambda x, labels, before: before + np.mean(x),
    "mean by the square of rows": lambda x, labels, before: before + np.mean(x) * x.shape[0] * x.shape[0],
    "sum by rows": lambda x, labels, before: before + np.sum(x) * x.shape[0],
    "sum and a penalty": lambda x, labels, before: before + (np.sum(x) + np.sum(W * W)),
    "square of a sum": lambda x, labels, before: before + np.square(np.sum(x)),
    "product of sums": lambda x, labels, before: before + np.sum(x) * np.sum(x * x),
    "ratio of sums": lambda x, labels, before: before + np.sum(x) / np.sum(x * x) * x.shape[0],
    "largest": lambda x, labels, before: np.maximum(before, np.max(x)),
    "subtracted from": lambda x, labels, before: np.sum(x) - before,
    "running average": lambda x, labels, before: before * 0.9 + np.sum(x),
    "added twice": lambda x, labels, before: before + before + np.sum(x),
    "its own size": lambda x, labels, before: before + np.sum(x * before),
    "truncated": lambda x, labels, before: before + ops.cast(ops.cast(np.sum(x), "int64"), "float64"),
    "distance from the mean": lambda x, labels, before: before + np.sum(np.square(x - np.mean(x))),
    "rows that are there": lambda x, labels, before: before + np.sum(np.where(np.all(x > 0), x, 0.0)),
    "entry of the label of another": lambda x, labels, before: before + np.sum(np.take(np.reshape(x, (-1,)), labels)),
}


def graph_with_state(function: Callable[[Any, Any, Any], Any]) -> tuple[Graph, Variable]:
    state = Variable(np.zeros((), "f8"), name="state", trainable=False)

    def assigns(trace: Any, inputs: Any) -> Any:
        state.assign(function(inputs["x"], inputs["labels"], state.value))
        return []

    specs: Any = {"x": ((BATCH, 4), FLOAT), "labels": ((BATCH,), np.dtype("i8"))}
    return simplify(trace_graph(assigns, specs)), state


@pytest.mark.parametrize("name", ADDED)
def test_state_that_adds_up_over_rows_is_proved_to(name: str) -> None:
    graph, state = graph_with_state(ADDED[name])
    assert regroupable(graph)
    rng = np.random.default_rng(3)
    x, labels = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    totals = []
    for sizes in ([6], [1, 3, 2]):
        state.assign(0.0)
        ends = np.cumsum(sizes)
        for start, end in zip(ends - sizes, ends, strict=True):
            with Program(graph).lease(end - start) as step:
                step.inputs["x"][...], step.inputs["labels"][...] = x[start:end], labels[start:end]
                for call in [*step.calls, *step.commit]:
                    call()
        totals.append(float(state.numpy()))
    assert totals[1] == pytest.approx(totals[0], rel=1e-12)
    assert totals[0] != 0.0


@pytest.mark.parametrize("name", OTHERWISE)
def test_state_that_follows_from_batches_otherwise_is_not(name: str) -> None:
    assert not regroupable(graph_with_state(OTHERWISE[name])[0])


def test_state_that_a_row_reads_is_not() -> None:
    state = Variable(np.ones((), "f8"), name="state", trainable=False)

    def assigns(trace: Any, inputs: Any) -> Any:
        scaled = inputs["x"] * state.value
        state.assign(state.value + np.sum(inputs["x"]))
        return [scaled]

    assert not regroupable(simplify(trace_graph(assigns, {"x": ((BATCH, 4), FLOAT)})))


def run(graph: Graph, x: np.ndarray) -> np.ndarray:
    with Program(graph).lease(len(x)) as step:
        step.inputs["x"][...] = x
        with np.errstate(all="ignore"):
            step()
        return step.outputs[0].copy()
