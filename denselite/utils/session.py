"""What the process keeps, and small questions."""

from __future__ import annotations

import gc
from typing import Any

from denselite.naming import clear_names
from denselite.tensor import dtypes
from denselite.tensor.symbols import KerasTensor

__all__ = ["clear_session", "is_keras_tensor", "standardize_dtype"]

_PYTHON = {bool: "bool", int: "int32", float: "float32", "int": "int32"}


def clear_session(free_memory: bool = True) -> None:
    """Count the names of layers and metrics from the start again: the next ``Dense`` is ``dense``.

    Args:
        free_memory: also let Python look for memory that nobody holds any more.

    Example:
        >>> from denselite.naming import auto_name
        >>> clear_session(); auto_name("dense")
        'dense'
        >>> clear_session()
    """
    clear_names()
    if free_memory:
        gc.collect()


def is_keras_tensor(x: Any) -> bool:
    """Say whether ``x`` is what ``Input`` or a layer called on such returned.

    Example:
        >>> from denselite.layers import Input
        >>> is_keras_tensor(Input((3,))), is_keras_tensor([1.0])
        (True, False)
    """
    return isinstance(x, KerasTensor)


def standardize_dtype(dtype: Any) -> str:
    """Return the name of a dtype; None is ``floatx()``, and Python's ``int`` and ``float`` have 32 bits.

    Args:
        dtype: a name, a NumPy dtype, a type of Python or NumPy, or None.

    Raises:
        DTypeError: it is no dtype that can be computed with.

    Example:
        >>> standardize_dtype(None), standardize_dtype(int), standardize_dtype("float64")
        ('float32', 'int32', 'float64')
    """
    known = _PYTHON.get(dtype) if isinstance(dtype, type | str) else None
    return known or dtypes.standardize_dtype(dtype).name
