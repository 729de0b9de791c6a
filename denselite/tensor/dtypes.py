"""Which dtypes exist here and how a value gets one."""

from __future__ import annotations

import re
from typing import Any, TypeGuard

import numpy as np

from denselite.config import DTYPES, floatx
from denselite.errors import DTypeError

__all__ = ["is_float", "is_integer", "joint_dtype", "standardize_dtype"]

_NAME = re.compile(r"[<>=|]?[A-Za-z]\w*(\[\w+\])?")  # of others NumPy parses Python literals


def standardize_dtype(dtype: Any = None) -> np.dtype[Any]:
    """Return ``dtype`` as a NumPy dtype; ``None`` and ``"float"`` mean ``floatx()``.

    Raises:
        DTypeError: denselite does not compute with it (object, string, complex, ...).
    """
    if dtype is None or (isinstance(dtype, str) and dtype == "float"):
        return np.dtype(floatx())
    try:
        if isinstance(dtype, str) and not _NAME.fullmatch(dtype):
            raise ValueError
        found: np.dtype[Any] = np.dtype(dtype)
    except (TypeError, ValueError):
        raise DTypeError(f"{dtype!r} is not a dtype. Known: {', '.join(DTYPES)}.") from None
    if found.name not in DTYPES:
        raise DTypeError(f"dtype {found.name!r} cannot be computed with. Known: {', '.join(DTYPES)}.")
    return found


def is_float(dtype: np.dtype[Any]) -> bool:
    """Say whether ``dtype`` is a floating dtype, the only kind that has gradients."""
    return bool(dtype.kind == "f")


def joint_dtype(*dtypes: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype of what operands of these dtypes give together; integers beside floats do not widen them.

    Example:
        >>> joint_dtype(np.dtype("int64"), np.dtype("float32")).name
        'float32'
    """
    return np.result_type(*(list(filter(is_float, dtypes)) or dtypes))


def is_integer(value: Any) -> TypeGuard[int | np.integer[Any]]:
    """Say whether ``value`` is one integer, Python's or NumPy's; a truth value is none.

    Example:
        >>> is_integer(3), is_integer(np.int8(3)), is_integer(True), is_integer(3.0)
        (True, True, False, False)
    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
