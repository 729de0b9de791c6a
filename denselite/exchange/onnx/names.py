"""What layers are called that come from an ONNX file: as the file calls their weights, nodes and outputs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from denselite.errors import FormatError

__all__ = ["Names", "legal"]

LONGEST = 200  # characters of a name
MOST = 8_000  # layers, calls of functions among them


def legal(name: str) -> str:
    """Return a name that a layer can have.

    Example:
        >>> legal("/features/0/Conv:0")
        'features_0_Conv_0'
    """
    return re.sub(r"[^\w.-]+", "_", name[:LONGEST]).strip("_.")


class Names:
    """The names of a model's layers.

    Args:
        graph: what the graph is called; names that were written here may begin with it.
        weights: the names of weights; those that layers get from them are not given to others.
        outputs: the names of outputs; they wait for the layers that make them.

    Example:
        >>> names = Names("net", ["net/hidden/kernel", "out.weight"], ["y"])
        >>> names.owner("net/hidden/kernel"), names.owner("out.weight"), names.owner("W")
        ('hidden', 'out', '')
        >>> names.of_node("net/hidden/Relu", "relu"), names.of_node("/relu/Relu", "relu"), names.of_node("", "relu")
        ('hidden_relu', 'relu', 'relu_1')
    """

    def __init__(self, graph: str, weights: Iterable[str], outputs: Iterable[str]) -> None:
        self._graph = graph
        self._taken: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._reserved = {legal(self.owner(name)) for name in weights} | {legal(name) for name in outputs}

    def unique(self, name: str, reserved: bool = False) -> str:
        """Return ``name``, legal, and numbered if it is taken.

        Args:
            name: what something shall be called.
            reserved: whether it may be a name that waits.

        Raises:
            FormatError: there are too many.
        """
        stem = found = legal(name) or "layer"
        while found in self._taken or (found in self._reserved and not reserved):
            self._counts[stem] += 1
            found = f"{stem}_{self._counts[stem]}"
        if len(self._taken) == MOST:
            raise FormatError(f"the model would have more than {MOST:,} layers")
        self._taken.add(found)
        return found

    def is_free(self, name: str) -> bool:
        """Whether a layer may be called just so."""
        return name == legal(name) and name not in self._taken

    def owner(self, weight: str) -> str:
        """Return what the layer of a weight is called, or nothing if its name does not say."""
        stem = re.sub(r"((/[A-Z]\w*)?/ReadVariableOp(:\d+)?|[/.][^/.]*)$", "", weight)
        return "" if stem == weight or weight.startswith("onnx::") else stem.removeprefix(f"{self._graph}/")

    def place(self, node: str) -> str:
        """Return where a node stands: its name without the operator and the graph."""
        return legal(node.rpartition("/")[0].removeprefix(self._graph))

    def of_node(self, node: str, word: str) -> str:
        """Return a name of its own for what a node does, by a word for that."""
        place = self.place(node)
        return self.unique(place if re.search(rf"{word}(_\d+)?$", place) else f"{place}_{word}")
