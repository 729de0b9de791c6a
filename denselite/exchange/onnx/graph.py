"""An ONNX graph in the making: nodes, what they are called, constants, and sizes that follow from the batch.

A writer of an op gets the graph and an ``Edge`` for each operand, and returns the edge that is its result:

    def _softsign(graph, x):
        return graph.node("Div", x, graph.node("Add", graph.node("Abs", x), 1))

Numbers and arrays may stand where an edge does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from denselite.errors import UncoveredError
from denselite.graph.dims import Affine, is_static
from denselite.graph.graph import Value
from denselite.ops.op import Array

__all__ = ["FAR", "Edge", "OnnxGraph", "Writer", "computed_in"]

FAR = 2**62  # an end of a slice beyond every axis


@dataclass(slots=True, eq=False)
class Edge:
    """A value of the graph.

    Args:
        dtype: a NumPy dtype.
        shape: sizes, some ``Affine``; None between the nodes of one op.
        name: its name; a constant has none before it is used.
        array: the value of a constant.
        label: what a constant will be called.
        below: the entries are known to lie between 0 and this number, which is not among them.
    """

    dtype: np.dtype[Any]
    shape: tuple[Any, ...] | None = None
    name: str = ""
    array: Array | None = None
    label: str = "constant"
    below: Any = None

    @property
    def sizes(self) -> tuple[Any, ...]:
        """The shape of an operand."""
        assert self.shape is not None, "operands know their shape"
        return self.shape


Writer = Callable[..., Edge]  # (graph, *operands, **attrs) -> result


def computed_in(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype in which runtimes do arithmetic on ``dtype``: int32 or int64 for all integers and truth values.

    Cast back, the result wraps around as NumPy's does.
    """
    if dtype.kind not in "biu" or dtype in (np.int32, np.int64):
        return dtype
    return np.dtype(np.int64 if dtype in (np.uint32, np.uint64) else np.int32)


