from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.utils import PyDataset, Sequence

ROWS = np.arange(12.0).reshape(6, 2) / 12


class Rows(PyDataset):
    """Two rows a batch; notes which batches are asked for, and the epochs."""

    def __init__(self) -> None:  # without super().__init__()
        self.notes: list[Any] = []

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        self.notes.append(index)
        rows = ROWS[2 * index : 2 * index + 2]
        return rows, rows[:, :1]

    def on_epoch_begin(self) -> None:
        self.notes.append("begin")

    def on_epoch_end(self) -> None:
        self.notes.append("end")


class Endless(PyDataset):
    @property
    def num_batches(self) -> None:
        return None

    def __getitem__(self, index: int) -> Any:
        return ROWS[:2], ROWS[:2, :1]


def model() -> Any:
    made = Sequential([Input((2,)), layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


def test_fit_asks_for_every_batch_once_an_epoch() -> None:
    data = Rows()
    model().fit(data, epochs=2, verbose=0, shuffle=False)
    assert [note for note in data.notes if note in ("begin", "end")] == ["begin", "end"] * 2
    assert sorted(note for note in data.notes if isinstance(note, int)) == [0, 0, 1, 1, 2, 2]


def test_shuffle_changes_the_order_of_batches() -> None:
    data = Rows()
    model().fit(data, epochs=20, verbose=0)
    asked = [note for note in data.notes if isinstance(note, int)][1:]
    assert [asked[k : k + 3] for k in range(0, 57, 3)] != [[0, 1, 2]] * 19


def test_data_set_without_end_is_gone_through_by_steps() -> None:
    data = Endless()
    assert len(list(islice(data, 5))) == 5
    assert model().fit(data, steps_per_epoch=4, epochs=2, verbose=0).epoch == [0, 1]
    with pytest.raises(TypeError, match="Endless has no end, and so no length"):
        len(data)


def test_arguments_of_keras_are_kept() -> None:
    data: Any = PyDataset(2, True, 5)
    assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (2, True, 5)
    assert Rows().workers == 1
    assert Sequence is PyDataset


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PyDataset()[3], r"PyDataset has no __getitem__\(\): write it, to return batch 3\."),
        (lambda: len(PyDataset()), r"PyDataset has no __len__\(\): write it"),
        (lambda: model().fit(PyDataset()), r"PyDataset has no __len__\(\): write it"),
    ],
)
def test_what_a_subclass_has_to_write_is_named(call: Any, message: str) -> None:
    with pytest.raises(NotImplementedError, match=message):
        call()
