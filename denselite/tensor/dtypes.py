"""Which dtypes exist here and how a value gets one."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np

from denselite.config import floatx
from denselite.errors import DTypeError

__all__ = ["is_float", "is_integer", "standardize_dtype"]

_KNOWN = {
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64",
}  # fmt: skip


def standardize_dtype(dtype: Any = None) -> np.dtype[Any]:
    """Return ``dtype`` as a NumPy dtype; ``None`` and ``"float"`` mean ``floatx()``.

    Raises:
        DTypeError: denselite does not compute with it (object, string, complex, ...).
    """
    if dtype is None or (isinstance(dtype, str) and dtype == "float"):
        return np.dtype(floatx())
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        raise DTypeError(f"{dtype!r} is not a dtype. Known: {', '.join(sorted(_KNOWN))}.") from None
    if found.name not in _KNOWN:
        raise DTypeError(f"dtype {found.name!r} cannot be computed with. Known: {', '.join(sorted(_KNOWN))}.")
    return found


def is_float(dtype: np.dtype[Any]) -> bool:
    """Say whether ``dtype`` is a floating dtype, the only kind that has gradients."""
    return bool(dtype.kind == "f")


def is_integer(value: Any) -> TypeGuard[int | np.integer[Any]]:
    """Say whether ``value`` is one integer, Python's or NumPy's; a truth value is none.

    Example:
        >>> is_integer(3), is_integer(np.int8(3)), is_integer(True), is_integer(3.0)
        (True, True, False, False)
    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
