"""Arguments matched to declared fields and checked; one error tells everything that is wrong."""

from __future__ import annotations

import threading
import warnings
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from denselite.errors import ArgumentError, DenseliteError, suggestion
from denselite.fields import MISSING, Interval, RefusedError

__all__ = ["bind", "expectation"]


def bind(cls: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Match arguments to the fields of a declared class and validate them.

    Args:
        cls: a subclass of ``Declared``.
        args: what was given by position.
        kwargs: what was given by name.

    Returns:
        A value for every field.

    Raises:
        ArgumentError: an argument is missing, unknown, given twice, or not what its type says.
    """
    positional = [f.name for f in cls._fields.values() if cls._trailing_positional or not f.kw_only]
    if len(args) > len(positional):
        takes = f"at most {len(positional)} positional arguments ({', '.join(positional)})"
        raise ArgumentError(
            f"{cls.__name__}() takes {takes if positional else 'no positional arguments'}, got {len(args)}. "
            f"Its arguments are: {', '.join(cls._fields)}."
        )
    given = dict(zip(positional, args, strict=False))
    for former, present in cls._former.items():
        if former in kwargs and present not in kwargs:
            warnings.warn(f"{cls.__name__}() argument {former!r} is now called {present!r}.", stacklevel=3)
            kwargs = {present if name == former else name: value for name, value in kwargs.items()}
    problems = [f"got {name!r} twice, by position and by name" for name in kwargs if name in given]
    problems += [_unknown(cls, name) for name in kwargs if name not in cls._fields]
    given.update({name: value for name, value in kwargs.items() if name in cls._fields})
    problems += [
        f"needs the argument {f.name!r}" for f in cls._fields.values() if f.default is MISSING and f.name not in given
    ]
    if problems:
        raise ArgumentError(f"{cls.__name__}() {'; '.join(problems)}. Its arguments are: {', '.join(cls._fields)}.")
    return _validate(cls, {**{f.name: f.default for f in cls._fields.values()}, **given})


def _unknown(cls: Any, name: str) -> str:
    hint = cls._hints.get(name) or suggestion(name, cls._fields).strip()
    return f"does not take an argument {name!r}" + (f" ({hint.rstrip('.')})" if hint else "")


_building = threading.Lock()


def _validate(cls: Any, values: dict[str, Any]) -> dict[str, Any]:
    from pydantic import ValidationError

    if cls.__dict__.get("_validator") is None:
        with _building:
            cls._validator = _make_validator(cls)
    plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in values.items()}
    for name, value in plain.items():
        if isinstance(value, float) and value != value:
            raise ArgumentError(f"{cls.__name__}() argument {name!r} is NaN. Give it a number.")
    try:
        model = cls._validator(**{f"{name}_": value for name, value in plain.items()})
    except ValidationError as error:
        raise _as_argument_error(cls, error, plain) from None
    return {name: getattr(model, f"{name}_") for name in values}


def _hints(cls: Any) -> dict[str, Any]:
    return {
        name: hint
        for base in reversed(cls.__mro__)
        if base is not object
        for name, hint in get_type_hints(base, include_extras=True).items()
    }


def _make_validator(cls: Any) -> Any:
    """A pydantic model of the fields (a trailing ``_`` keeps names clear of pydantic's own)."""
    from pydantic import ConfigDict, create_model

    hints = _hints(cls)
    fields: Any = {f"{name}_": (hints.get(name, Any), ...) for name in cls._fields}
    return create_model(cls.__name__, __config__=ConfigDict(arbitrary_types_allowed=True, strict=True), **fields)


def _as_argument_error(cls: Any, error: Any, values: dict[str, Any]) -> DenseliteError:
    """Say in our words what pydantic found, field by field."""
    hints = _hints(cls)
    lines: dict[str, str] = {}
    for problem in error.errors(include_url=False):
        name = str(problem["loc"][0])[:-1]
        cause = problem.get("ctx", {}).get("error")
        if isinstance(cause, RefusedError):  # a resolver already said it well
            return type(cause.error)(f"{cls.__name__}() argument {name!r}: {cause.error}")
        of_the_right_type = len(problem["loc"]) == 1 and problem["type"].startswith(_LIMITS)
        wanted = problem["msg"].partition("should ")[2] if of_the_right_type else f"be {expectation(hints[name])}"
        lines.setdefault(name, f"argument {name!r} should {wanted}, got {values[name]!r}")
    return ArgumentError(f"{cls.__name__}() {'; '.join(lines.values())}.")


# The kinds of problems that pydantic words well, by how their names begin.
_LIMITS = ("greater", "less", "string_too", "string_pattern", "too_", "multiple_of", "finite")
_WORDS = {
    int: "an integer",
    float: "a number",
    bool: "True or False",
    str: "a string",
    type(None): "None",
    Any: "anything",
}
_BOUNDS = {"gt": "greater than", "ge": "greater than or equal to", "lt": "less than", "le": "less than or equal to"}


def expectation(hint: Any) -> str:
    """Return what a type allows, in words.

    Args:
        hint: an annotation, resolved.

    Example:
        >>> from denselite.fields import PositiveInt
        >>> expectation(PositiveInt | None)
        'an integer greater than 0 or None'
        >>> expectation(Literal["rows", "columns"])
        "'rows' or 'columns'"
    """
    if hint in (None, *_WORDS):
        return _WORDS[type(None) if hint is None else hint]
    parts = get_args(hint)
    if hasattr(hint, "__metadata__"):  # Annotated
        limits = [
            f"{_BOUNDS[bound]} {value:g}"
            for limit in hint.__metadata__
            if isinstance(limit, Interval)
            for bound, value in limit.bounds.items()
        ]
        return f"{expectation(hint.__origin__)} {' and '.join(limits)}".rstrip()
    if get_origin(hint) is Literal:
        return _either([repr(part) for part in parts])
    if isinstance(get_origin(hint), type) and get_origin(hint).__module__ in ("builtins", "collections.abc"):
        entries = [expectation(part) for part in parts if part is not ...]
        return f"a list of which each entry is {entries[0]}" if entries else "a list"
    if parts:  # a union
        return _either(list(dict.fromkeys(map(expectation, parts))))
    return f"a {getattr(hint, '__name__', hint)}"


def _either(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