@dataclass
class OnnxGraph:
    """Nodes and constants, in order.

    Attributes:
        nodes: ONNX nodes.
        constants: ONNX tensors.
        value: the value that is written at present.
    """

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    value: Value = field(init=False)

    def __post_init__(self) -> None:
        self._names: set[str] = set()
        self._kept: dict[Any, str] = {}
        self._sizes: dict[Affine, Edge] = {}
        self._batch: tuple[Edge, int] | None = None  # an input, and the axis that is the batch

    def unique(self, name: str) -> str:
        """Return ``name``, numbered if it is taken."""
        found, count = name, 1
        while found in self._names:
            found, count = f"{name}_{count}", count + 1
        self._names.add(found)
        return found

    def add_input(self, name: str, shape: tuple[Any, ...], dtype: np.dtype[Any]) -> Edge:
        """Return the edge of an input of the model."""
        self._names.add(name)
        made = Edge(dtype, shape, name)
        if Affine(1, 0) in shape and self._batch is None:
            self._batch = (made, shape.index(Affine(1, 0)))
        return made

    def node(
        self,
        kind: str,
        *operands: Any,
        dtype: Any = None,
        shape: tuple[Any, ...] | None = None,
        place: int = 0,
        outputs: int = 1,
        **attrs: Any,
    ) -> Edge:
        """Add a node and return the edge of its result.

        Args:
            kind: the ONNX operator.
            *operands: edges; numbers and arrays become constants, numbers of the last edge's dtype.
            dtype: of the result; that of the first operand by default.
            shape: of the result, for who needs it.
            place: which of several results is wanted.
            outputs: how many there are.
            **attrs: the attributes.
        """
        from onnx import helper

        like = next((x.dtype for x in reversed(operands) if isinstance(x, Edge)), None)
        edges = [self.edge(x, like) for x in operands]
        name = self.unique(f"{self.value.scope}/{kind}" if self.value.scope else kind)
        names = [name if k == place else self.unique(f"{name}/unread") for k in range(outputs)]
        self.nodes.append(helper.make_node(kind, [self._name_of(edge) for edge in edges], names, name, **attrs))
        return Edge(edges[0].dtype if dtype is None else np.dtype(dtype), shape, name)

    def edge(self, x: Any, like: np.dtype[Any] | None = None) -> Edge:
        """Return ``x`` as an edge; a number gets the dtype ``like``."""
        if isinstance(x, Edge):
            return x
        array = np.asarray(x, None if isinstance(x, np.ndarray) else like)
        return Edge(array.dtype, array.shape, array=array)

    def named(self, edge: Edge, name: str) -> None:
        """Let a result of the graph be called ``name``."""
        from onnx import helper

        self.nodes.append(helper.make_node("Identity", [self._name_of(edge)], [name], self.unique(f"{name}/Identity")))

    def _name_of(self, edge: Edge) -> str:
        if not edge.name:
            from hashlib import sha256

            from onnx import numpy_helper

            assert edge.array is not None, "what is no constant has a name"
            array = np.asarray(edge.array, order="C")
            key = (edge.label, array.dtype, array.shape, sha256(array.tobytes()).digest())
            if key not in self._kept:
                self._kept[key] = self.unique(edge.label)
                self.constants.append(numpy_helper.from_array(array, self._kept[key]))
            edge.name = self._kept[key]
        return edge.name

    # Sizes.

    def sizes(self, sizes: Sequence[Any]) -> Edge:
        """Return a vector of sizes."""
        if is_static(tuple(sizes)):
            return self.edge(np.asarray(sizes, np.int64))
        if len(sizes) == 1:
            return self._size(sizes[0])
        parts = [self._size(size) if isinstance(size, Affine) else np.asarray([size], np.int64) for size in sizes]
        return self.node("Concat", *parts, axis=0, dtype=np.int64)

    def _size(self, size: Affine) -> Edge:
        found = self._sizes.get(size)
        if found is None:
            assert self._batch is not None, "a size that follows from the batch has an input to follow it from"
            given, axis = self._batch
            found = self.node("Shape", given, start=axis, end=axis + 1, dtype=np.int64)
            found = found if size.slope == 1 else self.node("Mul", found, np.asarray([size.slope]))
            found = self._sizes[size] = self.node("Add", found, np.asarray([size.offset])) if size.offset else found
        return found

    def static(self, what: str, value: Any) -> Any:
        """Return ``value``, which may not follow from the batch here.

        Raises:
            UncoveredError: it does.
        """
        if not is_static(value):
            raise UncoveredError(f"needs {what} {value!r} to be the same for every batch size")
        return value

    # What many writers need.

    def cast(self, x: Edge, dtype: Any) -> Edge:
        """Return ``x`` in another dtype; itself if it has it."""
        from onnx import helper

        found = np.dtype(dtype)
        if x.dtype == found:
            return x
        if x.array is not None:
            with np.errstate(all="ignore"):
                return Edge(found, x.shape, array=x.array.astype(found), label=x.label)
        return self.node("Cast", x, to=helper.np_dtype_to_tensor_dtype(found), dtype=found, shape=x.shape)

    def reshape(self, x: Edge, shape: Sequence[Any]) -> Edge:
        """Return ``x`` with another shape; one size that follows from the batch is left to the runtime."""
        if x.array is not None and is_static(tuple(shape)):
            return Edge(x.dtype, tuple(shape), array=x.array.reshape(shape), label=x.label)
        whole = tuple(shape)
        open_places = [k for k, size in enumerate(shape) if isinstance(size, Affine)]
        if len(open_places) == 1 and 0 not in shape:
            shape = [-1 if k in open_places else size for k, size in enumerate(shape)]
        return self.node("Reshape", x, self.sizes(shape), shape=whole, allowzero=int(0 in shape))

    def transpose(self, x: Edge, axes: Sequence[int]) -> Edge:
        """Return ``x`` with its axes in another order."""
        if x.array is not None:
            array = x.array.transpose(axes)
            return Edge(x.dtype, array.shape, array=array, label=x.label)
        shape = None if x.shape is None else tuple(x.shape[axis] for axis in axes)
        return self.node("Transpose", x, perm=list(axes), shape=shape)

    def slice(
        self,
        x: Edge,
        axes: Sequence[int],
        starts: Sequence[Any],
        ends: Sequence[Any],
        steps: Sequence[int],
        shape: tuple[Any, ...] | None = None,
    ) -> Edge:
        """Return a part of ``x`` along some axes."""
        bounds = (self.sizes(starts), self.sizes(ends), np.asarray(axes, np.int64), np.asarray(steps, np.int64))
        return self.node("Slice", x, *bounds, shape=shape)
