from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, UnknownNameError
from denselite.layers import Activation


def test_activation_is_the_function() -> None:
    assert Activation("relu")(np.array([[-1.0, 2.0]])).tolist() == [[0.0, 2.0]]
    assert Activation(np.negative)(np.array([[-1.0, 2.0]])).tolist() == [[1.0, -2.0]]
    assert Activation(None)(np.array([[-1.0, 2.0]])).tolist() == [[-1.0, 2.0]]


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "activation unknown": (lambda: Activation("softmx"), UnknownNameError, r"^Activation\(\) argument 'activation': Unknown .* Did you mean 'softmax'"),
    "activation missing": (lambda: Activation(), ArgumentError, r"^Activation\(\) needs the argument 'activation'"),  # type: ignore[call-arg]
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
