"""JSON text: read strictly and within limits, written so that strict readers take it."""

from __future__ import annotations

from math import isfinite
from typing import Any, NoReturn

from denselite.errors import ArgumentError, FormatError

__all__ = ["Limits", "parse", "to_text"]


class Limits:
    """What a text may have at most.

    A list is two characters of JSON and 60 bytes of memory: within these limits a text takes 50 MB beside three times
    its own size. A model of a thousand layers is 1 MB of text with 20,000 lists and objects.
    """

    size = 32 << 20  # characters
    depth = 200  # lists and objects in one another
    containers = 30_000  # lists and objects
    values = 1_000_000  # entries of them, all together
    digits = 40  # of an integer
    number = 400  # characters of any number


def to_text(value: Any, who: str) -> str:
    """Return JSON for people and tools: indented, a list of numbers on one line.

    Raises:
        ArgumentError: there is an infinity or NaN in it, something that is no JSON, or more than ``Limits`` says.
    """
    import json
    import re

    try:
        text = json.dumps(value, indent=2, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"The config of {who} cannot be written as JSON: {error}. Check what get_config() returns."
        ) from None
    # No string holds a line break as such, so what this finds is a list.
    text = re.sub(r'\[\n([^][{}"]*)\n *\]', lambda found: f"[{' '.join(found[1].split())}]", text)
    try:
        _check_limits(text)
    except ValueError as error:
        raise ArgumentError(f"What is written of {who} could not be read again: {error}.") from None
    return text


def parse(text: str | bytes, who: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        FormatError: it is no JSON, is larger or nested deeper than ``Limits`` says, names a key twice, or holds a
            number that is NaN, infinite or too long.
    """
    import json

    try:
        if isinstance(text, bytes):
            text = text.decode()
        _check_limits(text)
        return json.loads(
            text, parse_constant=_refuse, parse_int=_integer, parse_float=_float, object_pairs_hook=_unique
        )
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{who} is not valid JSON: {error}.") from None


def _check_limits(text: str) -> None:
    import re

    if len(text) > Limits.size:
        raise ValueError(f"it has {len(text)} characters, at most {Limits.size} are read")
    depth = containers = values = 0
    # A string to its end, or to the end of the text: no place is looked at twice.
    for found in re.finditer(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[][{},]', text, re.DOTALL):
        first = text[found.start()]
        if first == ",":
            values += 1
        elif first in "[{":
            depth, containers = depth + 1, containers + 1
        elif first in "]}":
            depth -= 1
        if depth > Limits.depth:
            raise ValueError(f"it has more than {Limits.depth} lists and objects in one another")
        if containers > Limits.containers or values > Limits.values:
            raise ValueError(f"it has more than {Limits.containers} lists and objects, or {Limits.values} entries")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _integer(digits: str) -> int:
    if len(digits) > Limits.digits:
        raise ValueError(f"an integer has {len(digits)} digits")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > Limits.number:
        raise ValueError(f"a number has {len(digits)} characters")
    value = float(digits)
    if not isfinite(value):
        raise ValueError(f"{digits} is not a number that a float can hold")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found
