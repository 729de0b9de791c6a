"""Layers as modules of torch, and the modules that a whole model is.

A layer's own activation is a module behind it (none where it is linear), as torch counts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, StateError
from denselite.exchange.torch.activations import ACTIVATIONS, activated
from denselite.exchange.torch.modules import Fixed, Module, Weight
from denselite.exchange.torch.rows import Rows, first_rows
from denselite.exchange.torch.windows import WINDOWS
from denselite.layers import (
    AlphaDropout,
    BatchNormalization,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Identity,
    LayerNormalization,
)
from denselite.saving.objects import MODELS
from denselite.tensor.symbols import symbols_of

__all__ = ["modules_of"]

Made = tuple[list[Module], Rows]


def _dense(layer: Any, rows: Rows, who: str) -> Made:
    rows = rows.settled()
    if rows.dim(rows.last) != len(rows.sizes):
        raise ArgumentError(
            f"{who} weighs the channels of an image, which are not last in torch as its Linear wants them. Put "
            "Flatten() before it, a global pooling, or Conv2D(units, 1) in its place"
        )
    inputs, units = layer.kernel.shape
    tensors: dict[str, Weight | Fixed] = {"weight": Weight(layer.kernel, (1, 0), rows.columns)}
    if layer.bias is not None:
        tensors["bias"] = Weight(layer.bias, (0,))
    made, rows = activated(layer.activation, Rows((*rows.sizes[:-1], units), rows.order), who)
    return [Module(f"Linear({inputs}, {units}{'' if layer.use_bias else ', bias=False'})", tensors), *made], rows


def _batch_normalization(layer: Any, rows: Rows, who: str) -> Made:
    rank = len(rows.sizes) + 1
    if not 2 <= rank <= 4 or not layer.axis % rank:
        raise ArgumentError(f"{who} has axis={layer.axis} of {rank} axes, torch's BatchNorm the channels of 2, 3 or 4")
    axis = layer.axis % rank - 1
    rows = rows.with_channels(axis, who)
    size = rows.sizes[axis]
    text = f"BatchNorm{max(1, rank - 2)}d({size}, eps={layer.epsilon}, momentum={1 - layer.momentum:.10g}"
    tensors: dict[str, Weight | Fixed] = {}
    if layer.scale or layer.center:  # torch has both or none
        tensors["weight"] = _weight_or(layer.gamma, 1, layer.moving_mean, rows)
        tensors["bias"] = _weight_or(layer.beta, 0, layer.moving_mean, rows)
    else:
        text += ", affine=False"
    tensors["running_mean"] = Weight(layer.moving_mean, (0,), rows.columns)
    tensors["running_var"] = Weight(layer.moving_variance, (0,), rows.columns)
    tensors["num_batches_tracked"] = Fixed(np.zeros((), np.int64), counts=False)
    return [Module(f"{text})", tensors)], rows


def _weight_or(variable: Any, value: int, like: Any, rows: Rows) -> Weight | Fixed:
    if variable is not None:
        return Weight(variable, (0,), rows.columns)
    return Fixed(np.full(like.shape, value, like.dtype))


def _layer_normalization(layer: Any, rows: Rows, who: str) -> Made:
    rows, rank = rows.settled(), len(rows.sizes) + 1
    axes = [axis % rank - 1 for axis in (layer.axis if isinstance(layer.axis, list) else [layer.axis])]
    assert rows.order is not None
    ours = rows.order[rows.last + 1 - len(axes) :]
    if layer.rms_scaling or set(ours) != set(axes):
        told = "rms_scaling=True" if layer.rms_scaling else f"axis={layer.axis}"
        raise ArgumentError(f"{who} has {told}, torch's LayerNorm normalizes along the last axes as they are there")
    places = [axes.index(axis) for axis in ours]
    tensors: dict[str, Weight | Fixed] = {}
    shape = tuple(rows.sizes[axis] for axis in ours)
    text = f"LayerNorm({shape}, eps={layer.epsilon}"
    if layer.scale:
        tensors["weight"] = Weight(layer.gamma, places, rows.columns)
    elif layer.center:
        tensors["weight"] = Fixed(np.ones(shape, layer.dtype))
    else:
        text += ", elementwise_affine=False"
    if layer.center:
        tensors["bias"] = Weight(layer.beta, places, rows.columns)
    elif layer.scale:
        text += ", bias=False"
    return [Module(f"{text})", tensors)], rows


def _embedding(layer: Any, rows: Rows, who: str) -> Made:
    if layer.mask_zero:
        raise ArgumentError(f"{who} has mask_zero=True, and torch has no masks")
    if rows.columns is not None:
        raise ArgumentError(f"{who} looks up what a Flatten() has put in another order than torch's")
    rows = rows.settled()
    assert rows.order is not None
    table = {"weight": Weight(layer.embeddings, (0, 1))}
    after = Rows((*rows.sizes, layer.output_dim), (*rows.order, len(rows.sizes)))
    return [Module(f"Embedding({layer.input_dim}, {layer.output_dim})", dict(table))], after


def _flatten(layer: Any, rows: Rows, who: str) -> Made:
    if not rows.sizes:
        raise ArgumentError(f"{who} makes rows of single numbers, which torch's Flatten does not")
    return [Module("Flatten()")], rows.flat(layer.data_format == "channels_first", who)


def _dropout(layer: Any, rows: Rows, who: str) -> Made:
    if layer.noise_shape is not None:
        raise ArgumentError(f"{who} has a noise_shape, which torch's Dropout has not")
    return [Module(f"{'Alpha' * isinstance(layer, AlphaDropout)}Dropout({layer.rate})")], rows


def _identity(layer: Any, rows: Rows, who: str) -> Made:
    return [Module("Identity()")], rows


def _model(layer: Any, rows: Rows, who: str) -> Made:
    inside, rows = _chained(layer, rows)
    return [Module("", inside=tuple(inside))], rows


_LAYERS: dict[type, Any] = {
    **ACTIVATIONS,
    **WINDOWS,
    AlphaDropout: _dropout,
    BatchNormalization: _batch_normalization,
    Dense: _dense,
    Dropout: _dropout,
    Embedding: _embedding,
    Flatten: _flatten,
    Identity: _identity,
    LayerNormalization: _layer_normalization,
}


def modules_of(model: Any) -> list[Module]:
    """Return the modules of the ``nn.Sequential`` that computes what a model does.

    Args:
        model: a built model of layers one after the other.

    Raises:
        StateError: the model is not built.
        ArgumentError: it has layers that torch has no module for (all are named), that are not one after the other, or
            that work along axes which are elsewhere in torch.
    """
    who = f"{type(model).__name__} {model.name!r}"
    if not model.built:
        raise StateError(f"{who} is not built, so it has no weights yet. Call it once, or build() it.")
    strange = [_told(layer) for layer in _layers(model) if type(layer) not in _LAYERS]
    if strange:
        raise ArgumentError(f"{who} cannot be an nn.Sequential: torch.nn has nothing that is {', '.join(strange)}.")
    try:
        modules, rows = _chained(model, first_rows(tuple(model.inputs[0].shape[1:])))
    except ArgumentError as error:
        raise ArgumentError(f"{who} cannot be an nn.Sequential: {str(error).rstrip('.')}.") from None
    if rows.columns is not None:
        raise ArgumentError(f"{who} ends with columns in another order than they would have in torch. Add a Dense.")
    return modules


def _told(layer: Any) -> str:
    return f"{type(layer).__name__} {layer.name!r}"


def _is_model(layer: Any) -> bool:
    return type(layer) in MODELS.members.values()


def _layers(model: Any) -> Iterator[Any]:
    """Yield the layers of a model and of those inside, in the order of their calls.

    Raises:
        ArgumentError: they are not one after the other.
    """
    if not _is_model(model):
        raise ArgumentError(f"{_told(model)} is of a class of its own; take a Sequential, or a Model of inputs.")
    for node in _line(model):
        yield from _layers(node.operation) if _is_model(node.operation) else [node.operation]


def _line(model: Any) -> Sequence[Any]:
    """Return the calls of a model.

    Raises:
        ArgumentError: one of them reads something else than what the one before returned.
    """
    nodes = model._graph.nodes
    made = [*model.inputs, *(output for node in nodes for output in node.outputs)]
    read = [*(symbol for node in nodes for symbol in symbols_of(node)), *model.outputs]
    if list(map(id, made)) != list(map(id, read)) or len({id(node.operation) for node in nodes}) < len(nodes):
        raise ArgumentError(f"{_told(model)} is not one layer after the other, as an nn.Sequential is.")
    return nodes  # type: ignore[no-any-return]


def _chained(model: Any, rows: Rows) -> Made:
    modules: list[Module] = []
    for node in _line(model):
        layer = node.operation
        made, rows = (_model if _is_model(layer) else _LAYERS[type(layer)])(layer, rows, _told(layer))
        modules += made
    return modules, rows
