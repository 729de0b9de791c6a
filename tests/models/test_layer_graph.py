"""``LayerGraph``: calls in an order in which they can be run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, layers
from denselite.models.layer_graph import LayerGraph


def names(graph: LayerGraph) -> list[Any]:
    return [layer.name for layer in graph.layers]


def test_calls_come_after_what_they_read() -> None:
    inputs = Input((2,), name="in")
    short = layers.Dense(2, name="short")(inputs)
    long = layers.Dense(2, name="long_2")(layers.Dense(2, name="long_1")(inputs))
    total = layers.Add(name="total")([short, long])
    graph = LayerGraph([inputs], [total])
    order = [node.operation.name for node in graph.nodes]
    assert order.index("long_1") < order.index("long_2") < order.index("total")
    assert sorted(order) == ["long_1", "long_2", "short", "total"]
    assert names(graph)[0] == "in"
    assert names(graph)[-1] == "total"


def test_shared_layer_is_one_layer_with_two_calls() -> None:
    a, b = Input((2,), name="a"), Input((2,), name="b")
    shared = layers.Dense(3, name="shared")
    graph = LayerGraph([a, b], [shared(a), shared(b)])
    assert sorted(names(graph)) == ["a", "b", "shared"]
    assert len(graph.nodes) == 2


def test_graph_begins_at_the_inputs_that_are_given() -> None:
    inputs = Input((2,))
    middle = layers.Dense(3, name="before")(inputs)
    end = layers.Dense(1, name="after")(middle)
    model = Model(middle, end)
    assert "before" not in [node.operation.name for node in model._graph.nodes]
    rows = np.ones((4, 3), "float32")
    np.testing.assert_allclose(model.predict(rows, verbose=0), model.get_layer("after")(rows), rtol=1e-6)


def test_input_that_is_an_output_is_passed_on() -> None:
    inputs = Input((2,))
    model = Model(inputs, [inputs, inputs + 1])
    same, more = model.predict(np.ones((3, 2)), verbose=0)
    np.testing.assert_array_equal(same, np.ones((3, 2)))
    np.testing.assert_array_equal(more, np.full((3, 2), 2.0))


def test_unused_input_is_kept() -> None:
    a, b = Input((2,), name="a"), Input((2,), name="b")
    model = Model([a, b], layers.Dense(1)(a))
    assert model.predict([np.ones((3, 2)), np.ones((3, 2))], verbose=0).shape == (3, 1)


def test_output_without_its_input_is_named() -> None:
    a, b = Input((2,), name="a"), Input((2,), name="b")
    with pytest.raises(ValueError, match=r"'?b'?.* is needed for the outputs and is not among the inputs"):
        LayerGraph([a], [a + b])
