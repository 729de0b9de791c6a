"""A long array, a stretch of rows at a time: what is looked at once never has to lie in memory whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

__all__ = ["row_blocks"]

BLOCK_BYTES = 1 << 20


def row_blocks(array: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield ``(first row, rows)`` over all of ``array``, about 1 MiB at a time.

    Example:
        >>> [(start, block.shape) for start, block in row_blocks(np.zeros((300_000, 1)))]
        [(0, (131072, 1)), (131072, (131072, 1)), (262144, (37856, 1))]
    """
    array = np.asarray(array)
    rows = max(1, BLOCK_BYTES * len(array) // max(1, array.nbytes))
    for start in range(0, len(array), rows):
        yield start, array[start : start + rows]
