"""Constants in the shape of another tensor. They are views of one number: they cost nothing per step."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.op import public
from denselite.ops.shaping import broadcast_to
from denselite.tensor.context import constant
from denselite.tensor.dispatch import covers
from denselite.tensor.dtypes import standardize_dtype
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["full_like", "ones_like", "zeros_like"]


@covers(np.full_like)
@public
def full_like(x: Any, fill_value: float, dtype: Any = None) -> Any:
    """Return a tensor of the shape of ``x``, and of its dtype unless ``dtype`` is given, full of ``fill_value``.

    Example:
        >>> full_like(np.array([1.0, 2.0]), 7).tolist()
        [7.0, 7.0]
    """
    x = x.value if isinstance(x, Variable) else x
    if not isinstance(x, Tensor):
        return np.full_like(x, fill_value, dtype)
    found = x.dtype if dtype is None else standardize_dtype(dtype)
    return broadcast_to(constant(np.asarray(fill_value, found)), x.shape)


@covers(np.zeros_like)
@public
def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Return zeros in the shape of ``x``, and in its dtype unless ``dtype`` is given."""
    return full_like(x, 0, dtype)


@covers(np.ones_like)
@public
def ones_like(x: Any, dtype: Any = None) -> Any:
    """Return ones in the shape of ``x``, and in its dtype unless ``dtype`` is given."""
    return full_like(x, 1, dtype)
