from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, ShapeError
from denselite.layers import Softmax

X = np.log([[[1.0, 3.0], [2.0, 2.0]]])


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        (-1, [[0.25, 0.75], [0.5, 0.5]]),
        (1, [[1 / 3, 0.6], [2 / 3, 0.4]]),
        ([1], [[1 / 3, 0.6], [2 / 3, 0.4]]),
        ((1, 2), [[0.125, 0.375], [0.25, 0.25]]),
    ],
    ids=repr,
)
def test_shares_along_the_axes_sum_to_1(axis: Any, expected: Any) -> None:
    np.testing.assert_allclose(Softmax(axis, dtype="float64")(X), [expected], rtol=1e-12)


@pytest.mark.parametrize("mask", [[True, False, True], [1.0, 0.0, 0.6]], ids=["truths", "numbers"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_the_mask_leaves_out_is_0_and_the_rest_sums_to_1(mask: Any, dtype: str) -> None:
    out = Softmax(dtype=dtype)(np.array([[1.0, 9.0, 1.0]], dtype), mask=np.array([mask]))
    assert out.dtype == dtype
    np.testing.assert_allclose(out, [[0.5, 0.0, 0.5]], rtol=1e-6)


def test_where_the_mask_leaves_nothing_all_are_0() -> None:
    assert Softmax()(np.ones((1, 2), "float32"), mask=np.zeros((1, 2), bool)).tolist() == [[0.0, 0.0]]


ROWS = np.zeros((2, 3), "float32")
MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "mask of another size": (lambda: Softmax(name="s")(ROWS, mask=np.ones((2, 2), bool)), ShapeError, r"^Softmax 's' expects a mask that broadcasts to the input of shape \(2, 3\), got one of shape \(2, 2\)\.$"),
    "mask of more axes": (lambda: Softmax()(ROWS, mask=np.ones((1, 2, 3), bool)), ShapeError, r"got one of shape \(1, 2, 3\)"),
    "no such axis": (lambda: Softmax(2)(ROWS), ArgumentError, "axis 2 is out of range for 2 axes"),
    "no such axes": (lambda: Softmax((0, 2))(ROWS), ArgumentError, "axis 2 is out of range for 2 axes"),
    "axis of text": (lambda: Softmax("last"), ArgumentError, r"^Softmax\(\) argument 'axis' should be an integer or .*, got 'last'"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
