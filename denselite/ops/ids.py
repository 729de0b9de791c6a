"""Ids: whole numbers that name the rows of a table, looked at before they are used."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.errors import DataError
from denselite.ops.apart import broadcast
from denselite.ops.op import Array, Op, Run

__all__ = ["checked_ids"]


def _check(ids: Array, rows: int, who: str) -> None:
    if not ids.size:
        return
    low, high = np.minimum.reduce(ids, None), np.maximum.reduce(ids, None)
    if low < 0 or high >= rows:
        raise DataError(f"{who} has rows for the ids 0 to {rows - 1}, got {low if low < 0 else high}.")


def _kernel(run: Run, out: Array, x: Array, *, rows: int, who: str) -> None:
    run(np.copyto, out, x, "unsafe")
    run(_check, out, rows, who)


_checked_ids = Op(
    "checked_ids",
    infer=lambda x, *, rows, who: (x.shape, np.dtype(np.intp)),
    kernel=_kernel,
    python=True,
    apart=broadcast,
    sample=lambda rng: ([rng.integers(0, 5, (3, 4))], {"rows": 5, "who": "the table"}),
)


def checked_ids(x: Any, rows: int, who: str) -> Any:
    """Return ``x`` as whole numbers, which are known to lie between 0 and ``rows - 1``.

    Args:
        x: numbers; what stands behind the point is dropped.
        rows: how many rows there are.
        who: whose rows they are, for the error.

    Raises:
        DataError: (whenever values come by, so in every step of a program) one lies outside.

    Example:
        >>> checked_ids(np.array([0.0, 2.0]), 3, "the table").tolist()
        [0, 2]
    """
    return _checked_ids(x, rows=rows, who=who)
