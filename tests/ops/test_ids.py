from __future__ import annotations

import numpy as np
import pytest

from denselite.errors import DataError
from denselite.ops.ids import checked_ids


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32"])
def test_numbers_of_any_dtype_become_places(dtype: str) -> None:
    found = checked_ids(np.array([[0, 2]], dtype), 3, "the table")
    assert found.dtype == np.intp
    assert found.tolist() == [[0, 2]]


@pytest.mark.parametrize(("ids", "told"), [([1.0, 3.0], "3"), ([-2.0, 9.0], "-2")])
def test_number_outside_is_an_error_that_tells_it(ids: list[float], told: str) -> None:
    with pytest.raises(DataError, match=rf"^the table has rows for the ids 0 to 2, got {told}\.$"):
        checked_ids(np.array(ids), 3, "the table")


def test_nan_is_no_id() -> None:
    with pytest.raises(DataError, match="the table has rows for the ids 0 to 2, got -"):
        checked_ids(np.array([np.nan]), 3, "the table")
