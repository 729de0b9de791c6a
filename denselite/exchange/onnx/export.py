"""Writing a traced graph as ONNX: every op by its writer, every weight under its path.

What follows from weights and constants alone is computed here, so the file holds what a batch needs. What has no
form in ONNX is refused before anything is written: draws, Python functions, state that changes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, MissingPackageError, UncoveredError
from denselite.exchange.onnx import write_elementwise, write_reductions, write_shaping, write_windows
from denselite.exchange.onnx.graph import Edge, OnnxGraph, Writer
from denselite.graph.dims import Affine
from denselite.graph.graph import Graph, Value
from denselite.graph.simplify import simplify
from denselite.ops.op import Op
from denselite.saving.files import replace_file
from denselite.tensor.context import CONSTANT, VARIABLE

__all__ = ["OPSET", "SAME", "WRITERS", "onnx_path", "to_onnx", "write_onnx"]

OPSET, IR_VERSION = 18, 8  # of 2022: what runs ONNX at all runs these
LARGEST = 2**31 - 1  # bytes of a message of protocol buffers
FOLDED = 1 << 16  # elements of a constant that may be computed here though it is larger than what it is made from

# Ops that are their first operand; the others are there for the gradient.
SAME = {"alias", "custom_gradient", "gradient_gate", "standardized", "stop_gradient"}
WRITERS: dict[str, Writer] = {
    **write_elementwise.WRITERS,
    **write_reductions.WRITERS,
    **write_shaping.WRITERS,
    **write_windows.WRITERS,
}


def onnx_path(filepath: Any) -> str:
    """Return the path of an ONNX file.

    Raises:
        ArgumentError: another ending.
    """
    path: str = os.fspath(filepath)
    if not path.endswith(".onnx"):
        raise ArgumentError(f"The name of an ONNX file ends in '.onnx', got {path!r}.")
    return path


def write_onnx(path: str, graph: Graph, outputs: Sequence[str], who: str, name: str) -> None:
    """Write a traced graph to a file, as a whole or not at all.

    Args:
        path: where.
        graph: a traced graph.
        outputs: the names of its results.
        who: what is exported, for errors.
        name: what the graph is called.

    Raises:
        MissingPackageError: ``onnx`` is not installed.
        UncoveredError: something has no form in ONNX; all that has none is named.
    """
    content = to_onnx(graph, outputs, who, name).SerializeToString()
    replace_file(path, lambda file: file.write(content))


def to_onnx(graph: Graph, outputs: Sequence[str], who: str, name: str) -> Any:
    """Return a traced graph as an ONNX model, checked; arguments and errors are those of ``write_onnx``."""
    try:
        import onnx
    except ImportError:
        raise MissingPackageError(
            f"{who}: writing ONNX needs the package onnx, which is not installed: pip install 'denselite[onnx]'."
        ) from None
    graph = simplify(graph)
    made = OnnxGraph()
    results = _write_values(graph, made, who)
    names = [made.unique(wanted) for wanted in outputs]
    for edge, wanted in zip(results, names, strict=True):
        made.named(edge, wanted)
    size = sum(len(tensor.raw_data) for tensor in made.constants)
    if size > LARGEST:
        raise UncoveredError(
            f"{who} cannot be exported to ONNX: its weights take {size:,} bytes, and one file holds {LARGEST:,}."
        )
    values = graph.values
    helper = onnx.helper
    whole = helper.make_graph(
        made.nodes,
        name,
        [_info(given, values[place]) for given, place in graph.inputs.items()],
        [_info(given, values[place]) for given, place in zip(names, graph.outputs, strict=True)],
        made.constants,
    )
    model = helper.make_model(
        whole,
        producer_name="denselite",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(model)
    return model


def _info(name: str, value: Value) -> Any:
    from onnx import helper

    sizes = [str(size) if isinstance(size, Affine) else size for size in value.shape]
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), sizes)


def _write_values(graph: Graph, made: OnnxGraph, who: str) -> list[Edge]:
    """Write all that the results are made from; return the results."""
    names = {place: name for name, place in graph.inputs.items()}
    needed = _needed(graph)
    edges: dict[int, Edge] = {}
    problems = {f"{variable.path} is assigned, and what ONNX runs keeps no state": None for variable, _ in graph.writes}
    for place, value in enumerate(graph.values):
        made.value = value
        if place in names:
            edges[place] = made.add_input(names[place], value.shape, value.dtype)
        elif place in needed:
            try:
                edges[place] = _written(made, value, [edges[i] for i in _read(value)])
            except UncoveredError as error:
                where = f" in {value.scope!r}" if value.scope else ""
                problems[f"{value.op.name}{where} {error}"] = None
                edges[place] = Edge(value.dtype, value.shape, "refused")
    if problems:
        raise UncoveredError(f"{who} cannot be exported to ONNX: {'; '.join(problems)}.")
    return [edges[place] for place in graph.outputs]


def _needed(graph: Graph) -> set[int]:
    """The places of what is run: not of operands that serve the gradient alone."""
    needed = set(graph.outputs)
    for place in range(len(graph.values) - 1, -1, -1):
        value = graph.values[place]
        if place in needed or (isinstance(value.op, Op) and value.op.effect):
            needed.update({place, *_read(value)})
    return needed


def _read(value: Value) -> tuple[int, ...]:
    return value.inputs[:1] if value.op.name in SAME else value.inputs


def _written(made: OnnxGraph, value: Value, operands: Sequence[Edge]) -> Edge:
    """Return a value as an edge: a constant if it is one, else what nodes make of its operands.

    Raises:
        UncoveredError: the op has no form in ONNX; the text says what it does.
    """
    op = value.op
    if not isinstance(op, Op):
        return _leaf(value)
    if op.name in SAME:
        return operands[0]
    writer = WRITERS.get(op.name)
    arrays = [edge.array for edge in operands if edge.array is not None]
    if value.static and len(arrays) == len(operands) and not op.effect:
        room = max(FOLDED, sum(array.size for array in arrays))
        if writer is None or prod(value.shape) <= room:
            array = np.asarray(op.compute(arrays, value.attrs))
            return Edge(value.dtype, value.shape, array=array, label=f"{value.scope}/{op.name}".strip("/"))
    if writer is None:
        draws = "site" in value.attrs
        reason = "draws random numbers" if draws else "calls Python" if op.python else "has no form in ONNX"
        raise UncoveredError(reason)
    return replace(made.cast(writer(made, *operands, **value.attrs), value.dtype), shape=value.shape)


def _leaf(value: Value) -> Edge:
    if value.op is VARIABLE:
        variable = value.attrs["variable"]
        return Edge(value.dtype, value.shape, array=variable.storage, label=variable.path)
    if value.op is CONSTANT:
        return Edge(value.dtype, value.shape, array=value.attrs["value"])
    return Edge(value.dtype, value.shape, "step")  # the training step, at which draws alone look
