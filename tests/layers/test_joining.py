from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, ShapeError
from denselite.layers import Concatenate, Masking, concatenate
from denselite.tensor.masks import get_mask

A, B = np.array([[1.0, 2.0]], "float32"), np.array([[10.0, 20.0]], "float32")


def test_concatenate_joins_along_its_axis() -> None:
    assert Concatenate()([A, B]).tolist() == concatenate([A, B]).tolist() == [[1.0, 2.0, 10.0, 20.0]]
    x = np.zeros((1, 2, 3))
    assert concatenate([x, x], axis=1).shape == (1, 4, 3)


@pytest.mark.parametrize(("axis", "expected"), [(1, [True, False, True, True]), (2, [True, True])])
def test_input_without_a_mask_counts_everywhere(axis: int, expected: list[bool]) -> None:
    masked = Masking()(np.array([[[1.0], [0.0]]], "float32"))
    plain = np.ones((1, 2, 1), "float32")
    assert get_mask(Concatenate(axis)([masked, plain])).tolist() == [expected]
    assert get_mask(Concatenate(axis)([plain, plain])) is None


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "nothing": (lambda: Concatenate(name="c")([]), ShapeError, r"^Concatenate 'c' expects a list of inputs, got \[\]"),
    "other axes differ": (lambda: Concatenate(1, name="c")([np.zeros((1, 2, 3)), np.zeros((1, 2, 4))]), ShapeError, r"^Concatenate 'c' joins along axis 1; the other axes have to agree, got shapes \[\(1, 2, 3\), \(1, 2, 4\)\]"),
    "ranks differ": (lambda: concatenate([A, np.zeros((1, 2, 3))]), ShapeError, "the other axes have to agree"),
    "no such axis": (lambda: Concatenate(5, name="c")([A, B]), ShapeError, r"^Concatenate 'c' joins along axis 5, got inputs of shapes .* The axis is between 1 and 1, or counted from the end"),
    "the batch": (lambda: Concatenate(0)([A, B]), ShapeError, "joins along axis 0, .*; axis 0 is the batch"),
    "the batch from the end": (lambda: Concatenate(-2)([A, B]), ShapeError, "axis 0 is the batch"),
    "axis of text": (lambda: Concatenate("a"), ArgumentError, r"^Concatenate\(\) argument 'axis' should be an integer, got 'a'"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
