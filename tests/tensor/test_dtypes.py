from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import DTypeError
from denselite.tensor.dtypes import is_float, joint_dtype, standardize_dtype


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (None, "float32"),
        ("float", "float32"),
        ("float64", "float64"),
        (np.int32, "int32"),
        (bool, "bool"),
        ("f2", "float16"),
    ],
)
def test_a_dtype_is_found_under_its_names(given: Any, name: str) -> None:
    assert standardize_dtype(given).name == name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (["int64", "float32"], "float32"),
        (["float16", "int32"], "float16"),
        (["float32", "float64"], "float64"),
        (["int32", "uint8"], "int32"),
        (["bool"], "bool"),
    ],
)
def test_integers_beside_floats_do_not_widen_them(given: list[str], name: str) -> None:
    assert joint_dtype(*map(np.dtype, given)).name == name


@pytest.mark.parametrize("given", ["float31", "no such thing", 3.5])
def test_what_is_no_dtype_is_refused(given: Any) -> None:
    with pytest.raises(DTypeError, match=r"is not a dtype\. Known: bool, float16"):
        standardize_dtype(given)


@pytest.mark.parametrize("given", [object, str, complex, "datetime64[s]", "V4"])
def test_what_cannot_be_computed_with_is_refused(given: Any) -> None:
    with pytest.raises(DTypeError, match=r"cannot be computed with\. Known: bool, float16"):
        standardize_dtype(given)


def test_only_floats_are_floats() -> None:
    assert [is_float(np.dtype(name)) for name in ("f2", "f4", "f8", "i4", "?")] == [True, True, True, False, False]


def test_dict_that_describes_no_record_is_no_dtype() -> None:
    with pytest.raises(DTypeError, match=r"is not a dtype\. Known: bool"):
        standardize_dtype({"class_name": "Zeros", "config": {}})
