from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, ShapeError
from denselite.layers import UpSampling1D, UpSampling2D
from denselite.layers.resizing import KERNELS, enlarging

IMAGE = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)


def test_entries_of_sequences_are_repeated() -> None:
    assert UpSampling1D(3)(np.array([[[1.0, 2.0], [3.0, 4.0]]])).tolist() == [[[1, 2]] * 3 + [[3, 4]] * 3]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (2, [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]),
        ((1, 2), [[1, 1, 2, 2], [3, 3, 4, 4]]),
        ([2, 1], [[1, 2], [1, 2], [3, 4], [3, 4]]),
    ],
)
def test_entries_of_images_are_repeated(size: Any, expected: Any) -> None:
    assert UpSampling2D(size)(IMAGE)[0, :, :, 0].tolist() == expected
    assert UpSampling2D(size, "channels_first")(np.moveaxis(IMAGE, -1, 1))[0, 0].tolist() == expected


@pytest.mark.parametrize("interpolation", KERNELS)
@pytest.mark.parametrize("size", [1, (2, 3)])
def test_image_of_one_colour_stays_so(interpolation: str, size: Any) -> None:
    out = UpSampling2D(size, interpolation=interpolation, dtype="float64")(np.full((1, 4, 5, 2), 0.25))
    np.testing.assert_allclose(out, 0.25, rtol=1e-12)


@pytest.mark.parametrize("interpolation", KERNELS)
def test_image_made_no_larger_is_itself(interpolation: str) -> None:
    out = UpSampling2D(1, interpolation=interpolation, dtype="float64")(IMAGE)
    np.testing.assert_allclose(out, IMAGE, rtol=1e-12)


def test_bilinear_weights_are_shares_of_the_two_neighbours() -> None:
    # centres at -1/3, 0, 1/3, 2/3, 1, 4/3 of two entries at 0 and 1; beyond them the nearer counts alone
    expected = [[1, 0], [1, 0], [2 / 3, 1 / 3], [1 / 3, 2 / 3], [0, 1], [0, 1]]
    np.testing.assert_allclose(enlarging(2, 3, KERNELS["bilinear"], "float64"), expected, atol=1e-15)


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "size of 0": (lambda: UpSampling1D(0), ArgumentError, r"^UpSampling1D\(\) argument 'size' should be greater than 0, got 0"),
    "one of 0": (lambda: UpSampling2D((2, 0)), ArgumentError, r"^UpSampling2D\(\) argument 'size': it takes an integer of at least 1, or two of them, got \(2, 0\)"),
    "interpolation": (lambda: UpSampling2D(interpolation="linear"), ArgumentError, r"argument 'interpolation': it should be one of 'nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5', got 'linear'"),
    "no interpolation": (lambda: UpSampling2D(interpolation=None), ArgumentError, "'lanczos5', got None"),
    "rows": (lambda: UpSampling1D(name="u")(np.zeros((2, 3))), ShapeError, "^UpSampling1D 'u' expects an input of 3 axes"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
