"""Where the boxes of a directed acyclic graph stand: in rows, with few crossings and straight lines.

Sugiyama, Tagawa & Toda, 1981: a row by the longest way, a place in every row for a line that crosses it, an order by
the mean of the neighbours, and last the places nearest to the neighbours' that keep the order and the gaps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

__all__ = ["Layout", "lay_out"]

_GAP = 26.0  # between boxes of a row
_ROW_GAP = 34.0  # between rows
_PORT = 14.0  # between the ends of lines at one box, at most
_SWEEPS = 16

Size = tuple[float, float]
Point = tuple[float, float]


@dataclass
class Layout:
    """Where everything is, from (0, 0) rightwards and downwards.

    Args:
        centres: of each box.
        lines: for each edge the points it goes through, from the border of a box to that of the other.
        size: width and height of the whole.
    """

    centres: list[Point]
    lines: list[list[Point]]
    size: Size


def lay_out(sizes: Sequence[Size], edges: Sequence[tuple[int, int]]) -> Layout:
    """Place boxes from top to bottom.

    Args:
        sizes: width and height of each box, each box behind those it follows from.
        edges: pairs of boxes.
    """
    ranks = _ranks(len(sizes), edges)
    widths, heights = [width for width, _ in sizes], [height for _, height in sizes]
    chains = []  # of each edge: its boxes, and a place in each row between
    for a, b in edges:
        between = list(range(len(ranks), len(ranks) + ranks[b] - ranks[a] - 1))
        ranks += range(ranks[a] + 1, ranks[b])
        widths += [0.0] * len(between)
        heights += [0.0] * len(between)
        chains.append([a, *between, b])
    above: dict[int, list[int]] = {k: [] for k in range(len(ranks))}
    below: dict[int, list[int]] = {k: [] for k in range(len(ranks))}
    for chain in chains:
        for a, b in pairwise(chain):
            below[a].append(b)
            above[b].append(a)
    rows: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for k, rank in enumerate(ranks):
        rows[rank].append(k)
    rows = _ordered(rows, above, below)
    x = _columns(rows, widths, above, below)
    bands = _bands(rows, heights)
    centres = [(x[k], sum(bands[ranks[k]]) / 2) for k in range(len(sizes))]
    starts, ends = _ports(x, widths, below), _ports(x, widths, above)
    lines = []
    for chain in chains:
        first, last = chain[0], chain[-1]
        start, end = starts[first, chain[1]], ends[last, chain[-2]]
        line = [(start, centres[first][1] + heights[first] / 2), (start, bands[ranks[first]][1])]
        line += [(x[k], edge) for k in chain[1:-1] for edge in bands[ranks[k]]]
        line += [(end, bands[ranks[last]][0]), (end, centres[last][1] - heights[last] / 2)]
        lines.append(
            [next(same) for _, same in groupby(line, key=lambda point: (round(point[0], 3), round(point[1], 3)))]
        )
    width = max((x[k] + widths[k] / 2 for k in range(len(ranks))), default=0.0)
    return Layout(centres, lines, (width, bands[-1][1] if bands else 0.0))


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The row of each box: behind all it follows from; what follows from nothing stands near what follows from it."""
    ranks = [0] * count
    for a, b in sorted(edges, key=lambda edge: edge[1]):
        ranks[b] = max(ranks[b], ranks[a] + 1)
    behind: dict[int, list[int]] = {}
    for a, b in edges:
        behind.setdefault(a, []).append(ranks[b])
    heads = {b for _, b in edges}
    return [min(behind[k]) - 1 if k in behind and k not in heads else rank for k, rank in enumerate(ranks)]


def _ordered(
    rows: list[list[int]], above: Mapping[int, Sequence[int]], below: Mapping[int, Sequence[int]]
) -> list[list[int]]:
    """Order each row by the mean place of the neighbours, down and up; the order with fewest crossings is kept."""
    best, fewest = rows, _crossings(rows, below)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        near, order = (above, range(1, len(rows))) if sweep % 2 == 0 else (below, range(len(rows) - 2, -1, -1))
        rows = [list(row) for row in rows]
        for r in order:
            place = {k: i for row in rows for i, k in enumerate(row)}
            wanted = {k: _mean([place[n] for n in near[k]], place[k]) for k in rows[r]}
            rows[r].sort(key=wanted.__getitem__)
        found = _crossings(rows, below)
        if found < fewest:
            best, fewest = rows, found
    return best


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(rows: Sequence[Sequence[int]], below: Mapping[int, Sequence[int]]) -> int:
    count = 0
    for upper, lower in pairwise(rows):
        place = {k: i for i, k in enumerate(lower)}
        ends = [sorted(place[n] for n in below[k]) for k in upper]
        flat = [end for row in ends for end in row]
        count += sum(a > b for i, a in enumerate(flat) for b in flat[i + 1 :])
    return count


def _columns(
    rows: Sequence[Sequence[int]],
    widths: Sequence[float],
    above: Mapping[int, Sequence[int]],
    below: Mapping[int, Sequence[int]],
) -> list[float]:
    """The middle of each box, as near to its neighbours' as order and gaps allow."""
    x = [0.0] * len(widths)
    for row in rows:
        _place(row, [0.0] * len(row), widths, x)
    for sweep in range(_SWEEPS):
        near, order = (above, rows) if sweep % 2 == 0 else (below, rows[::-1])
        for row in order:
            _place(row, [_mean([x[n] for n in near[k]], x[k]) for k in row], widths, x)
    left = min((x[k] - width / 2 for k, width in enumerate(widths)), default=0.0)
    return [value - left for value in x]


def _place(row: Sequence[int], wanted: Sequence[float], widths: Sequence[float], x: list[float]) -> None:
    """Least squares with gaps: places that would overlap are pooled, and share their mean."""
    offsets = [0.0]
    for a, b in pairwise(row):
        offsets.append(offsets[-1] + (widths[a] + widths[b]) / 2 + _GAP)
    pools: list[tuple[float, int]] = []
    for value, offset in zip(wanted, offsets, strict=True):
        mean, count = value - offset, 1
        while pools and pools[-1][0] > mean:
            before, size = pools.pop()
            mean, count = (mean * count + before * size) / (count + size), count + size
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    for k, mean, offset in zip(row, means, offsets, strict=True):
        x[k] = mean + offset


def _bands(rows: Sequence[Sequence[int]], heights: Sequence[float]) -> list[tuple[float, float]]:
    """Where each row begins and ends."""
    bands: list[tuple[float, float]] = []
    for row in rows:
        top = bands[-1][1] + _ROW_GAP if bands else 0.0
        bands.append((top, top + max(heights[k] for k in row)))
    return bands


def _ports(
    x: Sequence[float], widths: Sequence[float], near: Mapping[int, Sequence[int]]
) -> dict[tuple[int, int], float]:
    """Where on the border of a box the line to each of its neighbours ends."""
    found = {}
    for k, others in near.items():
        step = min(_PORT, 0.6 * widths[k] / len(others)) if others else 0.0
        for i, other in enumerate(sorted(others, key=lambda n: x[n])):
            found[k, other] = x[k] + (i - (len(others) - 1) / 2) * step
    return found
