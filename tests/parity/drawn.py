"""What hypothesis draws for the parity tests: networks of random layers, as data that builds in either library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

import denselite
from tests.parity.drawn_layers import (
    BOOLEANS,
    EMBEDDING,
    LAYERS,
    MERGES,
    NORMALIZING,
    SAME_SHAPED,
    TOKENS,
    Part,
    Shape,
    merges,
)

__all__ = ["Network", "masks", "networks"]

ROWS = 8  # two batches
LARGEST = 32  # values a sample: a drawn layer that makes more is not taken


def masks(layer: Part) -> bool:
    """Whether a layer makes a mask."""
    return layer.name == "Masking" or bool(layer.given.get("mask_zero"))


def penalizes(layer: Part) -> bool:
    """Whether a layer penalizes its output. One in a network does: run op by op, Keras forgets some of several.

    It tells the losses of one call from those of another by ``id``, which Python gives again.
    """
    return layer.name == "ActivityRegularization" or layer.given.get("activity_regularizer") is not None


@dataclass(frozen=True)
class Network:
    """Layers and what each takes: ``nodes[k]`` makes value ``len(inputs) + k`` of the values with these indices.

    Args:
        inputs: the shapes of samples.
        ids: whether the first input is of integers below 4.
        nodes: index into ``parts``, and indices of the values it takes. A part in two nodes is one layer.
        outputs: the indices of values that are outputs.
    """

    inputs: list[Shape]
    ids: bool
    parts: list[Part]
    nodes: list[tuple[int, tuple[int, ...]]]
    outputs: list[int]
    sequential: bool

    def build(self, lib: Any) -> Any:
        """The model."""
        dtypes = ["int32" if self.ids and not k else None for k in range(len(self.inputs))]
        values = [lib.Input(shape, dtype=dtype) for shape, dtype in zip(self.inputs, dtypes, strict=True)]
        layers = [layer.make(lib) for layer in self.parts]
        if self.sequential:
            return lib.Sequential([*values, *layers])
        inputs = list(values)
        for index, taken in self.nodes:
            given = [values[k] for k in taken]
            values.append(layers[index](given if len(given) > 1 else given[0]))
        made = [values[k] for k in self.outputs]
        return lib.Model(inputs if len(inputs) > 1 else inputs[0], made if len(made) > 1 else made[0])

    def data(self, rng: np.random.Generator) -> list[Any]:
        """Random inputs. Some time steps are zeros, for masks."""
        drawn = []
        for k, shape in enumerate(self.inputs):
            x = rng.normal(size=(ROWS, *shape))
            x *= rng.random((ROWS, *shape[:-1], 1)) > 0.25 if len(shape) > 1 else 1.0
            drawn.append(rng.integers(0, TOKENS, (ROWS, *shape)).astype("int32") if self.ids and not k else x)
        return drawn


@st.composite
def networks(draw: st.DrawFn, heads: Callable[[Shape, int], st.SearchStrategy[Part]], normalizing: bool) -> Network:
    """Random networks.

    Args:
        heads: the strategy for the last layer, of the shape it gets and which output it is.
        normalizing: whether layers are drawn that undo a shift or a scale.
    """
    sequential, ids = draw(BOOLEANS), draw(st.integers(0, 4)) == 0
    shapes: list[Shape] = draw(
        st.lists(st.sampled_from([(4,), (2,), (4, 2), (2, 4), (2, 4, 2)]), min_size=1, max_size=1 if sequential else 2)
    )
    inputs, parts, nodes = list(shapes), [], []
    if ids:
        inputs[0] = shapes[0] = (4,)

    def add(layer: Part, *taken: int) -> None:
        if penalizes(layer) and any(penalizes(other) for other in parts):
            return
        made = layer.make(denselite).compute_output_shape(
            [(None, *shapes[k]) for k in taken] if len(taken) > 1 else (None, *shapes[taken[0]])
        )[1:]
        if layer.name == "Dense" or (prod(made) <= LARGEST and len(made) <= 3):
            parts.append(layer)
            nodes.append((len(parts) - 1, taken))
            shapes.append(made)

    if ids:
        add(draw(EMBEDDING), 0)
    for _ in range(draw(st.integers(1, 5))):
        # a value of integers goes to an embedding alone
        first = len(shapes) - 1 if sequential else draw(st.integers(1 if ids else 0, len(shapes) - 1))
        same = [k for k, shape in enumerate(shapes) if shape == shapes[first] and (k or not ids)]
        if not sequential and draw(BOOLEANS):
            second = draw(st.sampled_from(same))
            names = MERGES if len(shapes[first]) > 1 and shapes[first] == shapes[second] else SAME_SHAPED
            add(draw(merges(draw(st.sampled_from(names)))), first, second)
            continue
        again = [
            index for index, taken in nodes if len(taken) == 1 and taken[0] in same and not penalizes(parts[index])
        ]
        if not sequential and again and draw(st.integers(0, 3)) == 0:
            index = draw(st.sampled_from(again))
            nodes.append((index, (first,)))
            shapes.append(shapes[next(len(inputs) + k for k, node in enumerate(nodes) if node[0] == index)])
            continue
        fitting = [
            strategy
            for name, drawer in LAYERS.items()
            if (normalizing or name not in NORMALIZING) and (strategy := drawer(shapes[first])) is not None
        ]
        add(draw(draw(st.sampled_from(fitting))), first)
    count = 1 if sequential else draw(st.integers(1, 2))
    ends = [len(shapes) - 1] + [draw(st.integers(1 if ids else 0, len(shapes) - 1)) for _ in range(count - 1)]
    outputs = []
    for number, end in enumerate(ends):
        add(draw(heads(shapes[end], number)), end)
        outputs.append(len(shapes) - 1)
    taken = {k for _, indices in nodes for k in indices}
    for k in range(len(inputs)):  # an input that leads nowhere is refused: it goes to the first head's neighbour
        if k not in taken:
            return draw(st.nothing())
    return Network(inputs, ids, parts, nodes, outputs, sequential)
