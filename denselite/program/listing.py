"""``Listing``: what a program does, to read: forward beside the backward that it causes, layer by layer.

    program = Program(graph)
    print(program.listing(batch=32))

A row is one value. Its buffer has a letter: a value with ``↺`` is written over an operand that
nobody needs any more. A ``view`` shows memory of another value and costs nothing. ``→`` marks a
result that goes straight to its place outside (a gradient in its arena).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from denselite.program.plan import Plan
from denselite.program.rows import Row, Totals, rows_of, totals_of
from denselite.tensor.context import INPUT, VARIABLE

__all__ = ["Listing", "called"]

_SIDE = 52  # characters of one column; two of them and the rule between make 107
_EXPRESSION = 28
_GAP = " │ "

Section = tuple[str, Sequence[Callable[[], Any]]]


class Listing:
    """The instructions of a plan at one batch size, as rows and as a table.

    Args:
        plan: the plan of a program.
        batch: the batch size to show sizes for.
        landings: names of the places where results land, by the position they go by.
        extra: what runs after the program, by title: the calls of an optimizer's update.

    Attributes:
        instructions: the rows, in the order they are computed.
        totals: their sums.
    """

    def __init__(
        self, plan: Plan, batch: int, landings: Mapping[Any, str] | None = None, extra: Sequence[Section] = ()
    ) -> None:
        self.plan, self.batch, self.extra = plan, batch, list(extra)
        self.instructions: list[Row] = rows_of(plan, batch, landings or {})
        self.totals: Totals = totals_of(plan, batch, self.instructions)

    def __str__(self) -> str:
        return "\n".join([*self._head(), *self._layers(), *self._state(), *self._sections(), *self._foot()])

    def _head(self) -> list[str]:
        inputs = [
            f"{v.attrs['name']} {_shape(v.shape_at(self.batch))} {v.dtype.name}"
            for v in self.plan.graph.values
            if v.op is INPUT
        ]
        lines = [f"A program at batch {self.batch}" + (f", from {', '.join(inputs)}" if inputs else "")]
        if self.totals.instructions[1]:
            lines += ["", f"{'FORWARD, from the top down':<{_SIDE}}{_GAP}BACKWARD, from the bottom up"]
        return lines

    def _layers(self) -> list[str]:
        lines = []
        for layer in dict.fromkeys(
            row.layer for row in sorted(self.instructions, key=lambda row: row.phase != "forward")
        ):
            mine = [row for row in self.instructions if row.layer == layer]
            left = [row for row in mine if row.phase == "forward"]
            right = [row for row in mine if row.phase != "forward"]
            lines += ["", _pair(self._title(layer, left), f"{_flops(right)}" if right else "")]
            for k in range(max(len(left), len(right))):
                lines.append(_pair(*(_cell(side[k]) if k < len(side) else "" for side in (left, right))))
        return lines

    def _title(self, layer: str, forward: list[Row]) -> str:
        weights = [
            f"{v.attrs['variable'].name} {_shape(v.shape)}"
            for v in self.plan.graph.values
            if v.op is VARIABLE and v.scope == layer
        ]
        title = f"{layer or '(outside layers)'}  {', '.join(weights)}".rstrip()
        work = _flops(forward) if forward else ""
        room = _SIDE - len(work) - 2
        return f"{_cut(title, room):<{room}}  {work}"

    def _state(self) -> list[str]:
        writes = self.plan.graph.writes
        if not writes:
            return []
        sizes = Counter((v.path, _shape(v.shape)) for v, _ in writes)
        return ["", "then it writes", *(f"  {path} {shape}" for path, shape in sizes)]

    def _sections(self) -> list[str]:
        lines = []
        for title, calls in self.extra:
            kinds = Counter(called(call) for call in calls)
            told = ", ".join(f"{times} {name}" for name, times in kinds.most_common())
            lines += ["", f"then {title}: {len(calls)} calls", *_wrapped(told)]
        return lines

    def _foot(self) -> list[str]:
        t = self.totals
        table = [("", "forward", "backward"), *(
            (name, f"{pair[0]:,}", f"{pair[1]:,}")
            for name, pair in (("instructions", t.instructions), ("NumPy calls", t.calls), ("FLOPs", t.flops))
        )]  # fmt: skip
        if not t.instructions[1]:
            table = [(name, first, "") for name, first, _ in table]
        lines = ["", *(f"{name:<14}{first:>16}{second:>16}".rstrip() for name, first, second in table), ""]
        saved = f", {_bytes(t.unshared_bytes)} if none were shared" if t.unshared_bytes else ""
        lines.append(f"{'memory':<14}{t.buffers} buffers, {_bytes(t.buffer_bytes)}{saved}")
        lines.append(f"{'':<14}inputs {_bytes(t.input_bytes)}, weights {_bytes(t.weight_bytes)}")
        python = [row.name for row in self.instructions if row.python]
        if python:
            lines.append(f"{'Python code':<14}runs in {', '.join(python)}")
        return lines + self._wide()

    def _wide(self) -> list[str]:
        """Doubles among singles take twice the time and memory: say where they are."""
        leaves = {v.dtype.name for v in self.plan.graph.values if v.op in (INPUT, VARIABLE) and v.dtype.kind == "f"}
        wide = [row.name for row in self.instructions if row.dtype == "float64" and row.home != "view"]
        if not wide or "float64" in leaves or not leaves:
            return []
        return [f"{'float64':<14}{len(wide)} values in a program of {', '.join(sorted(leaves))}: {', '.join(wide[:8])}"]


def _pair(left: str, right: str) -> str:
    return f"{_cut(left, _SIDE):<{_SIDE}}{_GAP}{right}".rstrip() if right else left.rstrip()


def _cell(row: Row) -> str:
    text = f"{row.name} = {row.text}"
    letter = _letter(row.buffer)
    where = {"view": "", "target": "→", "over": f"{letter} ↺", "slot": letter}[row.home]
    size = "view" if row.home == "view" else _bytes(row.nbytes)
    return f"  {_cut(text, _EXPRESSION):<{_EXPRESSION}} {_cut(_shape(row.shape), 10):<10} {size:>6} {where}".rstrip()


def _letter(buffer: int | None) -> str:
    """A, B, ... Z, AA, AB, ...: buffers by letters, since numbers name values."""
    if buffer is None:
        return ""
    head, tail = divmod(buffer, 26)
    return (_letter(head - 1) if head else "") + chr(ord("A") + tail)


def _shape(shape: Sequence[Any]) -> str:
    return "×".join(map(str, shape)) or "()"


def _flops(rows: list[Row]) -> str:
    return f"{_short(sum(row.flops for row in rows), 1000, ('', 'k', 'M', 'G', 'T'))}FLOP"


def _bytes(count: int) -> str:
    return _short(count, 1024, ("B", "K", "M", "G", "T")).replace(" ", "")


def _short(count: float, step: int, units: Sequence[str]) -> str:
    """A number in three digits: 950, 1.23 k, 45.6 M."""
    for unit in units[:-1]:
        if count < 999.5:
            digits = 0 if unit == units[0] else max(0, 2 - len(str(int(count))) + 1)
            return f"{count:.{digits}f} {unit}"
        count /= step
    return f"{count:.0f} {units[-1]}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def called(call: Any) -> str:
    """Return the name of the function that a bound call calls."""
    function = getattr(call, "func", call)
    return str(getattr(function, "__name__", type(function).__name__))


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 2 * _SIDE, initial_indent="  ", subsequent_indent="  ")
