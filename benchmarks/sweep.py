"""How the cost of a training step grows: ``python -m benchmarks.sweep [--rounds 5] [--out benchmark-results]``.

One of width, depth and batch size varies at a time, in nets of equally wide relu layers that Adam trains. In the last
sweep the layers are so small that arithmetic costs next to nothing: what a NumPy call costs anyway is left.
Each point says what a step takes, how much of it goes into matrix products, what each other NumPy call costs, and
how long the first step took beyond that: tracing and planning. Five rounds take about five minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import denselite
from benchmarks import machine
from benchmarks.report import number
from denselite.models.steps import Lease
from denselite.program.threads import blas_threads

CLASSES = 10
PRODUCTS = ("dot", "matmul")  # names of the calls
SECONDS, FEWEST, MOST = 0.3, 3, 200  # of a point's timed steps
ENOUGH = 0.2  # seconds that planning 64 layers may take
OURS, PART = "#d1495b", "#30638e"  # colours


@dataclass(frozen=True)
class Shape:
    """A net of ``depth`` dense layers, the last of which has ten units, and a batch for it."""

    width: int
    depth: int
    batch: int


SWEEPS = {  # what varies, and the nets
    "width": ("width", [Shape(2**k, 3, 128) for k in range(4, 13)]),
    "depth": ("depth", [Shape(128, 2**k, 32) for k in range(7)]),
    "batch size": ("batch", [Shape(512, 3, 4**k) for k in range(7)]),
    "depth of a tiny net": ("depth", [Shape(16, 2**k, 1) for k in range(7)]),
}


@dataclass(frozen=True)
class Cost:
    """What a step costs.

    Args:
        step: seconds of a step.
        products: the share of it that matrix products take.
        calls: NumPy calls of a step.
        other: seconds a call that is no matrix product takes on average.
        planning: seconds that the first step took beyond that.
    """

    step: float
    products: float
    calls: int
    other: float
    planning: float


def measure(shape: Shape) -> Cost:
    """Train a new net of that shape for some steps."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal((shape.batch, shape.width), dtype=np.float32)
    y = generator.integers(0, CLASSES, shape.batch)
    hidden = [denselite.layers.Dense(units=shape.width, activation="relu") for _ in range(shape.depth - 1)]
    model = denselite.Sequential([denselite.Input((shape.width,)), *hidden, denselite.layers.Dense(units=CLASSES)])
    model.compile("adam", denselite.losses.SparseCategoricalCrossentropy(from_logits=True))
    first = seconds_of(lambda: model.train_on_batch(x, y))

    step = next(step for key, step in model._t_steps.items() if key[0] == "train")
    lease = Lease(model, step)
    try:
        calls = lease.bind(shape.batch)[2]
        with blas_threads(step.heaviest(shape.batch)), np.errstate(all="ignore"):
            return cost_of(calls, first)
    finally:
        lease.close()


def cost_of(calls: Sequence[Callable[[], Any]], first: float) -> Cost:
    """Time the calls of a step, each for itself."""
    is_product = np.array([getattr(getattr(call, "func", None), "__name__", "") in PRODUCTS for call in calls])
    warm = sum(map(seconds_of, calls))
    repeats = int(np.clip(SECONDS / warm, FEWEST, MOST))
    times = np.median([[seconds_of(call) for call in calls] for _ in range(repeats)], axis=0)
    step, products = times.sum(), times[is_product].sum()
    other = (step - products) / (len(calls) - is_product.sum())
    return Cost(float(step), float(products / step), len(calls), float(other), first - float(step))


