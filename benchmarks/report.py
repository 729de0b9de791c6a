"""Rounds of measurements become medians, spreads and ratios, as a Markdown table and as JSON."""

from __future__ import annotations

import json
import math
import platform
import statistics
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

LOSS_TOLERANCE = 1e-3  # relative; float32 sums in another order differ by 1e-4 after 50 steps


@dataclass
class Series:
    """All rounds of one peer on one subject."""

    subject: str
    peer: str
    rounds: list[dict[str, float]] = field(default_factory=list)

    def values(self, key: str = "microseconds") -> list[float]:
        """Return one number of every round."""
        return [measured[key] for measured in self.rounds]

    @property
    def median(self) -> float:
        """Median time in microseconds."""
        return statistics.median(self.values())


def ratio(peer: Series, ours: Series) -> float:
    """Return how many times the time of ``ours`` the peer took: the median of the ratios within a round."""
    return statistics.median(a / b for a, b in zip(peer.values(), ours.values(), strict=True))


def markdown(series: list[Series]) -> str:
    """Return one table a subject."""
    return "\n\n".join(_table(subject, group) for subject, group in by_subject(series).items())


def by_subject(series: list[Series]) -> dict[str, dict[str, Series]]:
    """Return the series as ``{subject: {peer: series}}``."""
    groups: dict[str, dict[str, Series]] = {}
    for entry in series:
        groups.setdefault(entry.subject, {})[entry.peer] = entry
    return groups


def _table(subject: str, group: dict[str, Series]) -> str:
    ours = group.get("denselite")
    lines = [
        f"**{subject}**",
        "",
        "| | median µs | min–max | ÷ denselite's | last loss |",
        "|---|--:|--:|--:|--:|",
    ]
    for peer, entry in group.items():
        times = entry.values()
        relative = f"{ratio(entry, ours):.2f}" if ours else "–"
        loss = f"{statistics.median(entry.values('last_loss')):.3f}" if "last_loss" in entry.rounds[0] else "–"
        lines.append(f"| {peer} | {entry.median:,.0f} | {min(times):,.0f}–{max(times):,.0f} | {relative} | {loss} |")
    return "\n".join(lines)


def disagreements(series: list[Series]) -> list[str]:
    """Return a line for each peer whose first unshuffled steps end at another loss than the bare NumPy loop's."""
    lines = []
    for subject, group in by_subject(series).items():
        if "numpy" not in group or "checked_loss" not in group["numpy"].rounds[0]:
            continue
        expected = group["numpy"].rounds[0]["checked_loss"]
        for peer, entry in group.items():
            got = entry.rounds[0]["checked_loss"]
            if not math.isclose(got, expected, rel_tol=LOSS_TOLERANCE):
                lines.append(f"{subject}: {peer} reaches loss {got:.5f} where bare NumPy reaches {expected:.5f}")
    return lines


def write_json(path: Path, series: list[Series]) -> None:
    """Write every measured number, with the machine they were measured on."""
    machine = {"machine": platform.machine(), "python": platform.python_version(), "numpy": np.__version__}
    path.write_text(json.dumps({**machine, "series": [asdict(entry) for entry in series]}, indent=1) + "\n")
