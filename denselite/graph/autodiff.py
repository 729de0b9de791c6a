"""Reverse mode, graph to graph: the gradient of a tensor is more tensors.

Each op carries its vector-Jacobian product, written in ops. Walking the graph backwards and calling
them records the backward pass; nothing is computed here and no layer knows of it. A gradient that
nobody asks for is recorded at most and never planned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from denselite.errors import GradientError, suggestion
from denselite.ops.creation import ones_like
from denselite.ops.identity import cast
from denselite.ops.op import OPS, Op
from denselite.ops.reduction import sum as sum_over
from denselite.ops.shaping import broadcast_to, reshape
from denselite.tensor.context import current_trace, scope
from denselite.tensor.dtypes import is_float
from denselite.tensor.symbols import Tensor

__all__ = ["ancestors", "blocked_at", "gradients", "told_where"]


def ancestors(tensors: Iterable[Tensor]) -> list[Tensor]:
    """Return the tensors and all they are made from, inputs before outputs (iterative)."""
    found: dict[int, Tensor] = {}
    waiting = list(tensors)
    while waiting:
        tensor = waiting.pop()
        if tensor.index not in found:
            found[tensor.index] = tensor
            waiting.extend(tensor.inputs)
    return [found[index] for index in sorted(found)]


def blocked_at(target: Tensor, source: Tensor) -> Tensor | None:
    """Return the first result of an op without a gradient between ``source`` and ``target``; None if there is none.

    What ``stop_gradient`` returns is meant to have none.
    """
    reached = {source.index}
    for tensor in ancestors([target]):
        if any(i.index in reached for i in tensor.inputs) and tensor.op.name != "stop_gradient":
            if tensor.op.vjp is None:
                return tensor
            reached.add(tensor.index)
    return None


def told_where(tensor: Tensor) -> str:
    """Return how messages name what made a tensor: the op, its layer and the user's line."""
    where = f" in layer {tensor.scope!r}" if tensor.scope else ""
    return f"{tensor.op.name!r}{where}{f' ({tensor.line})' if tensor.line else ''}"


def gradients(target: Tensor, sources: Sequence[Tensor], cotangent: Tensor | None = None) -> list[Tensor | None]:
    """Return the gradient of ``target`` with respect to each source; None where it does not depend on it.

    Args:
        target: a float tensor, summed if it has axes.
        sources: tensors of the same trace.
        cotangent: what flows into ``target``; ones when None.

    Raises:
        GradientError: an op on the way has no gradient rule; it is named with its layer.
    """
    order = ancestors([target])
    trace = current_trace()
    assert trace is not None, "gradients are taken inside a trace"
    wanted = {source.index for source in sources}
    leads = wanted | trace.asked  # tensors that depend on a source
    for tensor in order:
        if any(i.index in leads for i in tensor.inputs) and is_float(tensor.dtype):
            leads.add(tensor.index)
    flowing: dict[int, Tensor] = {}
    if target.index in leads:
        flowing[target.index] = ones_like(target) if cotangent is None else cotangent
    phase, trace.phase = trace.phase, "backward"
    try:
        for tensor in reversed(order):
            g = flowing.get(tensor.index) if tensor.index in wanted else flowing.pop(tensor.index, None)
            if g is None or not tensor.inputs or not any(i.index in leads for i in tensor.inputs):
                continue
            with scope(tensor.scope, absolute=True):
                for source, part in zip(tensor.inputs, _vjp(tensor, g), strict=True):
                    if part is not None and source.index in leads:
                        part = _fit(part, source)
                        known = flowing.get(source.index)
                        flowing[source.index] = part if known is None else known + part
    finally:
        trace.phase = phase
    found = [flowing.get(source.index) for source in sources]
    return [g if g is None else cast(g, source.dtype) for g, source in zip(found, sources, strict=True)]


def _vjp(tensor: Tensor, g: Tensor) -> Sequence[Any]:
    op: Op = tensor.op
    if op.vjp is None:
        near = suggestion(op.name, [o.name for o in OPS.values() if o.vjp is not None])
        raise GradientError(f"{told_where(tensor)} has no gradient rule, and a weight lies behind it.{near}")
    try:
        return op.vjp(g, tensor, *tensor.inputs, **tensor.attrs)
    except Exception as error:
        error.add_note(f"This happened in the gradient of {told_where(tensor)}.")
        raise


def _fit(g: Tensor, source: Tensor) -> Tensor:
    """Sum a gradient over the axes that broadcasting repeated, and give it the source's dtype.

    Gradients of float16 values stay in float32 on their way: many are too small for float16.
    """
    if g.shape != source.shape:
        extra = g.ndim - source.ndim
        repeated = [extra + i for i, size in enumerate(source.shape) if size == 1 and g.shape[extra + i] != 1]
        g = sum_over(g, (*range(extra), *repeated)) if extra or repeated else g
        g = reshape(g, source.shape) if g.shape != source.shape else g
        g = broadcast_to(g, source.shape)
    return g if source.dtype == np.float16 else cast(g, source.dtype)