def seconds_of(call: Callable[[], Any]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def medians(rounds: list[Cost]) -> Cost:
    """Return the median of each number."""
    columns = zip(*(asdict(cost).values() for cost in rounds), strict=True)
    return Cost(*map(statistics.median, columns))


Costs = dict[str, dict[int, Cost]]


def markdown(costs: Costs, rounds: int) -> str:
    """Return a page with a table for each axis."""
    about = machine.describe()
    lines = [
        "# How the cost of a step grows",
        "",
        f"Written by `python -m benchmarks.sweep`: medians of {rounds} rounds, float32, relu, Adam.",
        "",
        f"- {about['processor']}, {about['cores']} cores; Python {about['python']}",
        f"- NumPy {about['numpy']} with {about['blas']}",
    ]
    for title, points in costs.items():
        axis, shapes = SWEEPS[title]
        fixed = ", ".join(f"{name} {size}" for name, size in asdict(shapes[0]).items() if name != axis)
        lines += [
            "",
            f"**{title}** ({fixed})",
            "",
            f"| {axis} | step ms | in matrix products | NumPy calls | µs per other call | planning ms |",
            "|--:|--:|--:|--:|--:|--:|",
        ]
        for size, cost in points.items():
            cells = [f"{size}", number(cost.step * 1e3), f"{cost.products:.0%}", f"{cost.calls:,.0f}"]
            cells += [number(cost.other * 1e6), number(cost.planning * 1e3)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def draw(costs: Costs, path: Path) -> None:
    """Write a panel for each sweep, then what a call costs in the tiny net, and what planning costs."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    *grown, tiny = costs
    with mpl.rc_context({"font.size": 8, "svg.hashsalt": "denselite"}):
        figure = Figure((15, 3), layout="constrained")
        panels = figure.subplots(1, len(grown) + 2)
        for panel, title in zip(panels, grown, strict=False):
            step = {size: cost.step * 1e3 for size, cost in costs[title].items()}
            products = {size: cost.step * cost.products * 1e3 for size, cost in costs[title].items()}
            _line(panel, f"ms a step by {title}", step, "o-", color=OURS, label="step")
            _line(panel, f"ms a step by {title}", products, "s--", color=PART, label="of it matrix products")
            panel.set(xscale="log", yscale="log")
            panel.legend(frameon=False)
        calls = {size: cost.other * 1e6 for size, cost in costs[tiny].items()}
        planning = {size: cost.planning * 1e3 for size, cost in costs["depth"].items()}
        _line(panels[-2], f"µs a call by {tiny}", calls, "o-", color=OURS)
        panels[-2].set(xscale="log", ylim=(0, None))
        _line(panels[-1], "ms to plan by depth", planning, "o-", color=OURS)
        panels[-1].axhline(ENOUGH * 1e3, color=PART, linestyle=":")
        figure.savefig(path, metadata={"Date": None})


def _line(panel: Any, title: str, points: dict[int, float], *style: Any, **more: Any) -> None:
    panel.plot(list(points), list(points.values()), *style, **more)
    panel.set_title(title, loc="left")


def main() -> None:
    """Measure all points in every round, then write table, numbers and chart."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweep", description="How the cost of a step grows.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"), help="folder for sweep.md, .json, .svg")
    options = parser.parse_args()

    measure(Shape(2, 1, 1))  # the first plan of a process imports what planning needs
    rounds = [
        {shape: measure(shape) for _, shapes in SWEEPS.values() for shape in shapes} for _ in range(options.rounds)
    ]
    costs = {
        title: {getattr(shape, axis): medians([costs[shape] for costs in rounds]) for shape in shapes}
        for title, (axis, shapes) in SWEEPS.items()
    }
    options.out.mkdir(parents=True, exist_ok=True)
    numbers = {axis: {size: asdict(cost) for size, cost in points.items()} for axis, points in costs.items()}
    (options.out / "sweep.json").write_text(json.dumps({**machine.describe(), **numbers}, indent=1) + "\n", "utf-8")
    page = markdown(costs, options.rounds)
    (options.out / "sweep.md").write_text(page, "utf-8")
    draw(costs, options.out / "sweep.svg")
    print(page)


if __name__ == "__main__":
    main()
