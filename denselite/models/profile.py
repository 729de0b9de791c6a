"""``Profile``: where the time of a step goes, as numbers and as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["PRODUCTS", "Peak", "Profile", "Timed"]

PRODUCTS = ("matmul", "conv", "conv_back", "conv_kernel")  # the operations that BLAS computes

SIDES = ("forward", "backward")

_MOST = 12  # rows of a table; the others are summed up in one more
_WIDEST = 28  # characters of a column


@dataclass(frozen=True, slots=True)
class Timed:
    """An instruction, or the calls of one kind in an update, and how long it takes.

    Args:
        text: the expression, as in a listing.
        op: the operation; the NumPy function in an update.
        layer: the path of the layer, ``""`` outside any.
        phase: ``"batch"`` (getting it), ``"forward"``, ``"backward"``, ``"state"`` (metrics, moving averages),
            ``"update"`` or ``"Python"`` (between the calls).
        microseconds: on average over the faster half of the steps.
        calls: NumPy calls.
        flops: floating-point operations; 0 where nobody counts them.
    """

    text: str
    op: str
    layer: str
    phase: str
    microseconds: float
    calls: int = 0
    flops: int = 0

    @property
    def gflops(self) -> float:
        """Floating-point operations per second, in 10⁹."""
        return self.flops / (1e3 * self.microseconds) if self.microseconds else 0.0


@dataclass(frozen=True, slots=True)
class Peak:
    """How fast the machine multiplies large matrices, measured beside the steps.

    Args:
        gflops: floating-point operations per second, in 10⁹.
        dtype: that of the step's products.
        threads: ``"one BLAS thread"`` or ``"all BLAS threads"``, as in the step.
    """

    gflops: float
    dtype: str
    threads: str


@dataclass(frozen=True, repr=False)
class Profile:
    """Where the time of a step goes.

    Args:
        title: what was measured.
        parts: all that a step does, in order.
        call_cost: microseconds that any NumPy call takes before it computes.
        peak: how fast matrix products could be; None where the step has none.
    """

    title: str
    parts: Sequence[Timed]
    call_cost: float
    peak: Peak | None

    @property
    def microseconds(self) -> float:
        """What a step takes."""
        return _sum(self.parts)

    @property
    def phases(self) -> dict[str, float]:
        """Microseconds by phase."""
        return _sums((part.phase, part) for part in self.parts)

    @property
    def layers(self) -> dict[str, float]:
        """Microseconds by layer, forward and backward together."""
        return _sums((part.layer, part) for part in self.instructions)

    @property
    def instructions(self) -> list[Timed]:
        """What is computed forward and backward, in order."""
        return [part for part in self.parts if part.phase in SIDES]

    @property
    def products(self) -> list[Timed]:
        """The matrix products among the instructions."""
        return [part for part in self.instructions if part.op in PRODUCTS]

    @property
    def gflops(self) -> float:
        """Floating-point operations per second of all matrix products together, in 10⁹; 0 where there are none."""
        taken = _sum(self.products)
        return sum(part.flops for part in self.products) / (1e3 * taken) if taken else 0.0

    @property
    def fraction_of_peak(self) -> float | None:
        """That as a share of what the machine can do, 0 to 1; None where there are no products."""
        return None if self.peak is None else self.gflops / self.peak.gflops

    def __repr__(self) -> str:
        return f"<Profile: {self.title}, {self.microseconds:.1f} µs>"

    def __str__(self) -> str:
        tables = [line for table in self._tables() for line in ("", *_aligned(*table))]
        return "\n".join([self.title, *tables, "", *self._foot()])

    def _repr_html_(self) -> str:
        from html import escape

        from denselite.utils.tables import html_table

        tables = [html_table([*words, *numbers], rows, numbers) for words, numbers, rows in self._tables()]
        foot = "<br>".join(map(escape, self._foot()))
        return "\n".join([f"<b>{escape(self.title)}</b>", *tables, f"<small>{foot}</small>"])

    def _tables(self) -> Iterator[Table]:
        phases = [[phase, f"{time:.1f}", self._share(time)] for phase, time in self.phases.items()]
        yield ["phase"], ["µs", "share"], [*phases, ["a step", f"{self.microseconds:.1f}", ""]]
        sides = [side for side in SIDES if side in self.phases]
        layers = {layer: dict.fromkeys(sides, 0.0) for layer in self.layers}
        for part in self.instructions:
            layers[part.layer][part.phase] += part.microseconds
        by_layer = [([layer or "(outside layers)"], list(times.values())) for layer, times in layers.items()]
        yield ["layer"], [*sides, "share"], self._ranked(by_layer)
        products = self.products
        by_instruction = [
            (
                [part.text, part.layer, part.phase, f"{part.gflops:.1f}" if part in products else ""],
                [part.microseconds],
            )
            for part in self.parts
            if part.phase not in ("batch", "Python")
        ]
        yield ["instruction", "layer", "phase"], ["GFLOP/s", "µs", "share"], self._ranked(by_instruction)

    def _ranked(self, entries: list[tuple[list[str], list[float]]]) -> list[list[str]]:
        """Rows of words, times and share, those that take longest first; what is left is one row."""
        ranked = sorted(entries, key=lambda entry: -sum(entry[1]))
        shown, others = ranked[:_MOST], ranked[_MOST:]
        if others:
            blank = [""] * (len(others[0][0]) - 1)
            sums = [sum(column) for column in zip(*(times for _, times in others), strict=True)]
            shown.append(([f"({len(others)} more)", *blank], sums))
        return [[*words, *(f"{time:.1f}" for time in times), self._share(sum(times))] for words, times in shown]

    def _share(self, time: float) -> str:
        return f"{time / self.microseconds:.0%}" if self.microseconds else ""

    def _foot(self) -> Iterator[str]:
        calls = sum(part.calls for part in self.parts)
        cost = calls * self.call_cost
        yield f"{calls} NumPy calls of {self.call_cost:.2f} µs each before they compute: {self._share(cost)}"
        if self.peak is not None:
            time = _sum(self.products)
            yield f"matrix products: {time:.1f} µs, {self._share(time)}, {self.gflops:.1f} GFLOP/s"
            yield (
                f"  {self.fraction_of_peak:.0%} of the {self.peak.gflops:.1f} GFLOP/s of large ones here "
                f"({self.peak.dtype}, {self.peak.threads})"
            )


Table = tuple[list[str], list[str], list[list[str]]]  # names of columns of words and of numbers, and rows


def _sum(parts: Iterable[Timed]) -> float:
    return sum(part.microseconds for part in parts)


def _sums(parts: Iterable[tuple[str, Timed]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, part in parts:
        found[name] = found.get(name, 0.0) + part.microseconds
    return found


def _aligned(words: list[str], numbers: list[str], rows: list[list[str]]) -> Iterator[str]:
    """The lines of a table: words to the left, numbers to the right."""
    lines = [[_cut(cell) for cell in line] for line in ([*words, *numbers], *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = [
            cell.ljust(width) if k < len(words) else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _cut(cell: str) -> str:
    return cell if len(cell) <= _WIDEST else f"{cell[: _WIDEST - 1]}…"
