"""Targets are looked at once: what is out of range is named."""

from __future__ import annotations

import numpy as np
import pytest

from denselite.data.blocks import row_blocks
from denselite.data.labels import check_finite, check_labels
from denselite.errors import DataError


@pytest.mark.parametrize(
    "labels",
    [
        np.array([0, 1, 2]),
        np.array([[0], [2]], np.uint8),
        np.array([0.0, 2.0]),
        np.array([True, False]),
        np.zeros((2, 3, 1), int),
    ],
)
def test_labels_in_range_pass(labels):
    check_labels(labels, 3, "loss")


@pytest.mark.parametrize(
    ("labels", "value", "row"),
    [
        (np.array([0, 3, 9]), "3", 1),
        (np.array([0, 1, -1]), "-1", 2),
        (np.array([0.0, np.nan]), "nan", 1),
        (np.array([np.inf, 0.0]), "inf", 0),
        (np.array([0.0, 1.5]), "1.5", 1),
        (np.array([[0, 1], [2, 3]], np.uint8), "3", 1),
    ],
)
def test_label_out_of_range_is_named_with_row_value_and_range(labels, value, row):
    expected = (
        f"SparseCategoricalCrossentropy expects class labels from 0 to 2 in y['out'], got {value} in row {row}. "
        "Number the classes from 0, and give the last layer one unit a class."
    )
    with pytest.raises(DataError) as caught:
        check_labels(labels, 3, "SparseCategoricalCrossentropy", "y['out']")
    assert str(caught.value) == expected


def test_ignored_class_passes_and_other_values_do_not():
    check_labels(np.array([0, -1, 2]), 3, "loss", ignore_class=-1)
    with pytest.raises(DataError, match="from 0 to 2 or -1 in y, got -2 in row 1"):
        check_labels(np.array([-1, -2]), 3, "loss", ignore_class=-1)


def test_bad_label_far_into_a_long_array_is_named_by_its_own_row():
    labels = np.zeros(400_000, np.int64)
    labels[300_001] = 10
    with pytest.raises(DataError, match="got 10 in row 300001"):
        check_labels(labels, 10, "loss")


def test_finite_targets_pass():
    check_finite(np.ones((3, 2), np.float32), "loss")
    check_finite(np.array([1, 2]), "loss")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_target_that_is_not_finite_is_named_with_its_row(value):
    targets = np.ones((4, 2), np.float32)
    targets[2, 1] = value
    with pytest.raises(DataError, match=rf"MeanSquaredError expects finite numbers in y, got {value} in row 2\. Drop"):
        check_finite(targets, "MeanSquaredError")


def test_row_blocks_cover_every_row_once_in_pieces_of_about_a_mebibyte():
    array = np.arange(3 * 100_000).reshape(100_000, 3)
    blocks = list(row_blocks(array))
    assert [start for start, _ in blocks] == [0, 43690, 87380]
    np.testing.assert_array_equal(np.concatenate([block for _, block in blocks]), array)
    assert all(np.shares_memory(block, array) for _, block in blocks)


def test_row_blocks_of_rows_larger_than_a_block_come_one_at_a_time():
    assert [len(block) for _, block in row_blocks(np.zeros((2, 1 << 18)))] == [1, 1]


def test_row_blocks_of_rows_without_values_terminate():
    assert [len(block) for _, block in row_blocks(np.zeros((3, 0)))] == [3]
