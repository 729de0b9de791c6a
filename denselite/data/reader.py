"""Batches that somebody else makes: unpacked, and held to what the first one looked like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from denselite.data.arrays import is_literal
from denselite.data.batch import ReadyBatch
from denselite.data.layout import Layout, lay_out
from denselite.data.source import Spec, TargetCheck
from denselite.errors import DataError

__all__ = ["BatchReader", "unpack"]


def unpack(item: Any, name: str) -> tuple[Any, Any, Any]:
    """Return ``(x, y, sample_weight)`` of a batch given as ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``.

    A list counts as a tuple, as in Keras, unless it spells out one array; several inputs alone are
    therefore given as ``([a, b],)``.

    Raises:
        DataError: there are none, or more than three.
    """
    if not (isinstance(item, tuple) or (isinstance(item, list) and not is_literal(item))):
        return item, None, None
    if not 1 <= len(item) <= 3:
        raise DataError(
            f"{name} expects x, (x,), (x, y) or (x, y, sample_weight), "
            f"got a {type(item).__name__} of {len(item)} entries."
        )
    x, y, sample_weight = (*item, None, None)[:3]
    return x, y, sample_weight


class BatchReader:
    """Reads batches that look like the first one.

    Args:
        first: the first batch, as it was made.
        floatx: what floats are cast to.
    """

    def __init__(self, first: Any, floatx: np.dtype[Any]) -> None:
        self.floatx = floatx
        self.checks: Sequence[TargetCheck | None] = ()
        layout = self._lay_out(first, "batch 0")
        self.structure = layout.structure
        self.specs = [Spec(array.shape[1:], dtype) for array, dtype in zip(layout.arrays, layout.dtypes, strict=True)]

    def read(self, item: Any, number: int) -> ReadyBatch:
        """Return batch ``number``, counted from 0.

        Raises:
            DataError: it is not like the first batch, or its labels cannot be used.
            DTypeError: it holds something that is no number.
        """
        layout = self._lay_out(item, f"batch {number}")
        if layout.structure != self.structure:
            raise DataError(
                f"batch {number} expects the structure of batch 0, {self.structure!r}, got {layout.structure!r}."
            )
        for array, name, spec in zip(layout.arrays, layout.names, self.specs, strict=True):
            if array.shape[1:] != spec.shape or not np.can_cast(array.dtype, spec.dtype, "same_kind"):
                raise DataError(
                    f"{name} expects samples like those of batch 0, shape {spec.shape} and dtype {spec.dtype}; "
                    f"got shape {array.shape[1:]} and dtype {array.dtype}. Only the number of samples may change."
                )
        for leaf, check in enumerate(self.checks, start=self.structure.x.num_leaves):
            if check:
                check(layout.arrays[leaf], layout.names[leaf])
        return ReadyBatch(layout.arrays, layout.rows)

    def _lay_out(self, item: Any, name: str) -> Layout:
        return lay_out(*unpack(item, name), self.floatx, f"{name}: ")
