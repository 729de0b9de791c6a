from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, ShapeError
from denselite.layers import Permute, RepeatVector

X = np.arange(12.0).reshape(1, 2, 3, 2)


def test_permute_puts_axes_in_the_order_told() -> None:
    np.testing.assert_array_equal(Permute((3, 1, 2))(X), X.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(Permute([1, 3, 2])(X), X.transpose(0, 1, 3, 2))
    assert Permute(())(np.arange(3.0)).tolist() == [0.0, 1.0, 2.0]


def test_repeat_vector_makes_a_sequence() -> None:
    assert RepeatVector(2)(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == [[[1, 2], [1, 2]], [[3, 4], [3, 4]]]


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "from 0": (lambda: Permute((0, 1)), ArgumentError, r"^Permute\(\) argument 'dims': it holds each axis once, counted from 1, the first behind the batch, got \(0, 1\)"),
    "twice": (lambda: Permute((1, 1)), ArgumentError, r"each axis once, .* got \(1, 1\)"),
    "one number": (lambda: Permute(1), ArgumentError, "each axis once, .* got 1"),
    "text": (lambda: Permute(["a", "b"]), ArgumentError, r"each axis once, .* got \['a', 'b'\]"),
    "a mixture": (lambda: Permute([1, "b"]), ArgumentError, r"each axis once, .* got \[1, 'b'\]"),
    "other rank": (lambda: Permute((2, 1), name="p")(X), ShapeError, r"^Permute 'p' expects an input of 3 axes, the batch included, got one of shape \(1, 2, 3, 2\)"),
    "n of 0": (lambda: RepeatVector(0), ArgumentError, r"^RepeatVector\(\) argument 'n' should be greater than 0, got 0"),
    "n of 2.0": (lambda: RepeatVector(2.0), ArgumentError, r"'n' should be an integer greater than 0, got 2\.0"),
    "sequences": (lambda: RepeatVector(2, name="r")(X), ShapeError, r"^RepeatVector 'r' expects an input of 2 axes"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
