from __future__ import annotations

import pytest

from denselite.errors import ArgumentError, FormatError
from denselite.saving.text import parse, to_text


def test_lists_of_numbers_stand_on_one_line() -> None:
    assert to_text({"shape": [4, None], "deep": [[1], ["a"]], "empty": []}, "m") == (
        '{\n  "shape": [4, null],\n  "deep": [\n    [1],\n    [\n      "a"\n    ]\n  ],\n  "empty": []\n}'
    )


def test_text_with_brackets_and_line_breaks_in_strings_comes_back() -> None:
    value = {"name": "[\n1\n]", "list": ["[\n 2", 3]}
    assert parse(to_text(value, "m"), "m") == value


@pytest.mark.parametrize("value", [{"x": float("nan")}, {"x": object()}])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(
        ArgumentError, match=r"The config of m cannot be written as JSON: .* Check what get_config\(\) returns"
    ):
        to_text(value, "m")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Expecting property name"),
        ("", "Expecting value"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
        ('{"a": 1, "a": 2}', "a key is there twice"),
        ("[" * 201 + "]" * 201, "it has more than 200 lists and objects in one another"),
        ("[" + "[]," * 30_000 + "1]", "it has more than 30000 lists and objects, or 1000000 entries"),
        ('["a' + ",[" * 300_000, "Unterminated string"),
        ('["' + '\\"' * 300_000, "Unterminated string"),
        ("1" * 41, "an integer has 41 digits"),
        ("0." + "1" * 400, "a number has 402 characters"),
        ("1e999", "1e999 is not a number that a float can hold"),
        (b"\xff", "utf-8|invalid"),
    ],
)
def test_bad_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=f"(?i)the model is not valid JSON: .*({message})"):
        parse(text, "The model")
