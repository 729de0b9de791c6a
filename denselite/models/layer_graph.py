"""``LayerGraph``: the calls between given inputs and outputs, in an order in which they can be run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from denselite import tree
from denselite.errors import StateError
from denselite.tensor.symbols import KerasTensor, Node, symbols_of

__all__ = ["LayerGraph"]


class LayerGraph:
    """A directed acyclic graph of layer calls.

    Args:
        inputs: Keras tensors that are given.
        outputs: Keras tensors that are wanted.

    Attributes:
        nodes: the calls in topological order (inputs' own nodes are not among them).
        layers: the layers in Keras' order: by distance from the outputs, farthest first.

    Raises:
        StateError: an output does not follow from the inputs; the tensor that is missing is named.
    """

    def __init__(self, inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> None:
        self.inputs, self.outputs = list(inputs), list(outputs)
        self.nodes, met = _traverse(self.inputs, self.outputs)
        self.layers = self._order_layers(met)

    def run(self, values: Sequence[Any]) -> list[Any]:
        """Call the layers on ``values``, one for each input, and return the outputs."""
        known = {id(symbol): value for symbol, value in zip(self.inputs, values, strict=True)}
        for node in self.nodes:
            leaves, structure = tree.flatten((node.args, node.kwargs))
            filled = [known[id(leaf)] if isinstance(leaf, KerasTensor) else leaf for leaf in leaves]
            args, kwargs = tree.unflatten(structure, filled)
            made = tree.flatten(node.operation(*args, **kwargs))[0]
            known.update(zip(map(id, node.outputs), made, strict=True))
        return [known[id(symbol)] for symbol in self.outputs]

    def _order_layers(self, met: dict[int, int]) -> list[Any]:
        """Sort as Keras does: by the longest way to an output, then by when the walk back met a layer."""
        layers: dict[int, Any] = {}
        depth: dict[int, int] = {}  # of a layer: its farthest call
        away: dict[int, int] = {}  # of a tensor: its farthest reader
        for node in reversed(self.nodes):
            key = id(node.operation)
            layers[key] = node.operation
            depth[key] = max([depth.get(key, 0), *(away.get(id(output), 0) for output in node.outputs)])
            for symbol in symbols_of(node):
                away[id(symbol)] = max(away.get(id(symbol), 0), depth[key] + 1)
        for symbol in self.inputs:
            layer = _node_of(symbol).operation
            layers[id(layer)], depth[id(layer)] = layer, away.get(id(symbol), 0)
        return sorted(layers.values(), key=lambda layer: (-depth[id(layer)], met.get(id(layer), -1)))


def _node_of(symbol: KerasTensor) -> Node:
    assert symbol.history is not None
    operation, index, _ = symbol.history
    return operation._nodes[index]  # type: ignore[no-any-return]


def _traverse(inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> tuple[list[Node], dict[int, int]]:
    """Walk back from the outputs, depth first and without recursion: a chain of any length is fine.

    Returns:
        The calls on the way, each behind those it needs, and when each layer was first met.
    """
    given = {id(symbol) for symbol in inputs}
    order: list[Node] = []
    entered: set[int] = set()
    met: dict[int, int] = {}
    waiting: list[KerasTensor | Node] = list(reversed(outputs))
    while waiting:
        step = waiting.pop()
        if isinstance(step, Node):  # all that it needs is in order by now
            order.append(step)
            continue
        node = _node_of(step)
        met.setdefault(id(node.operation), len(met))
        if id(step) in given or id(node) in entered:
            continue
        if not symbols_of(node):
            raise StateError(f"{step!r} is needed for the outputs and is not among the inputs. Add it to inputs=.")
        entered.add(id(node))
        waiting += [node, *reversed(symbols_of(node))]
    return order, met
