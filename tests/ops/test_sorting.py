"""Order, the largest entries, and sums by place."""

from __future__ import annotations

import numpy as np
import pytest

from denselite import ops
from denselite.errors import ArgumentError


def test_equals_keep_their_order_whether_rising_or_falling() -> None:
    x = np.array([2.0, 1.0, 2.0, 1.0])
    assert ops.argsort(x).tolist() == [1, 3, 0, 2]
    assert ops.top_k(x, 4)[1].tolist() == [0, 2, 1, 3]


def test_sort_takes_any_axis() -> None:
    assert ops.sort(np.array([[3, 1], [2, 5]]), axis=0).tolist() == [[2, 1], [3, 5]]


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int32", "float32"])
def test_largest_entries_of_any_dtype(dtype: str) -> None:
    values, indices = ops.top_k(np.array([[0, 1, 1], [1, 0, 1]], dtype), 2)
    assert values.dtype == dtype
    assert indices.tolist() == [[1, 2], [0, 2]]


@pytest.mark.parametrize("k", [0, 4])
def test_more_entries_than_there_are_are_refused(k: int) -> None:
    with pytest.raises(ArgumentError, match=f"top_k expects k from 1 to the size of the last axis, 3, got k={k}"):
        ops.top_k(np.zeros((2, 3)), k)


def test_ties_are_among_the_largest_and_nan_is_not() -> None:
    scores = np.array([[0.5, 0.5, 0.5], [np.nan, 0.1, 0.2], [0.3, np.nan, 0.1]])
    assert ops.in_top_k(np.array([2, 0, 0]), scores, 1).tolist() == [True, False, True]
    assert ops.in_top_k(np.array([2, 1, 0]), scores, 9).tolist() == [True, True, True]


def test_place_among_equals_is_before_or_behind_them() -> None:
    edges = np.array([0.0, 1.0, 1.0, 2.0])
    assert ops.searchsorted(edges, np.array([1.0, -1.0])).tolist() == [1, 0]
    assert ops.searchsorted(edges, np.array([1.0, 3.0]), side="right").tolist() == [3, 4]
    with pytest.raises(ArgumentError, match="side 'left' or 'right', got 'both'"):
        ops.searchsorted(edges, edges, side="both")
