"""``plot_model``: the graph of a model as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from denselite.errors import ArgumentError, StateError, suggestion
from denselite.layers.input_layer import InputLayer
from denselite.layers.operation import class_of
from denselite.tensor.symbols import KerasTensor, symbols_of
from denselite.utils.graph_layout import Layout, lay_out
from denselite.utils.picture import Picture, Text, arrow, rectangle, text_width

__all__ = ["plot_model"]

_TITLE, _BODY = 10.5, 9.0  # sizes of letters, in points
_HEAD, _LINE, _PAD, _MARGIN = 21.0, 14.5, 9.0, 14.0
_INPUT, _WEIGHTS, _PLAIN = "#2f7d5b", "#2b5c8a", "#66707c"  # heads: where data comes in, what is trained, all else
_EDGE, _FRAME, _BORDER, _LABEL, _VALUE = "#7a8490", "#f4f6f9", "#b9c2cc", "#7a8490", "#1f2933"

Point = tuple[float, float]


def plot_model(
    model: Any,
    to_file: str | Path = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
) -> Picture:
    """Draw the layers of a model and how they are connected, a box for each call of a layer.

    Boxes of layers with weights are blue, of inputs green, of all others grey. SVG is drawn without other
    packages; PNG, PDF and whatever else matplotlib writes need it (extra ``examples``).

    Args:
        model: a built model.
        to_file: a path; its ending says what is written, PNG without one.
        show_shapes: show the shapes that go in and out.
        show_dtype: show the dtype of what goes out.
        show_layer_names: show the names of the layers.
        rankdir: ``"TB"``, ``"BT"``, ``"LR"`` or ``"RL"``: from top to bottom, from left to right, ...
        expand_nested: draw models inside in a frame, with their layers.
        dpi: dots an inch, for formats that have dots.
        show_layer_activations: show the activations of layers that have one.
        show_trainable: show whether layers are trained.

    Returns:
        The picture, which a notebook shows.

    Raises:
        StateError: the model is not built.
        ArgumentError: there is no such direction.
        MissingPackageError: the format needs matplotlib, which is not installed.

    Example:
        >>> import tempfile
        >>> from denselite import Input, Sequential, layers
        >>> model = Sequential([Input((4,)), layers.Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     picture = plot_model(model, f"{folder}/model.svg", show_shapes=True)
        >>> picture.svg()[:4]
        '<svg'
    """
    if rankdir not in ("TB", "BT", "LR", "RL"):
        raise ArgumentError(
            f"plot_model() expects rankdir 'TB', 'BT', 'LR' or 'RL', got {rankdir!r}."
            f"{suggestion(str(rankdir), ['TB', 'BT', 'LR', 'RL'])}"
        )
    if not model.built:
        raise StateError(
            f"plot_model(): {type(model).__name__} {model.name!r} is not built, so its graph is not known. "
            "Call build(), or call the model on data."
        )

    def facts(layer: Any, inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor]) -> list[tuple[str, str]]:
        """What the body of a box says, by label."""
        found = []
        if show_layer_activations and hasattr(layer, "activation"):
            found.append(("activation", getattr(layer.activation, "__name__", None) or str(layer.activation)))
        if show_shapes:
            found += [
                (label, ", ".join(str(symbol.shape) for symbol in symbols))
                for label, symbols in (("in", inputs), ("out", outputs))
                if symbols
            ]
        if show_dtype and outputs:
            found.append(("dtype", ", ".join(dict.fromkeys(symbol.dtype.name for symbol in outputs))))
        if show_trainable and getattr(layer, "weights", None):
            found.append(("trainable", "yes" if layer.trainable else "no"))
        return found

    drawn = _Drawing(facts, show_layer_names, expand_nested, rankdir)
    group = drawn.group(model)
    picture = Picture((group.size[0] + 2 * _MARGIN, group.size[1] + 2 * _MARGIN))
    drawn.paint(group, (_MARGIN, _MARGIN), picture)
    picture.save(to_file, dpi)
    return picture


@dataclass
class _Box:
    """A box: a head with a title, and facts below; or, with ``inside``, a frame with a title around a graph."""

    title: str
    color: str
    facts: list[tuple[str, str]]
    inside: _Group | None = None

    @property
    def size(self) -> tuple[float, float]:
        title = text_width(self.title, _TITLE, bold=True) + 2 * _PAD
        if self.inside is not None:
            width, height = self.inside.size
            return max(title, width + 2 * _MARGIN), height + _HEAD + 1.6 * _MARGIN
        body = max((self.indent + text_width(value, _BODY) + 2 * _PAD for _, value in self.facts), default=0.0)
        return max(title, body, 70.0), _HEAD + len(self.facts) * _LINE + (0.5 * _PAD if self.facts else 0.0)

    @property
    def indent(self) -> float:
        """Where values stand, behind the labels."""
        return max((text_width(label, _BODY) for label, _ in self.facts), default=0.0) + 5.0


@dataclass
class _Group:
    """The boxes of one model, placed."""

    boxes: list[_Box]
    places: list[Point]
    lines: list[list[Point]]
    size: tuple[float, float]


class _Drawing:
    def __init__(
        self, facts: Callable[..., list[tuple[str, str]]], names: bool, expand_nested: bool, rankdir: str
    ) -> None:
        self.facts, self.names, self.expand_nested, self.rankdir = facts, names, expand_nested, rankdir

    def group(self, model: Any) -> _Group:
        """Make the boxes of a model and place them."""
        boxes, edges = self._boxes(model)
        across = self.rankdir in ("LR", "RL")
        sizes = [box.size for box in boxes]
        layout = lay_out([size[::-1] for size in sizes] if across else sizes, edges)
        turned = _turned(layout, self.rankdir)
        return _Group(boxes, turned.centres, turned.lines, turned.size)

    def _boxes(self, model: Any) -> tuple[list[_Box], list[tuple[int, int]]]:
        if not hasattr(model, "_graph"):  # a call of its own: what it does inside is not known
            return [self._box(model, [], [], 0)], []
        boxes: list[_Box] = []
        edges: dict[tuple[int, int], None] = {}
        makers: dict[int, int] = {}
        calls: dict[int, int] = {}
        for symbol in model._graph.inputs:
            makers[id(symbol)] = len(boxes)
            boxes.append(self._box(symbol.history[0], [], [symbol], 0))
        for node in model._graph.nodes:
            read = symbols_of(node)
            edges |= {(makers[id(symbol)], len(boxes)): None for symbol in read}
            makers |= {id(symbol): len(boxes) for symbol in node.outputs}
            call = calls[id(node.operation)] = calls.get(id(node.operation), 0) + 1
            boxes.append(self._box(node.operation, read, node.outputs, call))
        return boxes, list(edges)

    def _box(self, layer: Any, inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor], call: int) -> _Box:
        title = f"{layer.name} ({class_of(layer)})" if self.names else class_of(layer)
        title += f", call {call}" if call > 1 else ""
        color = _INPUT if isinstance(layer, InputLayer) else _WEIGHTS if layer.weights else _PLAIN
        if self.expand_nested and hasattr(layer, "_graph"):
            return _Box(title, color, [], self.group(layer))
        return _Box(title, color, self.facts(layer, inputs, outputs))

    def paint(self, group: _Group, corner: Point, picture: Picture) -> None:
        """Draw placed boxes and the lines between them; ``corner`` is the upper left one."""
        left, top = corner
        for line in group.lines:
            moved = [(x + left, y + top) for x, y in line]
            picture.shapes += arrow(moved, _EDGE, across=self.rankdir in ("LR", "RL"))
        for box, (x, y) in zip(group.boxes, group.places, strict=True):
            width, height = box.size
            self._paint_box(box, x + left - width / 2, y + top - height / 2, picture)

    def _paint_box(self, box: _Box, left: float, top: float, picture: Picture) -> None:
        width, height = box.size
        middle = (left + width / 2, top + _HEAD / 2)
        if box.inside is not None:
            picture.shapes.append(rectangle(left, top, width, height, fill=_FRAME, stroke=_BORDER, dashed=True))
            picture.shapes.append(Text(*middle, box.title, _TITLE, box.color, bold=True, centred=True))
            inner = box.inside.size
            self.paint(box.inside, (left + (width - inner[0]) / 2, top + _HEAD + 0.6 * _MARGIN), picture)
            return
        picture.shapes.append(rectangle(left, top, width, height, fill="#ffffff", stroke=box.color))
        picture.shapes.append(rectangle(left, top, width, _HEAD, lower=not box.facts, fill=box.color, stroke=box.color))
        picture.shapes.append(Text(*middle, box.title, _TITLE, "#ffffff", bold=True, centred=True))
        for k, (label, value) in enumerate(box.facts):
            y = top + _HEAD + 0.25 * _PAD + (k + 0.5) * _LINE
            picture.shapes.append(Text(left + _PAD, y, label, _BODY, _LABEL))
            picture.shapes.append(Text(left + _PAD + box.indent, y, value, _BODY, _VALUE))


def _turned(layout: Layout, rankdir: str) -> Layout:
    """A layout from top to bottom, turned to another direction."""
    width, height = layout.size

    def turn(point: Point) -> Point:
        x, y = point
        y = height - y if rankdir in ("BT", "RL") else y
        return (y, x) if rankdir in ("LR", "RL") else (x, y)

    return Layout(
        [turn(point) for point in layout.centres],
        [[turn(point) for point in line] for line in layout.lines],
        (height, width) if rankdir in ("LR", "RL") else (width, height),
    )
