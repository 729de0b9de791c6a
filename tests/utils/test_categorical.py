from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import utils
from denselite.errors import DataError


def test_rows_are_one_hot_in_float64() -> None:
    found = utils.to_categorical([1, 0, 2])
    assert found.tolist() == [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    assert found.dtype == np.float64


def test_number_of_classes_may_be_larger() -> None:
    assert utils.to_categorical(np.array([1], "uint8"), 4).tolist() == [[0.0, 1.0, 0.0, 0.0]]


@pytest.mark.parametrize(("shape", "expected"), [((4,), (4, 3)), ((4, 1), (4, 3)), ((2, 2), (2, 2, 3)), ((0,), (0, 3))])
def test_shape_gains_the_class_axis(shape: Any, expected: Any) -> None:
    assert utils.to_categorical(np.zeros(shape, int), 3).shape == expected


@pytest.mark.parametrize(
    ("x", "classes", "message"),
    [
        ([0, 3], 3, "expects integers from 0 to 2, got 3"),
        ([0, -1], None, "expects integers from 0 to 0, got -1"),
        ([0.5], 3, "expects integers from 0 to 2, got 0.5"),
        (["a"], None, "expects integers, got dtype <U1"),
        ([], None, "got no classes to count"),
    ],
)
def test_what_is_no_class_is_refused(x: Any, classes: int | None, message: str) -> None:
    with pytest.raises(DataError, match=message):
        utils.to_categorical(x, classes)


def test_names_of_utils_that_only_keras_has_say_so() -> None:
    with pytest.raises(ImportError, match=r"denselite\.utils\.model_to_dot exists in Keras and not yet in denselite"):
        _ = utils.model_to_dot
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = utils.nonsense
    assert callable(utils.get_file)
