"""Rules of when an op treats rows apart: row i of its result comes from row i of the operands that have rows.

A rule is asked ``rule(rows, out, *operands, **attrs)``: ``rows`` says of each operand whether it has rows, a first axis
that follows the batch; what has none is the same for every row. ``out`` and the operands have ``shape`` and ``ndim``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["along", "broadcast", "each", "first", "over"]


def broadcast(rows: Sequence[bool], out: Any, /, *operands: Any, **attrs: Any) -> bool:
    """Elements come from those at the same place: rows have to meet rows."""
    return all(
        (x.ndim == out.ndim and x.shape[0] == out.shape[0]) if has_rows else (x.ndim < out.ndim or x.shape[0] == 1)
        for has_rows, x in zip(rows, operands, strict=True)
    )


def along(rows: Sequence[bool], out: Any, /, *operands: Any, axis: int, **attrs: Any) -> bool:
    """Something happens along an axis, which must not be that of the rows."""
    return all(rows) and axis != 0


def over(rows: Sequence[bool], out: Any, x: Any, /, *, axes: Sequence[int], **attrs: Any) -> bool:
    """Axes are reduced, among which must not be that of the rows."""
    return 0 not in axes


def each(rows: Sequence[bool], out: Any, /, *operands: Any, **attrs: Any) -> bool:
    """The first operand is taken row by row, with all of the others."""
    return rows[0] and not any(rows[1:])


def first(rows: Sequence[bool], out: Any, /, *operands: Any, **attrs: Any) -> bool:
    """The result is the first operand; the others serve its gradient."""
    return rows[0]
