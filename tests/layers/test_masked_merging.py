from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ShapeError
from denselite.layers import Add, Masking, Maximum, Minimum, Multiply, maximum, minimum, multiply
from denselite.tensor.masks import get_mask

A, B = np.array([[1.0, 20.0]]), np.array([[10.0, 2.0]])


def test_entries_of_both_inputs_are_put_together() -> None:
    assert Maximum()([A, B]).tolist() == maximum([A, B]).tolist() == [[10.0, 20.0]]
    assert Minimum()([A, B]).tolist() == minimum([A, B]).tolist() == [[1.0, 2.0]]
    assert Multiply()([A, B, B]).tolist() == multiply([A, B, B]).tolist() == [[100.0, 80.0]]


def masked(*values: float) -> Any:
    """A sequence of one channel whose zeros are left out."""
    return Masking()(np.array(values, "float32").reshape(1, -1, 1))


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (Maximum(), [-1.0, -3.0, -2.0, 0.0]),  # 0 is the largest number of the first pairs, and does not count
        (Minimum(), [-1.0, -3.0, -5.0, 0.0]),
        (Multiply(), [-1.0, -3.0, 10.0, 0.0]),
        (Add(), [-1.0, -3.0, -7.0, 0.0]),
    ],
    ids=["Maximum", "Minimum", "Multiply", "Add"],
)
def test_entry_that_a_mask_leaves_out_does_not_count(layer: Any, expected: list[float]) -> None:
    out = layer([masked(-1.0, 0.0, -2.0, 0.0), masked(0.0, -3.0, -5.0, 0.0)])
    assert out[0, :, 0].tolist() == expected
    assert get_mask(out).tolist() == [[True, True, True, False]]


@pytest.mark.parametrize(
    ("layer", "expected"), [(Maximum(), [4.0, 2.0]), (Multiply(), [4.0, -6.0])], ids=["Maximum", "Multiply"]
)
def test_output_has_no_mask_where_one_input_has_none(layer: Any, expected: list[float]) -> None:
    out = layer([np.array([[[4.0], [2.0]]], "float32"), masked(0.0, -3.0)])
    assert out[0, :, 0].tolist() == expected
    assert get_mask(out) is None


def test_shapes_that_do_not_broadcast_are_one_clear_error() -> None:
    with pytest.raises(ShapeError, match=r"^Multiply 'm' expects shapes that broadcast, got \[\(1, 2\), \(1, 3\)\]"):
        Multiply(name="m")([A, np.zeros((1, 3))])
