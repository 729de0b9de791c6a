"""Bars: a panel a subject, a bar a peer, the shortest first."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.report import FLOOR, OURS, Series, by_subject, number

COLUMNS, WIDTH, BAR = 2, 6.0, 0.24  # panels side by side; inches
WIDE_RANGE = 20  # the longest by the shortest bar: above, the axis is logarithmic
COLOURS = {OURS: "#d1495b", FLOOR: "#8d99ae"}
OTHER = "#30638e"


def draw(series: list[Series], path: Path) -> None:
    """Write the chart, if matplotlib is there."""
    if find_spec("matplotlib") is None:
        print("no chart: it needs matplotlib", file=sys.stderr)
        return
    import matplotlib as mpl
    from matplotlib.figure import Figure

    groups = list(by_subject(series).values())
    rows = [groups[start : start + COLUMNS] for start in range(0, len(groups), COLUMNS)]
    heights = [max(len(group) for group in row) * BAR + 0.8 for row in rows]
    look: Any = {"font.size": 8, "svg.fonttype": "none", "svg.hashsalt": "denselite"}  # the same numbers: the same file
    with mpl.rc_context(look):
        figure = Figure((WIDTH * COLUMNS, sum(heights)), layout="constrained")
        axes = figure.subplots(len(rows), COLUMNS, height_ratios=heights, squeeze=False)
        for panel in axes.flat[len(groups) :]:
            panel.remove()
        for panel, group in zip(axes.flat, groups, strict=False):
            _panel(panel, sorted(group.values(), key=lambda entry: entry.median))
        figure.savefig(path, metadata={"Date": None})


def _panel(panel: object, entries: list[Series]) -> None:
    from matplotlib.axes import Axes

    assert isinstance(panel, Axes)
    medians = [entry.median for entry in entries]
    spread = [
        [entry.median - min(entry.values) for entry in entries],
        [max(entry.values) - entry.median for entry in entries],
    ]
    colours = [COLOURS[OURS] if e.peer.startswith(OURS) else COLOURS.get(e.peer, OTHER) for e in entries]
    subject = entries[0].subject
    bars = panel.barh([entry.peer for entry in entries], medians, color=colours, xerr=spread, ecolor="#222222")
    panel.bar_label(bars, [number(median) for median in medians], padding=4)
    panel.invert_yaxis()
    panel.margins(x=0.15)
    if max(medians) > WIDE_RANGE * min(medians):
        panel.set_xscale("log")
    title, _, net = subject.title.partition(": ")
    panel.set_title(f"{title}\n{net}" if net else title, loc="left")
    panel.set_xlabel(subject.unit)
    panel.spines[["top", "right"]].set_visible(False)
