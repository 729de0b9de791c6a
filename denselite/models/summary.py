"""A model as a table, like Keras': its layers with their output shapes and numbers of parameters."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from denselite.errors import ArgumentError
from denselite.layers.input_layer import InputLayer
from denselite.layers.operation import CLASSES, Operation
from denselite.models.layer_graph import symbols_of
from denselite.models.sequential import Sequential
from denselite.tensor.variable import Variable

__all__ = ["summarize"]

_LEAST_WIDTHS = {"Layer (type)": 31, "Output Shape": 22, "Param #": 13, "Connected to": 22, "Trainable": 9}
_RIGHT = "Param #"
_NARROWEST = 4  # characters of a column, below which nothing can be read


def summarize(
    model: Any, line_length: int | None = None, show_trainable: bool = False, expand_nested: bool = False
) -> str:
    """Return the table.

    Args:
        model: the model.
        line_length: width in characters; cells that are longer are broken. As wide as needed by default.
        show_trainable: add a column that says whether a layer is trained.
        expand_nested: show the layers of models inside, too.

    Raises:
        ArgumentError: ``line_length`` leaves no room for the columns.

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
    connected = not isinstance(model, Sequential) and hasattr(model, "_graph") and not _is_chain(model)
    header = ["Layer (type)", "Output Shape", "Param #"]
    header += ["Connected to"] * connected + ["Trainable"] * show_trainable
    rows = list(_rows(model, connected, show_trainable, expand_nested))
    return "\n".join([f'Model: "{model.name}"', *_table(header, rows, line_length), *_totals(model)])


def _is_chain(model: Any) -> bool:
    """Whether each layer is called once, on nothing but what the layer before returned."""
    nodes = model._graph.nodes
    single = all(len(symbols_of(node)) == 1 for node in nodes) and len(model.inputs) == 1
    return single and len({id(symbols_of(node)[0]) for node in nodes}) == len(
        {id(node.operation) for node in nodes}
    ) == len(nodes)


def _rows(model: Any, connected: bool, show_trainable: bool, expand_nested: bool) -> Iterator[list[str]]:
    """One row a layer, models inside unfolded where asked for, without recursion."""
    waiting = [(0, model, layer) for layer in reversed(model.layers)]
    while waiting:
        level, parent, layer = waiting.pop()
        prefix = f"{'   ' * level}└ " if level else ""
        row = [f"{prefix}{layer.name} ({_type_of(layer)})", _shape_of(layer), _count_of(layer)]
        if connected:
            row.append(_connections(layer, parent) if level == 0 else "-")
        if show_trainable:
            row.append(("Y" if layer.trainable else "N") if layer.weights else "-")
        yield row
        if expand_nested and hasattr(layer, "layers"):
            waiting += [(level + 1, layer, inner) for inner in reversed(layer.layers)]


def _type_of(layer: Any) -> str:
    return CLASSES[layer.function][1] if isinstance(layer, Operation) else type(layer).__name__


def _shape_of(layer: Any) -> str:
    if not layer._nodes and not hasattr(layer, "_graph"):
        return "?"
    shapes = [symbol.shape for symbol in (layer._nodes[-1].outputs if layer._nodes else layer.outputs)]
    texts = [f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})" for shape in shapes]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _count_of(layer: Any) -> str:
    return f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"


def _connections(layer: Any, model: Any) -> str:
    """Where a layer's inputs come from: ``name[call][output]``."""
    if isinstance(layer, InputLayer):
        return "-"
    inside = {id(node) for node in model._graph.nodes}
    read = [symbol.history for node in layer._nodes if id(node) in inside for symbol in symbols_of(node)]
    return ", ".join(f"{source[0].name}[{source[1]}][{source[2]}]" for source in read if source) or "-"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], line_length: int | None) -> Iterator[str]:
    widths = [max(_LEAST_WIDTHS[name], *(len(row[k]) for row in [header, *rows])) for k, name in enumerate(header)]
    if line_length is not None:
        widths = _fit_widths(widths, line_length)
    yield _rule("┏━┳┓", widths)
    yield from _lines(header, header, widths, "┃")
    yield _rule("┡━╇┩", widths)
    for number, row in enumerate(rows):
        if number:
            yield _rule("├─┼┤", widths)
        yield from _lines(row, header, widths, "│")
    yield _rule("└─┴┘", widths)


def _fit_widths(widths: list[int], line_length: int) -> list[int]:
    """Share out a line among columns, in proportion to what they would take."""
    room = line_length - 3 * len(widths) - 1
    fitted = [room * width // sum(widths) for width in widths]
    if min(fitted) < _NARROWEST:
        raise ArgumentError(f"summary(): line_length={line_length} leaves no room for {len(widths)} columns.")
    fitted[0] += room - sum(fitted)
    return fitted


def _rule(parts: str, widths: Iterable[int]) -> str:
    return parts[0] + parts[2].join(parts[1] * (width + 2) for width in widths) + parts[3]


def _lines(cells: Sequence[str], header: Sequence[str], widths: Sequence[int], bar: str) -> Iterator[str]:
    """A row, in as many lines as its longest cell needs."""
    broken = [_break(cell, width) for cell, width in zip(cells, widths, strict=True)]
    for k in range(max(map(len, broken))):
        parts = [lines[k] if k < len(lines) else "" for lines in broken]
        shown = [
            part.rjust(width) if name == _RIGHT else part.ljust(width)
            for part, name, width in zip(parts, header, widths, strict=True)
        ]
        yield f"{bar} {f' {bar} '.join(shown)} {bar}"


def _break(cell: str, width: int) -> list[str]:
    if len(cell) <= width:
        return [cell]
    return textwrap.wrap(
        cell, width, drop_whitespace=True, break_on_hyphens=False, initial_indent=cell[: len(cell) - len(cell.lstrip())]
    )


def _totals(model: Any) -> Iterator[str]:
    trainable, other = model.trainable_weights, model.non_trainable_weights
    optimizer = model.optimizer.variables if model.compiled and model.optimizer._built else []
    yield f" Total params: {_sum([*trainable, *other, *optimizer])}"
    yield f" Trainable params: {_sum(trainable)}"
    yield f" Non-trainable params: {_sum(other)}"
    if optimizer:
        yield f" Optimizer params: {_sum(optimizer)}"


def _sum(variables: Iterable[Variable]) -> str:
    variables = list(variables)
    return f"{sum(v.size for v in variables):,} ({_readable(sum(v.storage.nbytes for v in variables))})"


def _readable(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} TB"
