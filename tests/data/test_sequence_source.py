"""Data sets of batches by number, as PyDataset."""

from __future__ import annotations

import numpy as np
import pytest

from denselite.data import make_source
from denselite.errors import ArgumentError, DataError


class Batches:
    """Counts what is asked of it."""

    def __init__(self, count):
        self.count = count
        self.calls = []

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        self.calls.append(index)
        return np.full((2, 1), index, np.float32), np.full(2, index)


class Hooked(Batches):
    def on_epoch_begin(self):
        self.calls.append("begin")

    def on_epoch_end(self):
        self.calls.append("end")


def values(source, order=None):
    found = []
    for batch in source.batches(order):
        out = [np.empty((2, 1), np.float32), np.empty(2, int)]
        batch.write(out)
        found.append(out[1][0].item())
    return found


def test_batches_come_in_order_and_the_first_is_fetched_once_an_epoch():
    data = Batches(3)
    source = make_source(data)
    assert (source.num_batches, source.shuffle_size, source.num_samples) == (3, 3, None)
    assert values(source) == [0, 1, 2]
    assert values(source) == [0, 1, 2]
    assert data.calls == [0, 1, 2, 0, 1, 2]


def test_order_shuffles_the_batches():
    data = Batches(3)
    assert values(make_source(data), np.array([2, 0, 1])) == [2, 0, 1]
    assert data.calls == [0, 2, 1]


def test_order_of_another_length_is_refused():
    with pytest.raises(ArgumentError, match="An order is 3 integers from 0 to 2"):
        list(make_source(Batches(3)).batches(np.arange(4)))


def test_epoch_hooks_surround_each_epoch():
    data = Hooked(2)
    source = make_source(data)
    values(source)
    values(source)
    assert data.calls == [0, "begin", 1, "end", "begin", 0, 1, "end"]


def test_steps_continue_across_epochs():
    source = make_source(Batches(4), steps=2)
    assert [values(source), values(source), values(source)] == [[0, 1], [2, 3], [0, 1]]


def test_checks_of_targets_see_every_batch():
    seen = []
    source = make_source(Batches(2))
    source.check_targets([lambda labels, name: seen.append(name)])
    values(source, np.array([1, 0]))
    assert seen == ["batch 1: y", "batch 0: y"]


def test_data_set_of_length_zero_is_refused():
    with pytest.raises(DataError, match=r"x is a Batches of length 0\. At least one batch is needed"):
        make_source(Batches(0))
