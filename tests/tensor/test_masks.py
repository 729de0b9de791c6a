from __future__ import annotations

import gc

import numpy as np

from denselite import Input
from denselite.tensor.context import Trace
from denselite.tensor.masks import _of_arrays, get_mask, keep_mask, set_mask, with_mask

MASK = np.array([True, False])


def test_mask_of_an_array_is_forgotten_with_the_array() -> None:
    before = len(_of_arrays)
    x = np.zeros(2)
    set_mask(x, MASK)
    assert get_mask(x) is MASK
    assert len(_of_arrays) == before + 1
    del x
    gc.collect()
    assert len(_of_arrays) == before


def test_mask_of_an_array_stays_when_another_one_is_gone() -> None:
    kept, gone = np.zeros(2), np.zeros(2)
    set_mask(kept, MASK)
    set_mask(gone, MASK)
    set_mask(gone, ~MASK)
    del gone
    assert get_mask(kept) is MASK


def test_symbols_hold_their_mask() -> None:
    trace = Trace()
    for symbol in (Input((2,)), trace.add_input("x", (3, 2), np.dtype("float32"))):
        assert get_mask(symbol) is None
        set_mask(symbol, MASK)
        assert get_mask(symbol) is MASK


def test_array_of_the_caller_stays_without_the_mask() -> None:
    x = np.zeros(2)
    assert get_mask(with_mask(x, MASK)) is MASK
    assert get_mask(x) is None


def test_mask_is_kept_by_what_a_value_becomes() -> None:
    x = with_mask(np.zeros(2), MASK)
    assert get_mask(keep_mask(x, x[:, None])) is MASK
    assert get_mask(keep_mask(np.zeros(2), np.zeros(2))) is None


def test_what_has_no_axes_has_no_mask() -> None:
    number = np.float32(1.0)
    set_mask(number, MASK)
    assert get_mask(number) is get_mask(None) is None
