"""The header of an array, as ``numpy.save`` writes it: told from a pattern, never evaluated."""

from __future__ import annotations

import re

import numpy as np

__all__ = ["DTYPES", "MOST_HEADER", "read_header"]

DTYPES = (
    "bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
)  # fmt: skip

_MAGIC = b"\x93NUMPY\x01\x00"
_NAMES = {np.dtype(name).newbyteorder("<").str: name for name in DTYPES}
_HEADER = re.compile(
    r"\{'descr': '([<>|=]?[A-Za-z]+[0-9]*)', 'fortran_order': (True|False), "
    r"'shape': \(((?:[0-9]+, ?)*[0-9]*)\), \} *\n",
    re.ASCII,
)

_HEAD = len(_MAGIC) + 2  # with the length of the header
MOST_HEADER = 4096


def read_header(data: bytes) -> tuple[str, tuple[int, ...], int] | str:
    """Return the dtype, the shape and the length of the header that an array begins with, or what is wrong with it.

    Args:
        data: its first bytes, ``MOST_HEADER`` of them or all there are.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> np.save(file, np.zeros((2, 3), "float32"))
        >>> read_header(file.getvalue())
        ('float32', (2, 3), 128)
        >>> read_header(b"no array")
        'it does not begin as an array does'
    """
    if data[: len(_MAGIC)] != _MAGIC:
        return "it does not begin as an array does"
    end = _HEAD + int.from_bytes(data[len(_MAGIC) : _HEAD], "little")
    if end > len(data):
        return "its header is too long"
    found = _HEADER.fullmatch(data[_HEAD:end].decode("latin-1"))
    if found is None:
        return "its header is not as numpy.save writes it"
    descr, fortran, axes = found.groups()
    if descr not in _NAMES or fortran == "True":
        return f"it holds {descr!r} in {'Fortran' if fortran == 'True' else 'C'} order"
    sizes = [axis.strip() for axis in axes.split(",") if axis.strip()]
    if len(sizes) > 32 or any(len(size) > 18 for size in sizes):
        return "its shape is out of range"
    return _NAMES[descr], tuple(map(int, sizes)), end
