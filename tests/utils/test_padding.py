from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.utils import pad_sequences

ROWS = [[1], [2, 3], [4, 5, 6]]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [[0, 0, 1], [0, 2, 3], [4, 5, 6]]),
        ({"padding": "post"}, [[1, 0, 0], [2, 3, 0], [4, 5, 6]]),
        ({"maxlen": 2}, [[0, 1], [2, 3], [5, 6]]),
        ({"maxlen": 2, "truncating": "post", "padding": "post"}, [[1, 0], [2, 3], [4, 5]]),
        ({"maxlen": 4, "value": -1}, [[-1, -1, -1, 1], [-1, -1, 2, 3], [-1, 4, 5, 6]]),
        ({"maxlen": 0}, [[], [], []]),  # Keras fails here
    ],
)
def test_short_ones_are_filled_up_and_long_ones_cut(arguments: dict[str, Any], expected: Any) -> None:
    padded = pad_sequences(ROWS, **arguments)
    assert (padded.tolist(), padded.dtype) == (expected, np.int32)


def test_steps_may_be_vectors_and_strings() -> None:
    assert pad_sequences([[[1, 2]], [[3, 4], [5, 6]], []]).shape == (3, 2, 2)
    assert pad_sequences([["a"], ["b", "c"]], dtype=object, value="-").tolist() == [["-", "a"], ["b", "c"]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pad_sequences([[1]], padding="before"), "padding to be 'pre' or 'post', got 'before'"),
        (lambda: pad_sequences([[1]], truncating="x"), "truncating to be 'pre' or 'post', got 'x'"),
        (lambda: pad_sequences([[1]], value="a"), r"the string 'a' to fill up with and dtype int32\. Use dtype=object"),
        (lambda: pad_sequences([]), "got no sequences whose length could be told. Give maxlen."),
        (lambda: pad_sequences(5), "expects a list of sequences, got 5"),
        (lambda: pad_sequences([1, 2]), "expects a list of sequences, got one that holds 1"),
        (lambda: pad_sequences([[[1, 2]], [[3]]]), r"steps of shape \(2,\), .* sequence 1 has steps of shape \(1,\)"),
    ],
)
def test_what_cannot_be_padded_says_so(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
