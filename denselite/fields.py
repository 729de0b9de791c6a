"""What a declared argument is made of: its default, how it is given, and the types it is checked by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from denselite.errors import DenseliteError

__all__ = [
    "MISSING",
    "Field", "Fraction", "Interval", "Keyword", "NonNegative", "NonNegativeInt", "Positive", "PositiveInt",
    "RefusedError", "Resolves", "keyword",
]  # fmt: skip


class Interval:
    """Annotation of a field whose number has bounds.

    Args:
        **bounds: ``gt`` or ``ge``, ``lt`` or ``le``: greater, less, or equal too.

    Example:
        >>> from denselite.declared import Declared
        >>> class Oven(Declared):
        ...     celsius: Annotated[float, Interval(ge=0, lt=300)]
        >>> Oven(300.0)
        Traceback (most recent call last):
        denselite.errors.ArgumentError: Oven() argument 'celsius' should be less than 300, got 300.0.
    """

    def __init__(self, **bounds: float) -> None:
        self.bounds = bounds

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {**handler(source), **self.bounds}


PositiveInt = Annotated[int, Interval(gt=0)]
NonNegativeInt = Annotated[int, Interval(ge=0)]
Positive = Annotated[float, Interval(gt=0)]
NonNegative = Annotated[float, Interval(ge=0)]
Fraction = Annotated[float, Interval(ge=0, le=1)]

MISSING: Any = type("MISSING", (), {"__repr__": lambda self: "<required>"})()


class RefusedError(ValueError):
    """Carries a resolver's error of any kind through pydantic, which lets only ``ValueError`` pass."""

    def __init__(self, error: DenseliteError) -> None:
        super().__init__(str(error))
        self.error = error


class Resolves:
    """Annotation of a field whose value goes through ``get``: a string or config becomes a part.

    Args:
        get: callable ``(value) -> value`` that raises one of the library's errors on what it does not take.

    Example:
        >>> from denselite.declared import Declared
        >>> class Shout(Declared):
        ...     word: Annotated[str, Resolves(str.upper)]
        >>> Shout("hi")
        Shout(word='HI')
    """

    def __init__(self, get: Callable[[Any], Any]) -> None:
        self.get = get

    def _checked(self, value: Any) -> Any:
        try:
            return self.get(value)
        except DenseliteError as error:
            raise RefusedError(error) from None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self._checked)


class Keyword:
    """What ``keyword`` leaves in a class body for ``Declared`` to find."""

    def __init__(self, default: Any) -> None:
        self.default = default


def keyword(*, default: Any = MISSING, kw_only: Literal[True]) -> Any:
    """Declare a keyword-only field; it follows the fields of every subclass.

    Args:
        default: what it is unless given; required without one.
        kw_only: always True, spelled out for type checkers, which read it at the call.
    """
    return Keyword(default)


class Field:
    """One declared argument: its name, its default and whether it is keyword-only."""

    __slots__ = ("default", "kw_only", "name")

    def __init__(self, name: str, default: Any, kw_only: bool) -> None:
        self.name, self.default, self.kw_only = name, default, kw_only
