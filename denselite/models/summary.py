"""A model as a table, like Keras': its layers with their output shapes and numbers of parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from denselite import tree
from denselite.errors import ArgumentError, suggestion
from denselite.layers.input_layer import InputLayer
from denselite.layers.layer import is_shape
from denselite.layers.operation import class_of
from denselite.models.arguments_shown import arguments_shown, shown
from denselite.models.sequential import Sequential
from denselite.tensor.symbols import symbols_of
from denselite.tensor.variable import Variable
from denselite.utils.tables import html_table, text_table

__all__ = ["describe", "html_summary", "summarize"]


def summarize(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> str:
    """Return the table that ``summary`` prints.

    Args:
        model: the model.
        line_length: width in characters; cells that are longer are broken. As wide as needed by default.
        positions: where each column ends, as shares of the line; for the columns without "Trainable".
        expand_nested: show the layers of models inside, too.
        show_trainable: add a column that says whether a layer is trained.
        layer_range: names, or patterns of names, of the first and the last layer to show.

    Raises:
        ArgumentError: ``line_length`` leaves no room for the columns, ``positions`` are not one rising number
            a column, or ``layer_range`` is no pair or matches no layer.

    Example:
        >>> from denselite import Sequential, layers
        >>> print(summarize(Sequential([layers.Input((2,)), layers.Dense(3, name="d")], name="m")))
        Model: "m"
        ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━┓
        ┃ Layer (type)                    ┃ Output Shape           ┃       Param # ┃
        ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━┩
        │ d (Dense)                       │ (None, 3)              │             9 │
        └─────────────────────────────────┴────────────────────────┴───────────────┘
         Total params: 9 (36.00 B)
         Trainable params: 9 (36.00 B)
         Non-trainable params: 0 (0.00 B)
    """
    header, rows = _contents(model, expand_nested, show_trainable, layer_range)
    if positions is not None and show_trainable:
        positions = [*(0.9 * position for position in positions), 1.0]  # as in Keras
    return "\n".join([_title(model), *text_table(header, rows, line_length, positions), *_totals(model)])


def describe(model: Any) -> str:
    """Return what ``print(model)`` shows: the layers with the arguments they were given, and the compile arguments."""
    header, rows = _contents(model, arguments=True)
    return "\n".join([_title(model), *text_table(header, rows), *_totals(model), *_compiled(model)])


def html_summary(model: Any) -> str:
    """Return the same for a notebook."""
    header, rows = _contents(model, arguments=True)
    return html_table(header, rows, ["Param #"], _title(model), [*_totals(model), *_compiled(model)])


def _title(model: Any) -> str:
    return f'Model: "{model.name}"'


def _contents(
    model: Any,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
    arguments: bool = False,
) -> tuple[list[str], list[list[str]]]:
    connected = not isinstance(model, Sequential) and hasattr(model, "_graph") and not _is_chain(model)
    header = ["Layer (type)", *["Arguments"] * arguments, "Output Shape", "Param #"]
    header += ["Connected to"] * connected + ["Trainable"] * show_trainable
    rows = []
    for level, parent, layer in _layers(model, expand_nested, layer_range):
        row = [f"{'   ' * level + '└ ' if level else ''}{layer.name} ({class_of(layer)})"]
        row += [arguments_shown(layer)] * arguments
        row += [_shape_of(layer), _count_of(layer)]
        if connected:
            row.append(_connections(layer, parent) if level == 0 else "-")
        if show_trainable:
            row.append(("Y" if layer.trainable else "N") if layer.weights else "-")
        rows.append(row)
    return header, rows


def _is_chain(model: Any) -> bool:
    """Whether each layer is called once, on nothing but what the layer before returned."""
    nodes = model._graph.nodes
    single = all(len(symbols_of(node)) == 1 for node in nodes) and len(model.inputs) == 1
    return single and len({id(symbols_of(node)[0]) for node in nodes}) == len(
        {id(node.operation) for node in nodes}
    ) == len(nodes)


def _layers(model: Any, expand_nested: bool, layer_range: Sequence[str] | None) -> Iterator[tuple[int, Any, Any]]:
    """Each layer with its level and the model it is in, models inside unfolded where asked for."""
    waiting = [(0, model, layer) for layer in reversed(_in_range(model.layers, layer_range))]
    while waiting:
        level, parent, layer = waiting.pop()
        yield level, parent, layer
        if expand_nested and hasattr(layer, "layers"):
            waiting += [(level + 1, layer, inner) for inner in reversed(layer.layers)]


def _in_range(layers: Sequence[Any], layer_range: Sequence[str] | None) -> Sequence[Any]:
    if layer_range is None:
        return layers
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise ArgumentError(
            f"summary(): layer_range expects the names of the first and the last layer, got {layer_range!r}."
        )
    names = [layer.name for layer in layers]
    first, last = ([k for k, name in enumerate(names) if re.match(pattern, name)] for pattern in layer_range)
    for pattern, found in zip(layer_range, (first, last), strict=True):
        if not found:
            raise ArgumentError(f"summary(): layer_range {pattern!r} matches no layer.{suggestion(pattern, names)}")
    if first[0] > last[-1]:
        first, last = last, first
    return layers[first[0] : last[-1] + 1]


def _shape_of(layer: Any) -> str:
    shapes: list[Any] = []
    if layer._nodes or hasattr(layer, "_graph"):
        shapes = [symbol.shape for symbol in (layer._nodes[-1].outputs if layer._nodes else layer.outputs)]
    elif layer._build_shape is not None:  # called on arrays only, in the call of another layer
        with suppress(Exception):  # a call of one's own need not know what to do with another batch size
            shapes = tree.flatten(layer.compute_output_shape(layer._build_shape), is_leaf=is_shape)[0]
    if not shapes:
        return "?"
    texts = [f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})" for shape in shapes]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _count_of(layer: Any) -> str:
    if layer.built:
        return f"{layer.count_params():,}"
    return "0" if layer._built_at_init else "0 (unbuilt)"


def _connections(layer: Any, model: Any) -> str:
    """Where a layer's inputs come from: ``name[call][output]``."""
    if isinstance(layer, InputLayer):
        return "-"
    inside = {id(node) for node in model._graph.nodes}
    read = [symbol.history for node in layer._nodes if id(node) in inside for symbol in symbols_of(node)]
    return ", ".join(f"{source[0].name}[{source[1]}][{source[2]}]" for source in read if source) or "-"


def _totals(model: Any) -> Iterator[str]:
    trainable, other = model.trainable_weights, model.non_trainable_weights
    optimizer = model.optimizer.variables if model.compiled and model.optimizer._built else []
    yield f" Total params: {_sum([*trainable, *other, *optimizer])}"
    yield f" Trainable params: {_sum(trainable)}"
    yield f" Non-trainable params: {_sum(other)}"
    if optimizer:
        yield f" Optimizer params: {_sum(optimizer)}"


def _compiled(model: Any) -> Iterator[str]:
    if model.compiled:
        objective = model._objective
        parts = {name: getattr(objective, name) for name in ("loss", "loss_weights", "metrics", "weighted_metrics")}
        given = [f"{name}={shown(part)}" for name, part in parts.items() if part is not None]
        yield f" Compiled: {', '.join([f'optimizer={shown(model.optimizer)}', *given])}"


def _sum(variables: Iterable[Variable]) -> str:
    variables = list(variables)
    return f"{sum(v.size for v in variables):,} ({_readable(sum(v.storage.nbytes for v in variables))})"


def _readable(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} TB"
