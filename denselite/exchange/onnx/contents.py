"""What an ONNX file holds: weights, inputs, nodes; checked before anything is made of it.

All that has no form here is collected and told in one error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from denselite.errors import FormatError, UncoveredError
from denselite.exchange.onnx.tensors import array_of, attributes_of, check_finite, dtype_of
from denselite.ops.op import Array

__all__ = ["Contents", "Given", "Problems", "Step", "contents_of"]

OPSETS = range(7, 29)  # of which the operators mean what the readers take them for
NODES = 10_000  # of a graph
_OWN = ("", "ai.onnx")  # names of the domain of ONNX' own operators


@dataclass(slots=True, eq=False)
class Step:
    """A node.

    Args:
        kind: the operator.
        name: the node's name, or nothing.
        reads: the names of what it reads.
        makes: the names of what it makes.
        attributes: by name.
    """

    kind: str
    name: str
    reads: list[str]
    makes: list[str]
    attributes: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r:.100}" if self.name else self.kind


@dataclass(slots=True)
class Given:
    """An input: its name, its sizes (None for an open one) and its dtype."""

    name: str
    sizes: list[int | None]
    dtype: np.dtype[Any]


@dataclass(slots=True)
class Contents:
    """What a file holds.

    Args:
        name: what the graph is called.
        opset: the version of the operators.
        weights: arrays by name.
        inputs: what the model is given.
        steps: the nodes.
        outputs: the names of what the graph returns.
        allow_nonfinite: whether weights may be NaN or infinite.
    """

    name: str
    opset: int
    weights: dict[str, Array]
    inputs: list[Given]
    steps: list[Step]
    outputs: list[str]
    allow_nonfinite: bool


class Problems:
    """What in a file has no form here.

    Args:
        path: the file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._found: dict[str, None] = {}

    def add(self, problem: str) -> None:
        """Remember a problem."""
        self._found[problem] = None

    @contextmanager
    def of(self, who: Any) -> Iterator[None]:
        """Within, what has no form is remembered as a problem of ``who``; whatever else fails is the file's fault."""
        try:
            yield
        except UncoveredError as error:
            self.add(f"{who} {error}")
        except FormatError as error:
            raise FormatError(f"{self._path}: {who}: {error}") from None
        except Exception as error:
            raise FormatError(f"{self._path}: {who}: {type(error).__name__}: {error}") from error

    def tell(self) -> None:
        """Raise an error that names all problems, if there are any.

        Raises:
            UncoveredError: there are.
        """
        if self._found:
            raise UncoveredError(f"{self._path} cannot be read: {'; '.join(self._found)}.")


def contents_of(proto: Any, path: str, known: Mapping[str, Set[str]], allow_nonfinite: bool) -> Contents:
    """Return what a file holds.

    Args:
        proto: the file, parsed.
        path: where it lies, for messages.
        known: the operators that are read, with the attributes that are.
        allow_nonfinite: whether weights may be NaN or infinite.

    Raises:
        FormatError: it is damaged.
        UncoveredError: something has no form here.
    """
    graph, problems = proto.graph, Problems(path)
    if len(graph.node) > NODES:
        raise FormatError(f"{path} has {len(graph.node):,} nodes, at most {NODES:,} are read.")
    opset = next((used.version for used in proto.opset_import if used.domain in _OWN), 0)
    if opset not in OPSETS:
        told = f"operator set {opset}" if opset else "no operator set of ONNX' own"
        problems.add(f"it has {told}, and {OPSETS[0]} to {OPSETS[-1]} are read")
    if proto.functions or graph.sparse_initializer:
        problems.add("it has functions of its own" if proto.functions else "it has sparse weights")
    weights = _weights(graph, problems, allow_nonfinite)
    inputs: list[Given] = []
    for info in graph.input:
        if info.name not in weights:  # before IR version 4 every weight is an input, too
            with problems.of(f"the input {info.name!r}"):
                inputs.append(_given(info))
    steps: list[Step] = []
    for node in graph.node:
        step = Step(node.op_type, node.name, list(node.input), list(node.output), {})
        steps.append(step)
        if node.domain not in _OWN:
            problems.add(f"{node.domain}.{node.op_type} is no operator of ONNX' own")
        elif node.op_type not in known:
            problems.add(f"{node.op_type} has no form here")
        else:
            with problems.of(step):
                step.attributes = attributes_of(node)
                others = sorted(step.attributes.keys() - known[node.op_type])
                if others:
                    raise UncoveredError(f"has an attribute {', '.join(map(repr, others))} that is not read")
    problems.tell()
    outputs = [info.name for info in graph.output]
    return Contents(graph.name, opset, weights, inputs, steps, outputs, allow_nonfinite)


def _weights(graph: Any, problems: Problems, allow_nonfinite: bool) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for tensor in graph.initializer:
        with problems.of(f"the weight {tensor.name!r}"):
            if tensor.name in found or not tensor.name:
                raise FormatError("there is a second one of that name")
            found[tensor.name] = array_of(tensor)
            if not allow_nonfinite:
                check_finite("it", found[tensor.name])
    return found


def _given(info: Any) -> Given:
    kind = info.type.tensor_type
    if not info.type.HasField("tensor_type") or not kind.HasField("shape") or not kind.shape.dim:
        raise UncoveredError("is no tensor of at least one axis, the batch")
    return Given(info.name, [dim.dim_value or None for dim in kind.shape.dim], dtype_of(kind.elem_type))
