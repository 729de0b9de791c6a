from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input
from denselite.errors import ArgumentError, ShapeError
from denselite.layers import Cropping1D, Cropping2D

SEQUENCE = np.arange(10.0).reshape(1, 5, 2)
IMAGE = np.arange(60.0).reshape(1, 5, 4, 3)


@pytest.mark.parametrize(
    ("cropping", "kept"), [(1, slice(1, 4)), ((0, 2), slice(0, 3)), ([3, 0], slice(3, 5)), (0, slice(5))]
)
def test_ends_of_sequences_are_cut(cropping: Any, kept: slice) -> None:
    np.testing.assert_array_equal(Cropping1D(cropping)(SEQUENCE), SEQUENCE[:, kept])


@pytest.mark.parametrize(
    ("cropping", "rows", "columns"),
    [
        (1, slice(1, 4), slice(1, 3)),
        ((2, 1), slice(2, 3), slice(1, 3)),
        (((0, 2), (3, 0)), slice(0, 3), slice(3, 4)),
        ([1, (0, 1)], slice(1, 4), slice(0, 3)),
    ],
)
def test_edges_of_images_are_cut(cropping: Any, rows: slice, columns: slice) -> None:
    np.testing.assert_array_equal(Cropping2D(cropping)(IMAGE), IMAGE[:, rows, columns])
    first = np.moveaxis(IMAGE, -1, 1)
    np.testing.assert_array_equal(Cropping2D(cropping, "channels_first")(first), first[:, :, rows, columns])


def test_nothing_is_cut_off_images_by_default() -> None:
    np.testing.assert_array_equal(Cropping2D()(IMAGE), IMAGE)


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "nothing left": (lambda: Cropping1D((2, 3), name="c")(SEQUENCE), ShapeError, r"^Cropping1D 'c' cuts \(2, 3\) off, which leaves nothing of an input of shape \(1, 5, 2\)\.$"),
    "nothing left of a declared one": (lambda: Cropping1D(3)(Input((5, 2))), ShapeError, r"nothing of an input of shape \(None, 5, 2\)"),
    "no columns left": (lambda: Cropping2D((0, 2), name="c")(IMAGE), ShapeError, r"^Cropping2D 'c' cuts \(\(0, 0\), \(2, 2\)\) off"),
    "below 0": (lambda: Cropping1D(-1), ArgumentError, r"^Cropping1D\(\) argument 'cropping': it takes an integer of at least 0, or two of them, got -1"),
    "three": (lambda: Cropping1D((1, 2, 3)), ArgumentError, r"or two of them, got \(1, 2, 3\)"),
    "floats": (lambda: Cropping1D((1.0, 2)), ArgumentError, r"or two of them, got \(1\.0, 2\)"),
    "three axes": (lambda: Cropping2D((1, 1, 1)), ArgumentError, r"^Cropping2D\(\) argument 'cropping': it takes an integer, two, or two pairs, got \(1, 1, 1\)"),
    "three of an axis": (lambda: Cropping2D((1, (1, 2, 3))), ArgumentError, r"or two of them, got \(1, 2, 3\)"),
    "text": (lambda: Cropping2D("same"), ArgumentError, "or two of them, got 'same'"),
    "rows": (lambda: Cropping1D(name="c")(np.zeros((2, 3))), ShapeError, "^Cropping1D 'c' expects an input of 3 axes"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
