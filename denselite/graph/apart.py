"""Whether a graph treats rows apart, so that any batches of the same rows give the same outputs."""

from __future__ import annotations

from denselite.graph.dims import Affine, is_static
from denselite.graph.graph import PROBES, Graph, Value
from denselite.ops.op import Op
from denselite.tensor.context import INPUT

__all__ = ["rows_apart"]

SIZES = {"key", "shape"}  # attributes that say how large a result is; others that follow the batch count its rows


def rows_apart(graph: Graph) -> bool:
    """Prove that row i of every output is computed from row i of the inputs, and from nothing else of the batch.

    A value has rows when its first axis is a multiple of the batch, in blocks of one row of the batch each; any other
    is the same for all batches, or nothing is proved. Each op has a rule that leads from its operands to its result.
    """
    if graph.batch is not None or graph.writes:
        return False
    rows: list[bool] = []
    for value in graph.values:
        known = _has_rows(graph, value, rows)
        if known is None:
            return False
        rows.append(known)
    return all(rows[i] and graph.values[i].shape[0] == Affine(1, 0) for i in graph.outputs)


def _has_rows(graph: Graph, value: Value, rows: list[bool]) -> bool | None:
    """Whether a value has rows, given which of those before it have; None where neither is proved."""
    present = [rows[i] for i in value.inputs]
    if not any(present) and is_static((value.shape, value.attrs)):
        return False
    head = value.shape[0] if value.shape else 0
    if not (isinstance(head, Affine) and head.offset == 0 and is_static(value.shape[1:])):
        return None
    if value.op is INPUT:
        return True
    counts = any(name not in SIZES and not is_static(attr) for name, attr in value.attrs.items())
    if counts or not isinstance(value.op, Op) or value.op.apart is None:
        return None
    probe = PROBES[0]
    operands = (graph.values[i].operand_at(probe) for i in value.inputs)
    return value.op.apart(present, value.operand_at(probe), *operands, **value.attrs_at(probe)) or None
