"""JSON text: read strictly, written so that strict readers take it."""

from __future__ import annotations

from typing import Any, NoReturn

from denselite.errors import ArgumentError, FormatError

__all__ = ["parse", "to_text"]


def to_text(value: Any, who: str) -> str:
    """Return JSON for people and tools: indented, a list of numbers on one line.

    Raises:
        ArgumentError: there is an infinity or NaN in it, or something that is no JSON.
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
    return re.sub(r'\[\n([^][{}"]*)\n *\]', lambda found: f"[{' '.join(found[1].split())}]", text)


def parse(text: str | bytes, who: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        FormatError: it is no JSON, is nested too deeply, names a key twice, or holds NaN or an infinity.
    """
    import json

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not JSON")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key is there twice")
        return found

    try:
        return json.loads(text, parse_constant=refuse, object_pairs_hook=unique)
    except (ValueError, RecursionError, UnicodeDecodeError) as error:
        raise FormatError(f"{who} is not valid JSON: {error}.") from None
