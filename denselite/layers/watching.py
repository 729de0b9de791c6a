"""Outputs of layers that somebody wants to look at while a model is traced."""

from __future__ import annotations

from typing import Any

from denselite import tree
from denselite.ops.identity import alias
from denselite.tensor.context import current_trace
from denselite.tensor.masks import keep_mask
from denselite.tensor.symbols import Tensor

__all__ = ["watched"]


def watched(layer: Any, outputs: Any) -> Any:
    """Return what a layer returned; of one that the trace watches as tensors of their own, which the trace keeps.

    A layer may hand on its input as it is (``Dropout`` outside training): what else reads that input
    is not behind the layer, so its output has to be a tensor of its own.
    """
    trace = current_trace()
    if trace is None or id(layer) not in trace.watched:
        return outputs
    leaves, structure = tree.flatten(outputs)
    own = [keep_mask(leaf, alias(leaf)) if isinstance(leaf, Tensor) else leaf for leaf in leaves]
    trace.watched[id(layer)].append(tree.unflatten(structure, own))
    return trace.watched[id(layer)][-1]
