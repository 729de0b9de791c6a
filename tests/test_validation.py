from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pytest

from denselite.fields import Fraction, Interval, NonNegative, PositiveInt
from denselite.validation import expectation


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        (int, "an integer"),
        (float | None, "a number or None"),
        (bool, "True or False"),
        (None, "None"),
        (Any, "anything"),
        (PositiveInt, "an integer greater than 0"),
        (NonNegative | None, "a number greater than or equal to 0 or None"),
        (Fraction, "a number greater than or equal to 0 and less than or equal to 1"),
        (Annotated[float, Interval(ge=0, lt=1)], "a number greater than or equal to 0 and less than 1"),
        (Literal["a", "b", 3], "'a', 'b' or 3"),
        (Sequence[int | None], "a list of which each entry is an integer or None"),
        (tuple[int, ...] | None, "a list of which each entry is an integer or None"),
        (list, "a list"),
        (int | str | None, "an integer, a string or None"),
        (complex, "a complex"),
    ],
    ids=lambda value: value if isinstance(value, str) else "hint",
)
def test_type_is_told_in_words(hint: Any, words: str) -> None:
    assert expectation(hint) == words
