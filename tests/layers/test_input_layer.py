from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input
from denselite.errors import ArgumentError, DTypeError, UncoveredError
from denselite.layers import InputLayer


def test_input_is_a_symbol_with_an_open_batch() -> None:
    x = Input((4, None), dtype="int32", name="x")
    assert (x.shape, x.dtype, x.name) == ((None, 4, None), np.dtype("int32"), "x")


@pytest.mark.parametrize(
    "arguments", [{"shape": (4,), "batch_size": 2}, {"batch_shape": (2, 4)}, {"batch_shape": [2, 4]}]
)
def test_batch_size_can_be_fixed(arguments: Any) -> None:
    assert Input(**arguments).shape == (2, 4)


def test_row_may_be_a_single_number() -> None:
    assert Input(()).shape == (None,)


def test_config_is_that_of_keras_and_goes_round() -> None:
    layer = InputLayer((4,), name="x")
    assert layer.get_config() == {
        "batch_shape": [None, 4], "dtype": "float32", "sparse": False, "ragged": False, "name": "x", "optional": False,
    }  # fmt: skip
    assert InputLayer.from_config(layer.get_config()).get_config() == layer.get_config()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ArgumentError, r"^Input\(\) takes shape or batch_shape, got neither\. For example: Input\(\(784,\)\)\.$"),
        ({"shape": (3,), "batch_shape": (1, 3)}, ArgumentError, "got both"),
        (
            {"batch_shape": (2, 3), "batch_size": 2},
            ArgumentError,
            r"takes batch_size with shape, got batch_shape \(2, 3\), which",
        ),
        ({"batch_shape": ()}, ArgumentError, r"begins with the batch size or None, got \(\)"),
        ({"shape": 784}, ArgumentError, r"argument 'shape': a shape is a tuple, got 784\. Write Input\(\(784,\)\)\.$"),
        ({"shape": "ab"}, ArgumentError, r"a shape is a tuple, got 'ab'\.$"),
        ({"shape": (3, -1)}, ArgumentError, r"a shape holds positive sizes and None, got \(3, -1\)"),
        ({"shape": (True,)}, ArgumentError, "a shape holds positive sizes"),
        ({"shape": (3,), "batch_size": 0}, ArgumentError, "'batch_size' should be greater than 0, got 0"),
        ({"shape": (3,), "name": "a/b"}, ArgumentError, "has the name 'a/b'"),
        ({"shape": (3,), "dtype": "str"}, DTypeError, r"argument 'dtype': dtype 'str' cannot be computed with"),
        (
            {"shape": (3,), "sparse": True, "name": "x"},
            UncoveredError,
            "^Input 'x': sparse inputs exist in Keras and not in",
        ),
        ({"shape": (3,), "ragged": True}, UncoveredError, "ragged inputs exist in Keras"),
        ({"shape": (3,), "optional": True}, UncoveredError, "optional inputs exist in Keras"),
    ],
)
def test_mistake_is_one_clear_error(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Input(**arguments)
