from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, ShapeError
from denselite.layers import Rescaling

X = np.zeros((2, 3))


@pytest.mark.parametrize("scale", [[0.5, 2.0], (0.5, 2.0), np.array([0.5, 2.0])], ids=["list", "tuple", "array"])
def test_rescaling_takes_a_number_for_each_entry_and_saves_it(scale: Any) -> None:
    layer = Rescaling(scale, 1)
    assert layer(np.array([[2, 2]])).tolist() == [[2.0, 5.0]]
    assert layer.get_config()["scale"] == [0.5, 2.0]


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "scale of text": (lambda: Rescaling("a"), ArgumentError, r"^Rescaling\(\) argument 'scale': it takes a number, or one for each .*, got 'a'"),
    "offset of None": (lambda: Rescaling(1, None), ArgumentError, "argument 'offset': it takes a number"),
    "scale that does not fit": (lambda: Rescaling([1.0, 2.0], name="r")(X), ShapeError, r"^Rescaling 'r' expects one number for each of the 3 entries of the last axis, got scale of shape \(2,\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
