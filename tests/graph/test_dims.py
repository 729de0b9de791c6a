from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.graph.dims import Affine, Mismatch, is_static, resolve, unify

PROBES = (7, 11)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (7, 11, Affine(1, 0)),
        (15, 23, Affine(2, 1)),
        (6, 10, Affine(1, -1)),
        (5, 5, 5),
        (None, None, None),
        ((7, 3), (11, 3), (Affine(1, 0), 3)),
        (slice(0, 7), slice(0, 11), slice(0, Affine(1, 0))),
        ({"shape": (14,)}, {"shape": (22,)}, {"shape": (Affine(2, 0),)}),
    ],
)
def test_what_two_traces_have_in_common_is_found(first: Any, second: Any, expected: Any) -> None:
    assert unify(first, second, PROBES) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [(7, 12), (7, 7.0), ((7,), (11, 1)), ("mean", "sum"), (True, False), (np.zeros(7), np.zeros(11)), (0.1, 0.2)],
)
def test_what_is_not_linear_in_the_batch_does_not_unify(first: Any, second: Any) -> None:
    with pytest.raises(Mismatch):
        unify(first, second, PROBES)


def test_equal_constants_unify_and_keep_the_first() -> None:
    array = np.arange(3.0)
    assert unify(array, array.copy(), PROBES) is array


def test_sizes_are_resolved_wherever_they_hide() -> None:
    open_size = Affine(2, 1)
    value = {"shape": (open_size, 4), "key": (slice(open_size, None), 0), "name": "x"}
    assert resolve(value, 10) == {"shape": (21, 4), "key": (slice(21, None), 0), "name": "x"}
    assert not is_static(value)
    assert is_static(resolve(value, 10))


@pytest.mark.parametrize(
    ("size", "text"), [(Affine(1, 0), "batch"), (Affine(3, 0), "3·batch"), (Affine(1, -1), "batch-1")]
)
def test_a_size_prints_as_people_write_it(size: Affine, text: str) -> None:
    assert repr(size) == text
