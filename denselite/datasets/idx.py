"""Reading IDX, the format that MNIST is published in: a header that says type and sizes, then the numbers."""

from __future__ import annotations

import os
from io import BufferedIOBase
from math import prod

import numpy as np

from denselite.errors import FormatError

__all__ = ["read_idx"]

# The third byte of a file; all numbers are big-endian.
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_DEFLATED = 1032  # a byte that gzip has written stands for no more than so many


def read_idx(path: str | os.PathLike[str]) -> np.ndarray:
    """Return the array in an IDX file; one whose name ends in ``.gz`` is unpacked on the way.

    Nothing is allocated before the sizes in the header are found to fit the file.

    Args:
        path: an existing file.

    Raises:
        FormatError: it is no IDX file, or is longer or shorter than its header says.

    Source:
        LeCun, Cortes and Burges, *The MNIST database of handwritten digits*, 1998: file formats.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = os.path.join(folder, "two.idx")
        ...     with open(path, "wb") as file:
        ...         _ = file.write(bytes([0, 0, 8, 1, 0, 0, 0, 2, 5, 7]))
        ...     read_idx(path)
        array([5, 7], dtype=uint8)
    """
    import gzip
    import zlib

    packed = os.fspath(path).endswith(".gz")
    size = os.path.getsize(path) * (_MOST_DEFLATED if packed else 1)
    try:
        with gzip.open(path) if packed else open(path, "rb") as file:
            return _read(file, size)
    except (ValueError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FormatError(
            f"{os.fspath(path)} expects to be a complete IDX file, but: {error}. Get it again."
        ) from error


def _read(file: BufferedIOBase, most: int) -> np.ndarray:
    """Read an array that takes ``most`` bytes at most."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES:
        raise ValueError(f"it begins with the bytes {magic.hex(' ') or '(none)'}, not with 00 00, a type and a rank")
    sizes = file.read(4 * magic[3])
    if len(sizes) < 4 * magic[3]:
        raise ValueError("it ends within its header")
    dtype, shape = np.dtype(_TYPES[magic[2]]), tuple(np.frombuffer(sizes, ">u4").tolist())
    expected = prod(shape) * dtype.itemsize
    content = file.read(expected + 1) if expected <= most else b""
    if len(content) != expected:
        found = "more" if len(content) > expected else "fewer"
        raise ValueError(f"its header says {expected} bytes of shape {shape}, and there are {found}")
    return np.frombuffer(content, dtype).reshape(shape).astype(dtype.newbyteorder("="))
