from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, layers, utils


def test_names_are_counted_anew_after_clear_session() -> None:
    utils.clear_session()
    assert [layers.Dense(1).name for _ in range(2)] == ["dense", "dense_1"]
    utils.clear_session(free_memory=False)
    assert layers.Dense(1).name == "dense"


def test_keras_tensors_are_told_from_arrays() -> None:
    symbol = Input((3,))
    assert [utils.is_keras_tensor(x) for x in (symbol, layers.Dense(1)(symbol), np.ones(3), None)] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("dtype", "name"),
    [(None, "float32"), (int, "int32"), ("int", "int32"), (float, "float32"), (bool, "bool"), (np.float64, "float64"),
     (np.dtype("int8"), "int8"), ("uint16", "uint16")],
)  # fmt: skip
def test_dtypes_go_by_one_name(dtype: Any, name: str) -> None:
    assert utils.standardize_dtype(dtype) == name


def test_what_is_no_dtype_says_so() -> None:
    with pytest.raises(TypeError, match="'foo' is not a dtype"):
        utils.standardize_dtype("foo")
