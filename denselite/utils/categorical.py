"""Class numbers as one-hot rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.errors import DataError

__all__ = ["to_categorical"]


def to_categorical(x: Any, num_classes: int | None = None) -> np.ndarray[Any, Any]:
    """Return a row with a 1 at its class for each integer, in float64 as Keras does.

    Args:
        x: integers from 0 to ``num_classes - 1``.
        num_classes: length of a row; the largest class + 1 when None.

    Shapes:
        ``(...)`` or ``(..., 1)`` -> ``(..., num_classes)``.

    Raises:
        DataError: ``x`` holds something that is not a class, or nothing at all when ``num_classes`` is None.

    Example:
        >>> to_categorical([2, 0]).tolist()
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    given = np.asarray(x)
    if given.dtype.kind not in "biuf":
        raise DataError(f"to_categorical() expects integers, got dtype {given.dtype}.")
    if given.ndim > 1 and given.shape[-1] == 1:
        given = given[..., 0]
    if num_classes is None:
        if not given.size:
            raise DataError("to_categorical() got no classes to count. Give num_classes.")
        num_classes = int(given.max()) + 1
    whole = np.ones(given.shape, bool) if given.dtype.kind in "biu" else given == np.trunc(given)
    valid = whole & (given >= 0) & (given < num_classes)
    if not valid.all():
        raise DataError(f"to_categorical() expects integers from 0 to {num_classes - 1}, got {given[~valid].flat[0]}.")
    rows = np.zeros((*given.shape, num_classes))
    np.put_along_axis(rows, given.astype(np.intp)[..., None], 1.0, axis=-1)
    return rows
