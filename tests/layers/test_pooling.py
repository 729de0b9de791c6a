from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.errors import ArgumentError, ShapeError
from denselite.layers import (
    AveragePooling1D,
    AveragePooling2D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
)

SEQUENCE = np.array([[[1.0, 8.0], [5.0, 2.0], [3.0, 4.0]]])
IMAGE = np.arange(16.0).reshape(1, 4, 4, 1)


def test_windows_lie_side_by_side_unless_told_otherwise() -> None:
    assert MaxPooling1D()(SEQUENCE).tolist() == [[[5, 8]]]
    assert MaxPooling1D(2, 1)(SEQUENCE).tolist() == [[[5, 8], [5, 4]]]
    assert MaxPooling2D((2, 4))(IMAGE)[0, ..., 0].tolist() == [[7], [15]]


def test_average_counts_what_is_there() -> None:
    assert AveragePooling1D(2, padding="same")(SEQUENCE).tolist() == [[[3, 5], [3, 4]]]
    assert AveragePooling2D((3, 1), padding="same")(IMAGE)[0, :, 0, 0].tolist() == [2, 10]  # 0 and 4; 8 and 12


def test_channels_first_pools_the_other_axes() -> None:
    first = np.moveaxis(SEQUENCE, -1, 1)
    assert MaxPooling1D(data_format="channels_first")(first).tolist() == [[[5], [8]]]
    assert GlobalAveragePooling1D("channels_first")(first[..., :2]).tolist() == [[3, 5]]


@pytest.mark.parametrize(
    ("layer", "x", "expected"),
    [
        (GlobalMaxPooling1D, SEQUENCE, [[5, 8]]),
        (GlobalAveragePooling1D, SEQUENCE[:, :2], [[3, 5]]),
        (GlobalMaxPooling2D, IMAGE, [[15]]),
        (GlobalAveragePooling2D, IMAGE, [[7.5]]),
    ],
)
def test_all_places_become_one(layer: Any, x: Any, expected: Any) -> None:
    assert layer()(x).tolist() == expected
    assert layer(keepdims=True)(x).tolist() == np.reshape(expected, (1, *(1,) * (x.ndim - 2), -1)).tolist()


def test_global_average_is_over_what_the_mask_keeps() -> None:
    x = np.array([[[2.0], [4.0], [np.nan]], [[3.0], [5.0], [7.0]]])
    mask = np.array([[True, True, False], [False, False, True]])
    assert GlobalAveragePooling1D()(x, mask=mask).tolist() == [[3], [7]]


def test_mask_ends_at_the_global_average() -> None:
    model = Sequential([Input((3,)), layers.Embedding(5, 1, mask_zero=True), GlobalAveragePooling1D()])
    model.set_weights([np.arange(5.0).reshape(5, 1)])
    assert model.predict(np.array([[4, 2, 0], [3, 0, 0]]), verbose=0).tolist() == [[3], [3]]
    assert getattr(model.output, "mask", None) is None


def test_stride_that_nobody_gave_is_saved_as_the_size() -> None:
    assert MaxPooling2D(3).get_config()["strides"] == [3, 3]


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "size": (lambda: MaxPooling2D(0), ArgumentError, r"^MaxPooling2D\(\) takes pool_size of one or 2 integers above 0, got 0"),
    "strides": (lambda: AveragePooling2D(2, (1, 2, 3)), ArgumentError, r"^AveragePooling2D\(\) takes strides of one or 2 integers above 0, got \(1, 2, 3\)"),
    "no size": (lambda: AveragePooling1D(), ArgumentError, "pool_size"),
    "padding": (lambda: MaxPooling1D(2, padding="causal"), ArgumentError, r"^MaxPooling1D\(\) takes padding 'valid', 'same', got 'causal'"),
    "data format": (lambda: GlobalMaxPooling2D("last"), ArgumentError, r"argument 'data_format': it should be 'channels_last', 'channels_first' or None, got 'last'"),
    "small": (lambda: MaxPooling2D(5, name="p")(IMAGE), ShapeError, "^MaxPooling2D 'p': max_pool finds no window of 5 × 5 entries in an input of 4 × 4"),
    "rows": (lambda: GlobalAveragePooling2D(name="g")(SEQUENCE), ShapeError, "^GlobalAveragePooling2D 'g' expects an input of 4 axes"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
