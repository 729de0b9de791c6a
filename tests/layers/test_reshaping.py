from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, ShapeError
from denselite.layers import Flatten, Reshape

X = np.zeros((2, 3))


def test_flatten_of_channels_first_puts_channels_last_first() -> None:
    x = np.arange(12.0).reshape(1, 2, 3, 2)
    expected = np.moveaxis(x, 1, -1).reshape(1, -1)
    assert np.array_equal(Flatten("channels_first")(x), expected)
    assert np.array_equal(Flatten()(x), x.reshape(1, -1))


def test_flatten_of_rows_without_axes_gives_one_column() -> None:
    assert Flatten()(np.arange(3.0)).tolist() == [[0.0], [1.0], [2.0]]


@pytest.mark.parametrize(
    ("target", "shape"), [(6, (1, 6)), ((-1,), (1, 6)), ([3, 2], (1, 3, 2)), ((1, -1, 2), (1, 1, 3, 2))]
)
def test_reshape_gives_rows_the_target_shape(target: Any, shape: tuple[int, ...]) -> None:
    assert Reshape(target)(np.zeros((1, 6))).shape == shape


def test_reshape_to_nothing_leaves_the_batch() -> None:
    assert Reshape(())(np.zeros((4, 1))).shape == (4,)


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "data format": (lambda: Flatten("channels_middle"), ArgumentError, r"^Flatten\(\) argument 'data_format': it should be 'channels_last', 'channels_first' or None, got 'channels_middle'"),
    "target of 0": (lambda: Reshape((2, 0)), ArgumentError, r"^Reshape\(\) argument 'target_shape': a target shape holds positive sizes and at most one -1, got \(2, 0\)"),
    "two -1": (lambda: Reshape((-1, -1)), ArgumentError, r"at most one -1, got \(-1, -1\)"),
    "target of None": (lambda: Reshape(None), ArgumentError, r"at most one -1, got None"),
    "target of text": (lambda: Reshape("ab"), ArgumentError, "at most one -1, got 'ab'"),
    "target of True": (lambda: Reshape((True, 3)), ArgumentError, r"at most one -1, got \(True, 3\)"),
    "rows that do not divide": (lambda: Reshape((2, -1), name="r")(X), ShapeError, r"^Reshape 'r' cannot give rows of shape \(3,\) \(3 elements\) the shape \(2, -1\)\.$"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
