"""Masks: which entries of an array or a tensor count, told beside it.

A mask is a boolean array with a leading part of the shape; False says that an entry is padding. A
layer that makes one (``Masking``, ``Embedding``) attaches it to what it returns; losses, metrics
and the layers behind read it there. A symbol keeps its mask in a slot. An array cannot, so the
masks of arrays stand in a table that forgets an array when it is gone.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from denselite.tensor.symbols import KerasTensor, Tensor

__all__ = ["get_mask", "keep_mask", "set_mask", "with_mask"]

_of_arrays: dict[int, tuple[weakref.ref[Any], Any]] = {}  # id of an array that lives -> the array, its mask


def get_mask(value: Any) -> Any:
    """Return the mask of an array, a tensor or a Keras tensor; None where there is none.

    Example:
        >>> x = np.ones((1, 2))
        >>> set_mask(x, np.array([[True, False]]))
        >>> get_mask(x).tolist(), get_mask(x.copy())
        ([[True, False]], None)
    """
    if isinstance(value, Tensor | KerasTensor):
        return value.mask
    return _of_arrays[id(value)][1] if id(value) in _of_arrays else None


def set_mask(value: Any, mask: Any) -> None:
    """Attach ``mask`` to an array, a tensor or a Keras tensor; a number without axes takes none."""
    if isinstance(value, Tensor | KerasTensor):
        value.mask = mask
    elif isinstance(value, np.ndarray):
        key = id(value)
        _of_arrays[key] = weakref.ref(value, lambda _: _of_arrays.pop(key, None)), mask


def with_mask(value: Any, mask: Any) -> Any:
    """Return ``value`` with ``mask``: a tensor itself, of an array a view (it may be the caller's own)."""
    value = value.view() if isinstance(value, np.ndarray) else value
    set_mask(value, mask)
    return value


def keep_mask(source: Any, value: Any) -> Any:
    """Return ``value``, which is ``source`` in another shape or dtype, with the mask of ``source``."""
    mask = get_mask(source)
    if mask is not None and value is not source:
        set_mask(value, mask)
    return value
