"""Which rows train, which validate, and in which order."""

from __future__ import annotations

import numpy as np
import pytest

from denselite.data import shuffled, split_validation
from denselite.errors import ArgumentError, DataError


def test_last_part_validates_and_both_parts_are_views():
    x, y, weights = np.arange(10).reshape(10, 1), np.arange(10) * 2, np.arange(10) * 3.0
    train, validate = split_validation({"a": x}, [y], weights, 0.25)
    assert train[0]["a"][:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert train[1][0].tolist() == [0, 2, 4, 6, 8, 10, 12]
    assert train[2].tolist() == [0, 3, 6, 9, 12, 15, 18]
    assert validate[0]["a"][:, 0].tolist() == [7, 8, 9]
    assert validate[1][0].tolist() == [14, 16, 18]
    assert validate[2].tolist() == [21, 24, 27]
    for part in (train, validate):
        assert np.shares_memory(part[0]["a"], x)
        assert np.shares_memory(part[1][0], y)
        assert np.shares_memory(part[2], weights)


@pytest.mark.parametrize(
    ("count", "share", "train"), [(10, 0.2, 8), (10, 0.1, 9), (7, 0.5, 3), (100, 0.33, 67), (1437, 0.15, 1221)]
)
def test_number_of_training_rows_is_the_floor(count, share, train):
    assert len(split_validation(np.zeros(count), None, None, share)[0][0]) == train


def test_lists_of_numbers_are_split_and_absent_parts_stay_absent():
    train, validate = split_validation([[1], [2], [3], [4]], None, None, 0.5)
    assert (train[0].tolist(), train[1:]) == ([[1], [2]], (None, None))
    assert (validate[0].tolist(), validate[1:]) == ([[3], [4]], (None, None))


@pytest.mark.parametrize("share", [0, 0.0, 1, 1.0, -0.1, 1.5, float("nan"), "0.2", True, None])
def test_share_out_of_range_is_refused(share):
    with pytest.raises(ArgumentError) as caught:
        split_validation(np.zeros(4), None, None, share)
    assert str(caught.value) == f"validation_split expects a number above 0 and below 1, got {share!r}."


@pytest.mark.parametrize(
    ("count", "share", "left"), [(1, 0.5, "0 to train and 1 to validate on"), (3, 0.9, "0 to train and 3")]
)
def test_split_that_leaves_a_part_empty_is_refused(count, share, left):
    with pytest.raises(DataError, match=f"validation_split={share} of {count} samples leaves {left}"):
        split_validation(np.zeros(count), None, None, share)


def test_split_that_leaves_nothing_to_validate_on_is_refused():
    with pytest.raises(DataError, match=r"leaves 2 to train and 0 to validate on\. Each needs one at least"):
        split_validation(np.zeros(2), None, None, 1e-17)


def test_generator_cannot_be_split():
    with pytest.raises(
        ArgumentError, match=r"validation_split needs arrays, got a generator\. Give validation_data instead"
    ):
        split_validation((i for i in range(3)), None, None, 0.5)


def test_lengths_that_differ_are_refused():
    with pytest.raises(DataError, match=r"Got x\[0\]: 3, x\[1\]: 3, y: 4\."):
        split_validation([np.zeros(3), np.zeros(3)], np.zeros(4), None, 0.5)


def test_order_belongs_to_seed_and_epoch_alone():
    order = shuffled(1000, seed=5, epoch=2)
    assert sorted(order.tolist()) == list(range(1000))
    assert order.tolist() == shuffled(1000, seed=5, epoch=2).tolist()
    assert order.tolist() != shuffled(1000, seed=5, epoch=3).tolist()
    assert order.tolist() != shuffled(1000, seed=6, epoch=2).tolist()


def test_order_leaves_the_global_generator_alone():
    before = np.random.get_state()[1].tolist()
    shuffled(10, seed=5, epoch=2)
    assert np.random.get_state()[1].tolist() == before
