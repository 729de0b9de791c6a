from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.errors import ArgumentError, ShapeError
from tests.contracts.op_laws import assert_gradient, gradient

RNG = np.random.default_rng(5)
SQUARE = np.arange(16.0).reshape(1, 4, 4, 1)


def test_largest_entry_of_each_window() -> None:
    assert ops.max_pool(SQUARE, 2)[0, ..., 0].tolist() == [[5, 7], [13, 15]]
    assert ops.max_pool(SQUARE, (1, 4))[0, ..., 0].tolist() == [[3], [7], [11], [15]]
    assert ops.max_pool(SQUARE, 3, 1)[0, ..., 0].tolist() == [[10, 11], [14, 15]]


def test_padding_is_never_the_largest() -> None:
    # windows of three with a row and a column of padding on each side: two of each are left
    assert ops.max_pool(-SQUARE - 1, 3, 3, "same")[0, ..., 0].tolist() == [[-1, -3], [-9, -11]]
    assert ops.max_pool(-SQUARE.astype("int8") - 1, 3, 3, "same")[0, ..., 0].tolist() == [[-1, -3], [-9, -11]]


def test_average_of_each_window_counts_no_padding() -> None:
    assert ops.average_pool(SQUARE, 2)[0, ..., 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert ops.average_pool(SQUARE, 3, 3, "same")[0, ..., 0].tolist() == [[2.5, 4.5], [10.5, 12.5]]  # four of nine


def test_average_of_integers_is_a_float() -> None:
    found = ops.average_pool(np.array([[[1], [2]]]), 2)
    assert found.dtype == np.float32
    assert found.tolist() == [[[1.5]]]


def test_nan_reaches_the_windows_it_is_in() -> None:
    x = SQUARE.copy()
    x[0, 0, 0, 0] = np.nan
    for pool in (ops.max_pool, ops.average_pool):
        assert np.isnan(pool(x, 2)[0, ..., 0]).tolist() == [[True, False], [False, False]]


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([[1, 1], [1, 1]], [[1, 0], [0, 0]]),
        ([[0, 1], [1, 0]], [[0, 1], [0, 0]]),  # the first row by row
        ([[0, 0], [1, 1]], [[0, 0], [1, 0]]),
    ],
)
@pytest.mark.parametrize("strides", [2, 1])
def test_gradient_goes_to_the_first_of_equal_entries(x: Any, expected: Any, strides: int) -> None:
    image = np.array(x, "float64").reshape(1, 2, 2, 1)
    (found,) = gradient(lambda a: ops.max_pool(a, 2, strides), [image], np.ones((1, 1, 1, 1)))
    assert found[0, ..., 0].tolist() == expected


def test_gradient_leaves_infinity_where_it_is() -> None:
    (found,) = gradient(lambda a: ops.max_pool(a, 2), [np.arange(4.0).reshape(1, 4, 1)], np.array([[[np.inf], [1.0]]]))
    assert found.ravel().tolist() == [0, np.inf, 0, 1]


@pytest.mark.parametrize("pool", [ops.max_pool, ops.average_pool])
@pytest.mark.parametrize(
    ("size", "strides", "padding"),
    [(2, None, "valid"), ((2, 3), None, "same"), (3, 1, "same"), (2, (1, 3), "valid"), (4, (3, 2), "same")],
)
def test_gradients_are_the_numeric_ones_over_several_chunks(
    pool: Any, size: Any, strides: Any, padding: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("denselite.ops.windows.CHUNK", 1)  # an image at a time
    assert_gradient(lambda x: pool(x, size, strides, padding), [RNG.normal(size=(3, 4, 6, 2))], RNG)


def test_windows_of_more_than_255_entries_have_a_first_largest() -> None:
    x = np.zeros((1, 300, 1))
    x[0, 299] = 1.0
    (found,) = gradient(lambda a: ops.max_pool(a, 300), [x], np.ones((1, 1, 1)))
    np.testing.assert_array_equal(found, x)


def test_channels_first_is_the_same_turned() -> None:
    x = RNG.normal(size=(2, 5, 4, 3))
    for pool in (ops.max_pool, ops.average_pool):
        expected = np.moveaxis(pool(x, 2, 1, "same"), -1, 1)
        np.testing.assert_array_equal(pool(np.moveaxis(x, -1, 1), 2, 1, "same", "channels_first"), expected)


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "size": (lambda: ops.max_pool(SQUARE, (2,)), ArgumentError, r"^max_pool takes pool_size of one or 2 integers above 0, got \(2,\)"),
    "strides": (lambda: ops.average_pool(SQUARE, 2, 0), ArgumentError, "^average_pool takes strides of one or 2 integers above 0, got 0"),
    "padding": (lambda: ops.max_pool(SQUARE, 2, padding="causal"), ArgumentError, "^max_pool takes padding 'valid', 'same' or .* got 'causal'"),
    "small": (lambda: ops.max_pool(SQUARE, 5), ShapeError, "^max_pool finds no window of 5 × 5 entries in an input of 4 × 4"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
