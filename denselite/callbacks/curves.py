"""The logs of a training as curves: a panel for the loss and each metric, training and validation in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, isfinite
from typing import Any

__all__ = ["draw_curves", "panels_of"]

_TRAINING, _VALIDATION, _TEXT, _GRID = "#2b5c8a", "#d9730d", "#4a5560", "#e6e9ed"
_PANEL = (4.6, 3.1)  # inches
_ACROSS = 3  # panels side by side, at most
_DECADES = 100.0  # from the smallest to the largest value, from which on a scale is logarithmic

Curve = tuple[Sequence[float], Sequence[float]]  # epochs counted from 1, values


def panels_of(curves: Mapping[str, Curve]) -> dict[str, dict[str, Curve]]:
    """Return what goes into each panel: curves by name, the loss first, ``val_`` beside what it validates.

    Example:
        >>> list(panels_of({"mae": ([1], [2.0]), "loss": ([1], [2.0]), "val_loss": ([1], [3.0])}))
        ['loss', 'mae']
    """
    panels: dict[str, dict[str, Curve]] = {}
    for name in sorted(curves, key=lambda name: (not name.removeprefix("val_").endswith("loss"), name != "loss")):
        panels.setdefault(name.removeprefix("val_"), {})[name] = curves[name]
    return panels


def draw_curves(curves: Mapping[str, Curve], figure: Any) -> None:
    """Draw a panel for each quantity into a figure of matplotlib's.

    Args:
        curves: epochs and values by log name.
        figure: an empty figure; it is given the size that the panels need.
    """
    from matplotlib.ticker import MaxNLocator

    panels = panels_of(curves)
    columns = min(len(panels), _ACROSS if len(panels) != 4 else 2) or 1
    rows = ceil(len(panels) / columns) or 1
    figure.set_size_inches(_PANEL[0] * columns, _PANEL[1] * rows)
    figure.set_layout_engine("constrained", h_pad=0.1, w_pad=0.1)
    for place, (quantity, named) in enumerate(panels.items()):
        axes = figure.add_subplot(rows, columns, place + 1)
        for name, (epochs, values) in named.items():
            validates = name.startswith("val_")
            sparse = len(values) < 3 or epochs[-1] - epochs[0] >= len(values)  # an epoch between two values
            axes.plot(
                epochs, values, color=_VALIDATION if validates else _TRAINING, linewidth=1.8,
                label="validation" if validates else "training", marker="o" if sparse else None, markersize=4,
            )  # fmt: skip
        axes.set_title(quantity.replace("_", " "), loc="left", fontsize=11, color=_TEXT, fontweight="bold")
        axes.grid(color=_GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color("#b9c2cc")
        axes.margins(x=0.02)
        axes.tick_params(colors=_TEXT, labelsize=9, length=0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
        if _spans_decades([value for _, values in named.values() for value in values]):
            axes.set_yscale("log")
        if place >= len(panels) - columns:
            axes.set_xlabel("epoch", fontsize=9, color=_TEXT)
        if len(named) > 1 and place == 0:  # the others have the same colours
            axes.legend(frameon=False, fontsize=9, labelcolor=_TEXT)


def _spans_decades(values: Sequence[float]) -> bool:
    finite = [value for value in values if isfinite(value)]
    return bool(finite) and min(finite) > 0 and max(finite) > _DECADES * min(finite)
