from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, ShapeError
from denselite.layers import ZeroPadding1D, ZeroPadding2D

SEQUENCE = np.ones((1, 2, 3), "float32")
IMAGE = np.ones((1, 2, 2, 3), "float32")


@pytest.mark.parametrize(
    ("padding", "expected"), [(1, [0, 1, 1, 0]), ((0, 2), [1, 1, 0, 0]), ([2, 0], [0, 0, 1, 1]), (0, [1, 1])]
)
def test_sequences_get_zeros_at_their_ends(padding: Any, expected: list[int]) -> None:
    out = ZeroPadding1D(padding)(SEQUENCE)
    np.testing.assert_array_equal(out, np.broadcast_to(np.array(expected)[:, None], (1, len(expected), 3)))
    np.testing.assert_array_equal(ZeroPadding1D(padding, "channels_first")(SEQUENCE.swapaxes(1, 2)), out.swapaxes(1, 2))


@pytest.mark.parametrize(
    ("padding", "rows", "columns"),
    [
        (1, [0, 1, 1, 0], [0, 1, 1, 0]),
        ((1, 0), [0, 1, 1, 0], [1, 1]),
        (((0, 1), (2, 0)), [1, 1, 0], [0, 0, 1, 1]),
        ([0, (0, 1)], [1, 1], [1, 1, 0]),
    ],
)
def test_images_get_zeros_around_them(padding: Any, rows: list[int], columns: list[int]) -> None:
    expected = np.outer(rows, columns)[None, :, :, None] * np.ones(3)
    np.testing.assert_array_equal(ZeroPadding2D(padding)(IMAGE), expected)
    first = ZeroPadding2D(padding, "channels_first")(np.moveaxis(IMAGE, -1, 1))
    np.testing.assert_array_equal(first, np.moveaxis(expected, -1, 1))


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "below 0": (lambda: ZeroPadding2D(-1), ArgumentError, r"^ZeroPadding2D\(\) argument 'padding': it takes an integer of at least 0, or two of them, got -1"),
    "three": (lambda: ZeroPadding1D((1, 2, 3)), ArgumentError, r"^ZeroPadding1D\(\) argument 'padding': .* got \(1, 2, 3\)"),
    "None": (lambda: ZeroPadding2D(None), ArgumentError, "or two of them, got None"),
    "data format": (lambda: ZeroPadding1D(1, "last"), ArgumentError, "argument 'data_format': it should be 'channels_last'"),
    "sequences": (lambda: ZeroPadding2D(name="z")(SEQUENCE), ShapeError, r"^ZeroPadding2D 'z' expects an input of 4 axes, the batch included, got one of shape \(1, 2, 3\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
