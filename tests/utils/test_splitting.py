from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.utils import PyDataset, split_dataset

X, Y = np.arange(20.0).reshape(10, 2), np.arange(10)


def test_arrays_stay_arrays_and_tuples_tuples() -> None:
    left, right = split_dataset(X, left_size=7)
    np.testing.assert_array_equal(left, X[:7])
    np.testing.assert_array_equal(right, X[7:])
    left, right = split_dataset([X, Y], left_size=7)
    assert type(left) is type(right) is tuple
    np.testing.assert_array_equal(right[1], Y[7:])


def test_dicts_and_what_is_missing_stay_where_they_are() -> None:
    (x, y, weights), _ = split_dataset(({"a": X, "b": Y}, Y, None), left_size=0.5)
    assert (list(x), x["b"].tolist(), y.tolist(), weights) == (["a", "b"], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4], None)


@pytest.mark.parametrize(
    ("left", "right", "lengths"),
    [(0.7, None, (7, 3)), (None, 0.25, (8, 2)), (4, 0.5, (4, 5)), (3, 3, (3, 3)), (0.65, 0.35, (6, 4)), (9, 1, (9, 1))],
)
def test_sizes_are_numbers_or_shares_and_shares_round_half_to_even(left: Any, right: Any, lengths: Any) -> None:
    first, second = split_dataset(Y, left, right)
    assert (len(first), len(second)) == lengths
    assert (first[0], second[-1]) == (0, 9)  # what is left over lies between


def test_shuffle_keeps_rows_together_and_follows_from_the_seed() -> None:
    (x, y), (rest, _) = split_dataset((X, Y), 0.5, shuffle=True, seed=3)
    np.testing.assert_array_equal(x[:, 0], 2 * y)
    assert sorted([*x[:, 0], *rest[:, 0]]) == X[:, 0].tolist()
    assert y.tolist() != [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(split_dataset(Y, 0.5, shuffle=True, seed=3)[0], y)
    orders = {tuple(split_dataset(Y, 0.5, shuffle=True)[0].tolist()) for _ in range(5)}
    assert len(orders) > 1


def samples() -> Iterator[Any]:
    yield from zip(X, Y, strict=True)


class Batches(PyDataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        return X[3 * index : 3 * index + 3], Y[3 * index : 3 * index + 3]


@pytest.mark.parametrize("dataset", [samples(), Batches()], ids=["samples", "batches"])
def test_iterable_is_gathered_into_arrays(dataset: Any) -> None:
    (x, y), right = split_dataset(dataset, left_size=0.8)
    np.testing.assert_array_equal(x, X[:8])
    np.testing.assert_array_equal(y, Y[:8])
    assert len(right[0]) == 2


def test_parts_are_what_fit_takes() -> None:
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    left, right = split_dataset((X / 20, Y / 10), 0.8)
    assert model.fit(*left, validation_data=right, verbose=0).history.keys() == {"loss", "val_loss"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: split_dataset(X), "needs left_size, right_size or both"),
        (lambda: split_dataset(X, 10), "left_size to be an integer from 1 to 9, or a share between 0 and 1, got 10"),
        (lambda: split_dataset(X, 1.0), "or a share between 0 and 1, got 1.0"),
        (lambda: split_dataset(X, right_size=True), "right_size to be an integer from 1 to 9, .*, got True"),
        (lambda: split_dataset(X, "half"), "got 'half'"),
        (lambda: split_dataset(X, 0.6, 0.6), "would put 6 left and 6 right"),
        (lambda: split_dataset(X, 0.01), "would put 0 left and 10 right"),
        (lambda: split_dataset((X, Y[:5]), 0.5), "Data cardinality is ambiguous"),
        (lambda: split_dataset(iter([]), 0.5), "got a dataset without samples"),
        (lambda: split_dataset(iter([(1, 2), (1,)]), 0.5), r"samples nested like the first, \(\*, \*\), got \(\*,\)"),
        (lambda: split_dataset(iter([[1], [1, 2]]), 0.5), "samples"),
        (lambda: split_dataset(iter([X[:1], X]), 0.5), "expects samples of one shape"),
        (lambda: split_dataset(5, 0.5), "expects arrays or an iterable of samples, got 5"),
    ],
)
def test_what_cannot_be_split_says_so(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
