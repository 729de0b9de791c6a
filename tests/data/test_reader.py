"""Batches that somebody else makes."""

from __future__ import annotations

import numpy as np

from denselite.data.reader import unpack


def test_list_is_taken_apart_like_a_tuple() -> None:
    x, y = np.ones((2, 3)), np.ones(2)
    for data in ((x, y), [x, y]):
        found = unpack(data, "validation_data")
        assert (found[0] is x, found[1] is y, found[2]) == (True, True, None)
    assert unpack(x, "validation_data")[1:] == (None, None)
