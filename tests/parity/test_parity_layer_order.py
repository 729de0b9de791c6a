"""The order of a functional model's layers, which is the order of its weights, is Keras'."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest


def graph(lib: Any, seed: int) -> Any:
    """A random graph with shared layers, several inputs and several outputs."""
    rng = random.Random(seed)
    tensors = [lib.Input((3,), name=f"i{k}") for k in range(rng.randint(1, 3))]
    inputs = list(tensors)
    shared = [lib.layers.Dense(3, name=f"s{k}") for k in range(3)]
    for k in range(rng.randint(2, 8)):
        chance = rng.random()
        if chance < 0.5:
            tensors.append(rng.choice(shared)(rng.choice(tensors)))
        elif chance < 0.8:
            tensors.append(lib.layers.Add(name=f"a{k}")([rng.choice(tensors), rng.choice(tensors)]))
        else:
            tensors.append(lib.layers.Dense(3, name=f"d{k}")(rng.choice(tensors)))
    ends = [tensors[-1], *(rng.choice(tensors) for _ in range(rng.randint(0, 2)))]
    return lib.Model(inputs, [lib.layers.Activation("tanh", name=f"o{k}")(end) for k, end in enumerate(ends)])


def order(model: Any) -> list[str]:
    return [spec["name"] for spec in json.loads(model.to_json())["config"]["layers"]]


@pytest.mark.parametrize("seed", range(30))
def test_layers_are_in_keras_order(twins: Any, seed: int) -> None:
    twins.same(lambda lib: order(graph(lib, seed)))


def test_input_of_a_layer_shared_at_two_depths_comes_before_it(twins: Any) -> None:
    def recipe(lib: Any) -> list[str]:
        a, b = lib.Input((3,), name="a"), lib.Input((3,), name="b")
        shared = lib.layers.Dense(3, name="s")
        late = lib.layers.Activation("tanh", name="t")(shared(b))
        return order(lib.Model([a, b], lib.layers.Add(name="sum")([shared(a), late])))

    twins.same(recipe)
    assert recipe(twins.libs[1]) == ["a", "b", "s", "t", "sum"]
