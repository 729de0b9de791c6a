"""``Picture``: outlines and text, drawn as SVG by ourselves or, as anything else, by matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from denselite.errors import MissingPackageError

__all__ = ["Outline", "Picture", "Text", "arrow", "figure", "rectangle", "text_width"]

Point = tuple[float, float]

_FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"
_NARROW, _WIDE = "iljtf.,:;'|!()[] ", "mwMW@%×"
_ROUND = 0.5523  # how far the handles of a quarter of a circle reach


@dataclass
class Outline:
    """A line or an area.

    Args:
        steps: each with a letter and its points, as in SVG: ``M`` (move to), ``L`` (line to), ``C`` (curve to, with two
            handles), ``Z`` (close).
        fill: colour of the area, None for none.
        stroke: colour of the line, None for none.
        dashed: whether the line is.
    """

    steps: list[tuple[str, list[Point]]]
    fill: str | None = None
    stroke: str | None = None
    dashed: bool = False


@dataclass
class Text:
    """A line of text, its middle at the height ``y``.

    Args:
        x: its left end, or its middle if ``centred``.
        y: its height.
        text: what it says.
        size: in points.
        color: its colour.
        bold: whether it is bold.
        centred: whether ``x`` is its middle.
    """

    x: float
    y: float
    text: str
    size: float
    color: str
    bold: bool = False
    centred: bool = False


@dataclass
class Picture:
    """Shapes from the back to the front; a notebook shows it.

    Args:
        size: width and height in points.
        shapes: what is drawn.
    """

    size: tuple[float, float]
    shapes: list[Outline | Text] = field(default_factory=list)

    def svg(self) -> str:
        """Return the picture as SVG."""
        import html

        width, height = self.size
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.1f}" height="{height:.1f}" font-family="{_FONT}">',
            '<rect width="100%" height="100%" fill="white"/>',
        ]
        for shape in self.shapes:
            if isinstance(shape, Text):
                weight = ' font-weight="bold"' if shape.bold else ""
                anchor = ' text-anchor="middle"' if shape.centred else ""
                parts.append(
                    f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" dy="0.35em" font-size="{shape.size}" '
                    f'fill="{shape.color}"{weight}{anchor}>{html.escape(shape.text)}</text>'
                )
            else:
                path = " ".join(step + " ".join(f"{x:.1f},{y:.1f}" for x, y in points) for step, points in shape.steps)
                dashes = ' stroke-dasharray="4 3"' if shape.dashed else ""
                parts.append(
                    f'<path d="{path}" fill="{shape.fill or "none"}" stroke="{shape.stroke or "none"}"{dashes}/>'
                )
        return "\n".join([*parts, "</svg>\n"])

    _repr_svg_ = svg

    def save(self, path: str | Path, dpi: float = 200) -> None:
        """Write a file; its ending says what it is, PNG without one.

        Raises:
            MissingPackageError: another format than SVG, and matplotlib is not installed.
        """
        if Path(path).suffix.lower() == ".svg":
            Path(path).write_text(self.svg(), "utf-8")
            return
        drawn = figure(
            (self.size[0] / 72, self.size[1] / 72), "Or draw an SVG, which needs nothing: to_file='model.svg'."
        )
        _draw(self, drawn)
        drawn.savefig(path if Path(path).suffix else f"{path}.png", dpi=dpi)


def figure(size: tuple[float, float], advice: str = "") -> Any:
    """Return an empty figure of matplotlib's, of which pyplot knows nothing.

    Args:
        size: width and height in inches.
        advice: what else to do, if matplotlib is not there.

    Raises:
        MissingPackageError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingPackageError(
            f"A picture needs matplotlib, which is not installed: pip install 'denselite[examples]'. {advice}".strip()
        ) from None
    return Figure(figsize=size)


def _draw(picture: Picture, drawn: Any) -> None:
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path as Curve

    codes = {"M": Curve.MOVETO, "L": Curve.LINETO, "C": Curve.CURVE4, "Z": Curve.CLOSEPOLY}
    axes = drawn.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, picture.size[0])
    axes.set_ylim(picture.size[1], 0)
    axes.axis("off")
    for order, shape in enumerate(picture.shapes):
        if isinstance(shape, Text):
            axes.text(
                shape.x, shape.y, shape.text, fontsize=shape.size, color=shape.color, zorder=order, parse_math=False,
                va="center_baseline", ha="center" if shape.centred else "left",
                fontweight="bold" if shape.bold else "normal",
            )  # fmt: skip
        else:
            steps = [(codes[step], point) for step, given in shape.steps for point in (given or [(0.0, 0.0)])]
            letters, points = zip(*steps, strict=True)
            axes.add_patch(
                PathPatch(
                    Curve(points, letters), facecolor=shape.fill or "none", edgecolor=shape.stroke or "none",
                    linestyle="--" if shape.dashed else "-", linewidth=1.0, zorder=order,
                )
            )  # fmt: skip


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return about how wide a text is in points, rather too much than too little."""
    widths = (0.36 if letter in _NARROW else 0.96 if letter in _WIDE else 0.63 for letter in text)
    return size * sum(widths) * (1.1 if bold else 1.0)


def rectangle(
    left: float, top: float, width: float, height: float, radius: float = 4.0, lower: bool = True, **colors: Any
) -> Outline:
    """Return a rectangle with round corners; without ``lower`` only the upper ones are.

    Args:
        left: where it begins.
        top: where it begins.
        width: how wide it is.
        height: how high it is.
        radius: of its corners.
        lower: whether the lower corners are round too.
        **colors: as in ``Outline``.
    """
    right, bottom, r, h = left + width, top + height, radius, radius * (1 - _ROUND)
    low = r if lower else 0.0
    g = low * (1 - _ROUND)
    steps: list[tuple[str, list[Point]]] = [
        ("M", [(left + r, top)]),
        ("L", [(right - r, top)]),
        ("C", [(right - h, top), (right, top + h), (right, top + r)]),
        ("L", [(right, bottom - low)]),
        ("C", [(right, bottom - g), (right - g, bottom), (right - low, bottom)]),
        ("L", [(left + low, bottom)]),
        ("C", [(left + g, bottom), (left, bottom - g), (left, bottom - low)]),
        ("L", [(left, top + r)]),
        ("C", [(left, top + h), (left + h, top), (left + r, top)]),
        ("Z", []),
    ]
    return Outline(steps, **colors)


def arrow(points: Sequence[Point], color: str, across: bool) -> list[Outline]:
    """Return a smooth line through points with a head at its end.

    Args:
        points: two or more.
        color: of the line and its head.
        across: whether it goes to the side rather than down.
    """
    (x, y), (x0, y0) = points[-1], points[-2]
    axis = 0 if across else 1
    sign = 1.0 if points[-1][axis] >= points[-2][axis] else -1.0
    length, half = 7.0 * sign, 3.2
    if across:
        head = [(x, y), (x - length, y - half), (x - length, y + half)]
        points = [*points[:-1], (x - length, y)]
    else:
        head = [(x, y), (x - half, y - length), (x + half, y - length)]
        points = [*points[:-1], (x, y - length)]
    steps: list[tuple[str, list[Point]]] = [("M", [points[0]])]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        handles = [(middle[0], y0), (middle[0], y1)] if across else [(x0, middle[1]), (x1, middle[1])]
        steps.append(("C", [*handles, (x1, y1)]))
    return [
        Outline(steps, stroke=color),
        Outline([("M", head[:1]), ("L", head[1:2]), ("L", head[2:]), ("Z", [])], color),
    ]
