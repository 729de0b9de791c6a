from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input
from denselite.errors import ArgumentError, DTypeError, ShapeError
from denselite.layers import Flatten, RepeatVector

X = np.zeros((2, 3))

MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "ragged rows": (lambda: Flatten(name="f")([[1], [2, 3]]), ShapeError, "^Flatten 'f' expects rows of one length, got a list of lists that differ"),
    "several arrays": (lambda: Flatten(name="f")([X, X]), ArgumentError, r"^Flatten 'f' expects one array, got a list of 2\. Call it once for each of the 2\.$"),
    "a dict": (lambda: Flatten(name="f")({"a": X}), ArgumentError, r"^Flatten 'f' expects one array, got a dict of 1\.$"),
    "a number": (lambda: Flatten(name="f")(3.0), ShapeError, r"^Flatten 'f' expects an input with a batch axis, got a single number\. Write \[\[number\]\]"),
    "text": (lambda: Flatten(name="f")(np.array(["a"])), DTypeError, r"^Flatten 'f' expects numbers, got an array of dtype <U1\. Convert it with astype"),
    "another rank": (lambda: RepeatVector(2, name="r")(np.zeros((2, 3, 1))), ShapeError, r"^RepeatVector 'r' expects an input of 2 axes, the batch included, got one of shape \(2, 3, 1\)\.$"),
    "another declared rank": (lambda: RepeatVector(2, name="r")(Input((3, 1))), ShapeError, r"got one of shape \(None, 3, 1\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
