from __future__ import annotations

import numpy as np
import pytest

from denselite.ops.crossentropy import pick_class, sigmoid_crossentropy


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_crossentropy_of_far_logits_is_exact(dtype: str) -> None:
    target = np.array([1.0, 0.0, 1.0, 0.0, 1.0], dtype)
    logits = np.array([1e4, 1e4, -1e4, -1e4, 20.0], dtype)
    # log(1 + exp(-20)) = 2.0611536e-09: it must not drown in max(x, 0) - t·x.
    assert sigmoid_crossentropy(target, logits).tolist() == pytest.approx([0.0, 1e4, 1e4, 0.0, 2.0611536e-09], rel=1e-6)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "uint64", "float32"])
def test_class_of_each_row_is_picked_whatever_the_dtype_of_the_labels(dtype: str) -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    assert pick_class(x, np.array([[0, 3, 1], [2, 2, 0]], dtype)).tolist() == [[0.0, 7.0, 9.0], [14.0, 18.0, 20.0]]


def test_rows_need_not_lie_in_order() -> None:
    x = np.arange(6.0).reshape(2, 3).T
    assert pick_class(x, np.array([1, 0, 1])).tolist() == [3.0, 1.0, 5.0]
