"""The laws that every initializer keeps. An initializer enters by being registered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import initializers
from denselite.initializers.random import RandomInitializer

CLASSES = sorted(set(initializers.initializers.members.values()), key=lambda cls: cls.__name__)
DRAWING = [cls for cls in CLASSES if issubclass(cls, RandomInitializer)]

every_class = pytest.mark.parametrize("cls", CLASSES)
every_drawing = pytest.mark.parametrize("cls", DRAWING)


@every_class
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_values_have_the_shape_and_dtype_asked_for(cls: Any, dtype: str) -> None:
    made = cls()((3, 5), dtype=dtype)
    assert isinstance(made, np.ndarray)
    assert (made.shape, made.dtype.name) == ((3, 5), dtype)
    assert np.isfinite(made).all()


@every_class
def test_dtype_is_floatx_by_default(cls: Any) -> None:
    assert cls()((3, 5)).dtype == np.float32


@every_class
def test_config_goes_round(cls: Any) -> None:
    made = cls()
    again = initializers.deserialize(initializers.serialize(made))
    assert type(again) is cls
    assert again.get_config() == made.get_config()


@every_drawing
def test_seed_gives_the_same_values_at_every_call_and_in_every_object(cls: Any) -> None:
    first = cls(seed=7)
    np.testing.assert_array_equal(first((4, 3)), first((4, 3)))
    np.testing.assert_array_equal(first((4, 3)), initializers.deserialize(initializers.serialize(first))((4, 3)))
    assert first.get_config()["seed"] == 7


@every_drawing
def test_without_a_seed_an_object_repeats_itself_and_another_differs(cls: Any) -> None:
    first, second = cls(), cls()
    np.testing.assert_array_equal(first((4, 3)), first((4, 3)))
    assert not np.array_equal(first((4, 3)), second((4, 3)))
    assert first.get_config()["seed"] is None


@every_drawing
def test_seeds_differ_in_their_values(cls: Any) -> None:
    assert not np.array_equal(cls(seed=1)((4, 3)), cls(seed=2)((4, 3)))


@every_class
def test_values_are_the_callers_to_write_into(cls: Any) -> None:
    made = cls()
    first = made((3, 3))
    kept = first.copy()
    first += 1.0
    np.testing.assert_array_equal(made((3, 3)), kept)
