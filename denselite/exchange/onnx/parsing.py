"""Parsing ONNX files: by the package ``onnx``, after a look at how much there is to parse.

A message within a message is two bytes of file and some hundred of memory, and a packed integer is one and eight. So
what the file consists of is counted first, in its bytes, as protocol buffers write them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from denselite.errors import FormatError, MissingPackageError

__all__ = ["parse_onnx"]

PARTS = 300_000  # fields of all messages, a few dozen of which make a node
_PACKED = 16  # bytes of packed numbers that count as a part
_VARINT, _EIGHT, _LENGTH, _FOUR = 0, 1, 2, 5  # kinds of fields


def parse_onnx(path: str) -> Any:
    """Return the ``ModelProto`` in a file.

    Raises:
        FormatError: there is no such file, it is none of ONNX, or consists of too many parts.
        MissingPackageError: ``onnx`` is not installed.
    """
    try:
        from google.protobuf.message import DecodeError
        from onnx import ModelProto
    except ImportError:
        raise MissingPackageError(
            "Reading ONNX needs the package onnx, which is not installed: pip install 'denselite[onnx]'."
        ) from None
    try:
        with open(path, "rb") as file:
            data = file.read()
        if _has_more(data, ModelProto.DESCRIPTOR):
            raise FormatError(f"{path} consists of more than {PARTS:,} parts, which is no model.")
        found = ModelProto.FromString(data)
    except (OSError, DecodeError, IndexError) as error:
        raise FormatError(f"{path} cannot be read as ONNX: {error}.") from None
    if not found.HasField("graph") or not found.graph.output:
        raise FormatError(f"{path} is no ONNX file: it holds no graph that returns something.")
    return found


def _has_more(data: bytes, kind: Any) -> bool:
    """Tell whether a message has more parts than are read.

    Raises:
        IndexError: it ends too early.
    """
    parts, waiting = 0, [(0, len(data), kind)]
    while waiting and parts <= PARTS:
        start, end, kind = waiting.pop()
        for field, first, last in _fields(data, start, end):
            parts += 1
            known = kind.fields_by_number.get(field)
            if known is None:
                continue
            if known.message_type is not None:
                waiting.append((first, last, known.message_type))
            elif known.cpp_type in (known.CPPTYPE_INT32, known.CPPTYPE_INT64, known.CPPTYPE_UINT64, known.CPPTYPE_ENUM):
                parts += (last - first) // _PACKED
            if parts > PARTS:
                break
    return parts > PARTS


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the number of each field, and where it begins and ends."""
    while at < end:
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == _VARINT:
            last = _varint(data, at)[1]
        elif kind == _LENGTH:
            length, at = _varint(data, at)
            last = at + length
        elif kind in (_EIGHT, _FOUR):
            last = at + (8 if kind == _EIGHT else 4)
        else:
            raise IndexError(f"a field of kind {kind}")
        if last > end:
            raise IndexError("a field is longer than what holds it")
        yield tag >> 3, at, last
        at = last


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the integer that begins at a place, seven bits a byte, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise IndexError("an integer of more than 10 bytes")
