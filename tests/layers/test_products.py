from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input
from denselite.errors import ArgumentError, ShapeError
from denselite.layers import Dot, dot

A, B = np.array([[3.0, 4.0]]), np.array([[1.0, 2.0]])
CUBE = np.arange(6.0).reshape(1, 2, 3)


def test_products_of_rows_are_summed() -> None:
    assert Dot(1)([A, B]).tolist() == Dot(-1)((A, B)).tolist() == dot([A, B]).tolist() == [[11.0]]


def test_rests_of_both_inputs_are_the_axes_of_the_output() -> None:
    np.testing.assert_array_equal(Dot((2, 2))([CUBE, CUBE]), CUBE @ CUBE.swapaxes(1, 2))
    np.testing.assert_array_equal(Dot(1)([CUBE, B]), np.array([[0 + 6, 1 + 8, 2 + 10]]))
    np.testing.assert_array_equal(dot([CUBE, B], axes=(-2, -1)), np.array([[6, 9, 12]]))


def test_cosine_is_the_product_of_what_has_length_1() -> None:
    # 11 / (5 · sqrt(5))
    np.testing.assert_allclose(Dot(1, normalize=True, dtype="float64")([A, B]), [[0.98386991]], rtol=1e-8)
    assert Dot(1, True)([0 * A, B]).tolist() == [[0.0]]


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "one input": (lambda: Dot(1, name="d")([A]), ShapeError, r"^Dot 'd' expects a list of 2 inputs, got 1\.$"),
    "the batch": (lambda: Dot(0, name="d")([A, B]), ShapeError, r"^Dot 'd' expects axes 0 of the same size and not the batch, got inputs of shapes \[\(1, 2\), \(1, 2\)\]\.$"),
    "no such axis": (lambda: Dot((1, 2))([A, B]), ShapeError, r"expects axes \(1, 2\) of the same size"),
    "other sizes": (lambda: Dot(1, name="d")([Input((2,)), Input((3,))]), ShapeError, r"got inputs of shapes \[\(None, 2\), \(None, 3\)\]"),
    "axes of text": (lambda: Dot("last"), ArgumentError, r"^Dot\(\) argument 'axes': it takes an axis, or one for each of the two inputs, got 'last'"),
    "three axes": (lambda: Dot((1, 2, 3)), ArgumentError, r"of the two inputs, got \(1, 2, 3\)"),
    "axes of floats": (lambda: Dot((1.0, 2)), ArgumentError, r"of the two inputs, got \(1\.0, 2\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
