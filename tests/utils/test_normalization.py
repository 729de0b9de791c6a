from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.utils import normalize

X = np.array([[3.0, 4.0], [0.0, 0.0], [1.0, -1.0]])


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        (2, [[0.6, 0.8], [0, 0], [0.5**0.5, -(0.5**0.5)]]),
        (1, [[3 / 7, 4 / 7], [0, 0], [0.5, -0.5]]),
        (np.inf, [[0.75, 1], [0, 0], [1, -1]]),
    ],
)
def test_rows_have_norm_one_and_zeros_stay(order: float, rows: Any) -> None:
    np.testing.assert_allclose(normalize(X, order=order), rows)


def test_columns_have_norm_one_for_axis_0() -> None:
    np.testing.assert_allclose(normalize(X, axis=0), X / [[10**0.5, 17**0.5]])


@pytest.mark.parametrize("axis", [0, -1])
def test_one_row_becomes_two_dimensional(axis: int) -> None:
    np.testing.assert_allclose(normalize(np.array([3.0, 4.0]), axis=axis), [[0.6, 0.8]])


@pytest.mark.parametrize(
    ("given", "dtype"),
    [(X.astype("float32"), "float32"), (X, "float64"), (X.astype("int64"), "float64"), (X.tolist(), "float32")],
)
def test_floats_keep_their_dtype(given: Any, dtype: str) -> None:
    assert normalize(given).dtype == np.dtype(dtype)


def test_axis_that_is_not_there_says_so() -> None:
    with pytest.raises(ValueError, match=r"normalize\(\) got axis 2 for x of shape \(3, 2\)\."):
        normalize(X, axis=2)
