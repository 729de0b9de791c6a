"""Rows scaled to norm 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.errors import DataError
from denselite.tensor.dtypes import standardize_dtype

__all__ = ["normalize"]


def normalize(x: Any, axis: int = -1, order: float = 2) -> np.ndarray[Any, Any]:
    """Return ``x`` divided by its norm along an axis; where the norm is 0, as it is.

    Args:
        x: an array keeps its float dtype (integers become float64); a list becomes ``floatx()``.
        axis: the axis along which the norm is 1 afterwards. (Keras 3.15 divides by the wrong norms for axis 0.)
        order: 2 for the Euclidean norm, 1 for the sum of absolute values, ``np.inf`` for the largest.

    Shapes:
        any -> the same, and one row of it for a single axis, as in Keras.

    Raises:
        DataError: ``x`` has no such axis.

    Example:
        >>> normalize([[3.0, 4.0], [0.0, 0.0]]).round(1).tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    given = x if isinstance(x, np.ndarray) else np.asarray(x, standardize_dtype())
    if not -given.ndim <= axis < given.ndim:
        raise DataError(f"normalize() got axis {axis} for x of shape {given.shape}.")
    rows = np.atleast_2d(given)
    norm = np.linalg.norm(rows, order, axis if axis < 0 else axis + rows.ndim - given.ndim, keepdims=True)
    norm[norm == 0] = 1
    scaled: np.ndarray[Any, Any] = rows / norm
    return scaled
