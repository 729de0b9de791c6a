from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.tensor.context import Trace
from tests.contracts.op_laws import gradient, planned


def test_negative_indices_count_from_the_end() -> None:
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert ops.take(x, np.array([-1, 0]), axis=1).tolist() == [[3.0, 1.0], [6.0, 4.0]]
    assert ops.take_along_axis(x, np.array([[-1], [0]]), axis=1).tolist() == [[3.0], [4.0]]


def test_labels_of_a_narrow_dtype_reach_many_classes() -> None:
    x = np.arange(600.0).reshape(2, 300)
    assert ops.take_along_axis(x, np.array([[100], [0]], "i1"), axis=1).tolist() == [[100.0], [300.0]]


def test_an_entry_taken_twice_gets_both_gradients() -> None:
    (found,) = gradient(lambda x: np.take(x, np.array([1, 1, 0]), axis=0), [np.zeros(3)], np.array([1.0, 10.0, 100.0]))
    assert found.tolist() == [100.0, 11.0, 0.0]
    (found,) = gradient(
        lambda x: np.take_along_axis(x, np.array([[1, 1]]), 1), [np.zeros((1, 3))], np.array([[1.0, 2.0]])
    )
    assert found.tolist() == [[0.0, 3.0, 0.0]]


def test_an_index_of_numpy_integers_is_plain() -> None:
    x = Trace().add_input("x", (4, 3), np.dtype("f4"))
    key = x[np.int64(1) : np.int64(3), np.int64(0)].attrs["key"]
    assert [type(part) for part in (key[0].start, key[0].stop, key[1])] == [int, int, int]


def test_a_single_entry_of_an_operand_follows_it() -> None:
    x = np.arange(6.0).reshape(2, 3)
    assert planned(lambda t: t[1, 2] * 1.0, x)[0] == 5.0
    assert planned(lambda t: (t * 2.0)[1, 2], x)[0] == 10.0
    (found,) = gradient(lambda t: t[1, 2], [x], np.array(7.0))
    assert found.tolist() == [[0.0, 0.0, 0.0], [0.0, 0.0, 7.0]]


@pytest.mark.parametrize(
    ("label", "row"), [(0, [1.0, 0.0, 0.0]), (2, [0.0, 0.0, 1.0]), (3, [0.0] * 3), (-1, [0.0] * 3)]
)
def test_a_label_out_of_range_is_a_row_of_zeros(label: Any, row: list[float]) -> None:
    assert ops.one_hot(np.array([label]), 3).tolist() == [row]
