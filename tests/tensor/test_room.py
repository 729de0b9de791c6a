"""Room: what is made while a file is loaded claims its memory first."""

from __future__ import annotations

import numpy as np
import pytest

import denselite as dl
from denselite.errors import FormatError
from denselite.tensor.room import claim, restoring, room
from denselite.tensor.variable import Variable


def test_without_a_file_there_is_no_limit() -> None:
    claim("a", (10**30,), 8)
    assert not restoring()


def test_claims_add_up_and_say_what_is_too_much() -> None:
    with room(40):
        claim("a", (5,), 4)
        claim("b", (0, 10**30), 8)
        with pytest.raises(FormatError, match=r"c of shape \(6,\) takes 24 bytes, and the file holds 40 for all there"):
            claim("c", (6,), 4)
        claim("d", (5,), 4)


def test_variable_is_refused_before_it_is_made() -> None:
    def never(shape: object, dtype: object) -> np.ndarray:
        raise AssertionError("made")

    with room(10), pytest.raises(FormatError, match=r"Variable 'v' of shape \(1000000000,\)"):
        Variable(never, (10**9,), "float32", name="v")


def test_weights_wait_for_their_values_as_zeros() -> None:
    layer = dl.layers.Dense(2, kernel_initializer="ones")
    with room(1000):
        layer.build((None, 3))
    assert not layer.get_weights()[0].any()
