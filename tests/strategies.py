"""What hypothesis draws: random functions of an array, made of operations, to plan and differentiate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from denselite import ops

FEATURES = 4
MIX = np.random.default_rng(0).normal(size=(FEATURES, FEATURES)) / 2

# Each takes two (batch, 4) values and gives one; none lets values grow without bound. Views, products,
# reductions and copies are among them, so that memory is shared, freed and taken over in every way.
STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: (x + y) * 0.5,
    "subtract": lambda x, y: x - y * 0.3,
    "multiply": lambda x, y: np.tanh(x * y),
    "divide": lambda x, y: x / (1.5 + np.square(y)),
    "tanh": lambda x, y: np.tanh(x),
    "sine of a neighbour": lambda x, y: np.sin(x) + y,
    "sigmoid": lambda x, y: ops.sigmoid(x + y),
    "relu": lambda x, y: ops.relu(x) - ops.relu(-y) * 0.5,
    "softmax": lambda x, y: ops.softmax(x) + y * 0.1,
    "log_softmax": lambda x, y: ops.log_softmax(x) * 0.3,
    "larger": lambda x, y: np.where(x > y, x, y),
    "clip": lambda x, y: np.clip(x, -0.9, 0.8) + y,
    "weights": lambda x, y: x @ MIX,
    "symmetric": lambda x, y: x @ np.tanh(symmetric(y)),
    "centred": lambda x, y: x - np.mean(y, axis=0, keepdims=True),
    "scaled": lambda x, y: x / (1.0 + np.sum(np.abs(y), axis=1, keepdims=True)),
    "reversed": lambda x, y: x[:, ::-1] + y,
    "halves": lambda x, y: np.concatenate([x[:, 2:], y[:, :2]], axis=1),
    "pairs": lambda x, y: np.reshape(np.tanh(np.reshape(x, (-1, 2))), np.shape(x)),
    "rearranged": lambda x, y: np.reshape(x.T, np.shape(x)) + y,
    "first column": lambda x, y: x + np.broadcast_to(y[:, :1], np.shape(x)),
    "picked": lambda x, y: np.take(x, np.array([3, 3, 0, 1]), axis=1),
    "stopped": lambda x, y: ops.stop_gradient(y) + x * 0.5,
}


def symmetric(y: Any) -> Any:
    """``g + g.T``: the sum that must not be written over its own operand."""
    g = y.T @ y
    return (g + g.T) * 0.1


class Recipe:
    """A random function of one ``(batch, 4)`` array: which step joins which earlier values."""

    def __init__(self, steps: list[tuple[str, int, int]], outputs: int) -> None:
        self.steps, self.outputs = steps, outputs

    def __call__(self, x: Any) -> list[Any]:
        values = [x]
        for name, i, j in self.steps:
            values.append(STEPS[name](values[-1 - i % len(values)], values[-1 - j % len(values)]))
        return values[-self.outputs :]

    def __repr__(self) -> str:
        return f"Recipe({self.steps}, outputs={self.outputs})"


def recipes(longest: int = 10) -> st.SearchStrategy[Recipe]:
    """Random recipes of up to ``longest`` steps."""
    step = st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 3), st.integers(0, 3))
    return st.builds(Recipe, st.lists(step, min_size=1, max_size=longest), st.integers(1, 2))
