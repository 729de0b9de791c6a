"""Rounds of measurements become medians, spreads and ratios, as a Markdown page and as JSON."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.tables import Subject

TOLERANCE = 1e-3  # relative; float32 sums in another order differ by 1e-4 after 50 steps
OURS = "denselite"
FLOOR = "numpy"


@dataclass
class Series:
    """All rounds of one peer on one subject."""

    subject: Subject
    peer: str
    rounds: list[dict[str, float]] = field(default_factory=list)

    @property
    def values(self) -> list[float]:
        """The number of every round."""
        return [measured["value"] for measured in self.rounds]

    @property
    def median(self) -> float:
        """Their median."""
        return statistics.median(self.values)


Group = dict[str, Series]


def ratio(above: Series, below: Series) -> float:
    """Return how many times the number of ``below`` the other's is: the median of the ratios within a round."""
    return statistics.median(a / b for a, b in zip(above.values, below.values, strict=True))


def by_subject(series: list[Series]) -> dict[str, Group]:
    """Return the series as ``{name of the subject: {peer: series}}``."""
    groups: dict[str, Group] = {}
    for entry in series:
        groups.setdefault(entry.subject.name, {})[entry.peer] = entry
    return groups


def others(group: Group) -> list[Series]:
    """Return those who are neither denselite nor the bare NumPy loop, the best first."""
    rest = [entry for peer, entry in group.items() if peer != FLOOR and not peer.startswith(OURS)]
    return sorted(rest, key=lambda entry: entry.median)


def number(value: float) -> str:
    """Write a number with three digits or more."""
    digits = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{digits}f}"


def markdown(series: list[Series], about: dict[str, Any]) -> str:
    """Return a page: what was measured on, a table of all subjects, then one a subject."""
    groups = by_subject(series)
    tables = [_table(group) for group in groups.values()]
    return "\n\n".join(["# Benchmark results", _head(about), _summary(groups), *tables]) + "\n"


def _head(about: dict[str, Any]) -> str:
    versions = {name: version for peer in about["versions"].values() for name, version in peer.items()}
    limits = [f"{name}={value}" for name, value in about["limits"].items()]
    parts = [
        f"{about['processor']}, {about['cores']} cores, {about['system']}; Python {about['python']}",
        f"NumPy {about['numpy']} with {', '.join([about['blas'], *limits])}",
        ", ".join(f"{name} {version}" for name, version in versions.items()),
    ]
    return (
        f"Written by `python -m benchmarks`: medians of {about['rounds']} interleaved rounds, float32, "
        f"each number from a process of its own.\n\n" + "\n".join(f"- {part}" for part in parts)
    )


def _summary(groups: dict[str, Group]) -> str:
    lines = [
        "| | denselite | best framework | denselite ÷ it | denselite ÷ bare NumPy |",
        "|---|--:|--:|--:|--:|",
    ]
    for group in groups.values():
        if OURS not in group:
            continue
        ours, best = group[OURS], next(iter(others(group)), None)
        cells = [ours.subject.title, _amount(ours)]
        cells += [f"{best.peer} {_amount(best)}", f"**{ratio(ours, best):.2f}**"] if best else ["–", "–"]
        cells.append(f"{ratio(ours, group[FLOOR]):.2f}" if FLOOR in group else "–")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _amount(entry: Series) -> str:
    return f"{number(entry.median)} {entry.subject.unit}"


def _table(group: Group) -> str:
    ours, subject = group.get(OURS), next(iter(group.values())).subject
    columns: list[tuple[str, Callable[[Series], str]]] = [
        (f"median {subject.unit}", lambda entry: number(entry.median)),
        ("min–max", lambda entry: f"{number(min(entry.values))}–{number(max(entry.values))}"),
        ("÷ denselite's", lambda entry: f"{ratio(entry, ours):.2f}" if ours else "–"),
    ]
    for title, key in (("checked", "checked"), ("last loss", "last_loss")):
        if any(key in entry.rounds[0] for entry in group.values()):
            columns.append((title, lambda entry, key=key: _result(entry, key)))  # type: ignore[misc]
    lines = [
        f"**{subject.title}**",
        "",
        f"| | {' | '.join(title for title, _ in columns)} |",
        f"|---{'|--:' * len(columns)}|",
        *(f"| {entry.peer} | {' | '.join(cell(entry) for _, cell in columns)} |" for entry in group.values()),
    ]
    return "\n".join(lines)


def _result(entry: Series, key: str) -> str:
    return f"{statistics.median(measured[key] for measured in entry.rounds):.4f}"


def disagreements(series: list[Series]) -> list[str]:
    """Return a line for each peer that computes something else: whose checked loss or output is not the median."""
    lines = []
    for name, group in by_subject(series).items():
        firsts = {peer: entry.rounds[0] for peer, entry in group.items() if entry.rounds}
        checked = {peer: first["checked"] for peer, first in firsts.items() if "checked" in first}
        expected = statistics.median(checked.values()) if checked else 0.0
        lines += [
            f"{name}: {peer} comes to {found:.5f}, the median of all is {expected:.5f}"
            for peer, found in checked.items()
            if not math.isclose(found, expected, rel_tol=TOLERANCE)
        ]
    return lines


def write_json(path: Path, series: list[Series], about: dict[str, Any]) -> None:
    """Write every measured number, with the machine they were measured on."""
    subjects = {
        name: {
            "title": next(iter(group.values())).subject.title,
            "unit": next(iter(group.values())).subject.unit,
            "peers": {peer: entry.rounds for peer, entry in group.items()},
        }
        for name, group in by_subject(series).items()
    }
    path.write_text(json.dumps({**about, "subjects": subjects}, indent=1, ensure_ascii=False) + "\n", "utf-8")
