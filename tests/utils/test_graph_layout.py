from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from denselite.utils.graph_layout import lay_out

BOX = (60.0, 20.0)


def overlapping(centres: Any, sizes: Any) -> list[tuple[int, int]]:
    return [
        (a, b)
        for a, b in itertools.combinations(range(len(sizes)), 2)
        if abs(centres[a][0] - centres[b][0]) < (sizes[a][0] + sizes[b][0]) / 2
        and abs(centres[a][1] - centres[b][1]) < (sizes[a][1] + sizes[b][1]) / 2
    ]


def test_chain_is_a_straight_column() -> None:
    found = lay_out([BOX, (100.0, 40.0), BOX], [(0, 1), (1, 2)])
    # Rows of 20, 40 and 20 with gaps of 34; the widest box is 100.
    assert found.centres == [(50.0, 10.0), (50.0, 74.0), (50.0, 138.0)]
    assert found.lines == [[(50.0, 20.0), (50.0, 54.0)], [(50.0, 94.0), (50.0, 128.0)]]
    assert found.size == (100.0, 148.0)


def test_branches_stand_beside_each_other_and_meet_in_the_middle() -> None:
    found = lay_out([BOX] * 4, [(0, 1), (0, 2), (1, 3), (2, 3)])
    (top, _), (left, y), (right, same), (bottom, _) = found.centres
    assert (top, bottom, y) == (pytest.approx((left + right) / 2), pytest.approx(top), same)
    assert right - left == pytest.approx(60 + 26)
    assert found.lines[0][0][0] < top < found.lines[1][0][0]  # lines leave a box side by side


def test_line_past_a_row_goes_round_its_boxes() -> None:
    found = lay_out([BOX] * 3, [(0, 1), (1, 2), (0, 2)])
    x, y = found.centres[1]
    past = [point for point in found.lines[2] if abs(point[1] - y) <= 10]
    assert len(past) == 2
    assert all(abs(point[0] - x) >= 30 + 26 - 1e-9 for point in past)


def test_line_from_a_short_box_beside_a_tall_one_leaves_the_row_first() -> None:
    found = lay_out([BOX, (60.0, 200.0), BOX], [(0, 2), (1, 2)])
    assert found.lines[0][:2] == [(found.centres[0][0], 110.0), (found.centres[0][0], 200.0)]


def test_order_avoids_crossings() -> None:
    found = lay_out([BOX] * 4, [(0, 3), (1, 2)])
    assert (found.centres[0][0] < found.centres[1][0]) == (found.centres[3][0] < found.centres[2][0])


def test_inputs_stand_near_what_reads_them() -> None:
    found = lay_out([BOX] * 4, [(0, 1), (1, 3), (2, 3)])
    assert found.centres[2][1] == found.centres[1][1]


def test_nothing_takes_no_room_and_one_box_its_own() -> None:
    assert lay_out([], []).size == (0.0, 0.0)
    assert (lay_out([BOX], []).centres, lay_out([BOX], []).size) == ([(30.0, 10.0)], BOX)


@pytest.mark.parametrize("seed", range(8))
def test_boxes_of_random_graphs_do_not_overlap(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = [(float(w), float(h)) for w, h in zip(rng.uniform(20, 200, 25), rng.uniform(10, 80, 25), strict=True)]
    edges = sorted({(int(rng.integers(b)), b) for b in rng.integers(1, 25, 40).tolist()})
    found = lay_out(sizes, edges)
    assert overlapping(found.centres, sizes) == []
    for (a, b), line in zip(edges, found.lines, strict=True):
        heights = [y for _, y in line]
        assert heights == sorted(heights)
        assert heights[0] == pytest.approx(found.centres[a][1] + sizes[a][1] / 2)
        assert heights[-1] == pytest.approx(found.centres[b][1] - sizes[b][1] / 2)
    corners = [
        (x + s * w / 2, y + s * h / 2) for (x, y), (w, h) in zip(found.centres, sizes, strict=True) for s in (-1, 1)
    ]
    assert np.min(corners) >= -1e-9
    assert np.all(np.max(corners, axis=0) <= np.add(found.size, 1e-9))
