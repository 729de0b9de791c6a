from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.utils import pack_x_y_sample_weight, unpack_x_y_sample_weight

X, Y, W = np.ones((2, 3)), np.zeros(2), np.ones(2)


@pytest.mark.parametrize("given", [(X,), (X, Y), (X, Y, W), ([X, X],), ((X, X), Y)])
def test_unpacking_undoes_packing(given: tuple[Any, ...]) -> None:
    assert unpack_x_y_sample_weight(pack_x_y_sample_weight(*given)) == (*given, *[None] * (3 - len(given)))


def test_weights_without_targets_are_left_out() -> None:
    assert pack_x_y_sample_weight(X, None, W) is X


@pytest.mark.parametrize("data", [(), (X, Y, W, W)])
def test_tuple_of_another_length_says_so(data: Any) -> None:
    with pytest.raises(ValueError, match=rf"data expects x, .* got a tuple of {len(data)} entries"):
        unpack_x_y_sample_weight(data)
