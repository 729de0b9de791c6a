"""The entries of an HDF5 object's header: what a file of weights needs, what says nothing, and what is refused."""

from __future__ import annotations

import struct
from math import prod

import numpy as np

__all__ = ["CONTINUATION", "GROUP", "IGNORED", "KNOWN", "REFUSED", "OddArrayError", "read_array_place"]

DATASPACE, DATATYPE, LAYOUT, CONTINUATION, GROUP = 0x01, 0x03, 0x08, 0x10, 0x11
KNOWN = {DATASPACE, DATATYPE, LAYOUT, CONTINUATION, GROUP}
IGNORED = {0x00, 0x04, 0x05, 0x0C, 0x0E, 0x12}  # nothing, fill values, attributes, times
REFUSED = {
    0x02: "is a group of a layout that h5py writes only when asked",
    0x06: "holds a link of a layout that h5py writes only when asked",
    0x07: "has its data in another file",
    0x0A: "is a group of a layout that h5py writes only when asked",
    0x0B: "has packed data (a filter)",
    0x0F: "is described elsewhere",
}

_MOST_AXES = 32
_MOST_BYTES = 1 << 62  # of an array, were its axes of size 0 of size 1
_CLASSES = (
    "integers", "floats", "times", "strings", "bit fields", "opaque data", "records", "references", "enumerations",
    "strings or lists of any length", "arrays",
)  # fmt: skip


class OddArrayError(ValueError):
    """Something about an array that no file of Keras has; the message continues the array's name."""


def read_array_place(messages: dict[int, bytes], end: int) -> tuple[str, tuple[int, ...], int, int]:
    """Return the dtype and shape of an array, and the first byte and the number of bytes of its data.

    Args:
        messages: the entries of its header by kind.
        end: the size of the file.

    Raises:
        OddArrayError: it is no array of numbers, or not one whose bytes are all in one piece of the file.
    """
    if not {DATASPACE, DATATYPE, LAYOUT} <= messages.keys():
        raise OddArrayError("is neither a group nor an array")
    dtype, shape = _dtype(messages[DATATYPE]), _shape(messages[DATASPACE])
    start, size = _place(messages[LAYOUT])
    itemsize = np.dtype(dtype).itemsize
    if prod(axis or 1 for axis in shape) * itemsize > _MOST_BYTES:
        raise OddArrayError(f"has shape {shape}, which no array can have")
    expected = prod(shape) * itemsize
    if size != expected or (expected and start + size > end):  # also where there are no data but a value to fill in
        raise OddArrayError(
            f"has shape {shape} and dtype {dtype}, which take {expected} bytes, and has {size} at byte {start}"
        )
    return dtype, shape, start, size


def _known_types() -> dict[bytes, str]:
    """The numbers of NumPy as HDF5 describes them, little-endian."""
    found = {}
    for size in (1, 2, 4, 8):
        for name, signed in ((f"int{8 * size}", 8), (f"uint{8 * size}", 0)):
            found[struct.pack("<4BI2H", 0x10, signed, 0, 0, size, 0, 8 * size)] = name
    for size, exponent, mantissa in ((2, 5, 10), (4, 8, 23), (8, 11, 52)):
        head = struct.pack("<4BI2H", 0x11, 0x20, 8 * size - 1, 0, size, 0, 8 * size)
        bias = 2 ** (exponent - 1) - 1
        found[head + struct.pack("<4BI", mantissa, exponent, 0, mantissa, bias)] = f"float{8 * size}"
    return found


_TYPES = _known_types()


def _dtype(body: bytes) -> str:
    length = {0: 12, 1: 20}.get(body[0] & 15 if body else -1, 0)
    if body[:length] in _TYPES:
        return _TYPES[body[:length]]
    kind = body[0] & 15 if body else len(_CLASSES)
    told = _CLASSES[kind] if kind < len(_CLASSES) else "data of a type that is not known"
    raise OddArrayError(f"holds {told}, which are no numbers of a type that NumPy has, lowest byte first")


def _shape(body: bytes) -> tuple[int, ...]:
    version, rank, flags = body[:3] if len(body) >= 8 else (0, 0, 0)
    if version != 1 or rank > _MOST_AXES or flags > 1 or len(body) < 8 + 8 * rank * (1 + flags):
        raise OddArrayError("has a shape that cannot be read")
    shape = struct.unpack_from(f"<{rank}Q", body, 8)
    if flags and struct.unpack_from(f"<{rank}Q", body, 8 + 8 * rank) != shape:
        raise OddArrayError("can be made larger, which no weight can")
    return shape


def _place(body: bytes) -> tuple[int, int]:
    """Where data lie that are in one piece."""
    version, kind = body[:2] if len(body) >= 2 else (0, 0)
    if version == 4 and kind == 3:
        raise OddArrayError("has data that are taken from other files (a virtual data set)")
    if version != 3 or kind != 1 or len(body) < 18:
        raise OddArrayError("has data that are not in one piece of the file")
    start, size = struct.unpack_from("<2Q", body, 2)
    return (start, size) if size else (0, 0)
