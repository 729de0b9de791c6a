"""Arrays and attributes of ONNX files, compared with the bytes that hold them before anything is made."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from denselite.errors import FormatError, UncoveredError
from denselite.ops.op import Array

__all__ = ["array_of", "attributes_of", "check_finite", "dtype_of"]

# ONNX' number of a dtype -> its name, and the field that holds the numbers where they are not raw bytes.
_DTYPES = {
    1: ("float32", "float_data"),
    2: ("uint8", "int32_data"),
    3: ("int8", "int32_data"),
    4: ("uint16", "int32_data"),
    5: ("int16", "int32_data"),
    6: ("int32", "int32_data"),
    7: ("int64", "int64_data"),
    9: ("bool", "int32_data"),
    10: ("float16", "int32_data"),
    11: ("float64", "double_data"),
    12: ("uint32", "uint64_data"),
    13: ("uint64", "uint64_data"),
}
_FIELDS = ("float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data")

# ONNX' number of a kind of attribute -> the field that holds it.
_KINDS = {1: "f", 2: "i", 3: "s", 4: "t", 6: "floats", 7: "ints", 8: "strings"}


def dtype_of(number: int) -> np.dtype[Any]:
    """Return the dtype that ONNX gives a number.

    Raises:
        UncoveredError: it is one that nothing here computes with.
    """
    if number not in _DTYPES:
        import onnx

        known = onnx.TensorProto.DataType
        name = known.Name(number) if number in known.values() else number
        raise UncoveredError(f"holds numbers of type {name}, which nothing here computes with")
    return np.dtype(_DTYPES[number][0])


def array_of(tensor: Any) -> Array:
    """Return a tensor as an array; raw bytes are not copied.

    Args:
        tensor: an ONNX ``TensorProto``.

    Raises:
        UncoveredError: it lies in another file, or is of a dtype that nothing here computes with.
        FormatError: it holds more or fewer bytes than its shape and dtype say.
    """
    if tensor.data_location or tensor.external_data:
        raise UncoveredError("lies in another file, and no other file is opened; save the model as one file")
    dtype, shape = dtype_of(tensor.data_type), tuple(tensor.dims)
    kept = _DTYPES[tensor.data_type][1]
    raw: bytes = tensor.raw_data
    held = len(raw) if raw else len(getattr(tensor, kept))
    expected = prod(shape) * (dtype.itemsize if raw else 1)
    strays = [field for field in _FIELDS if len(getattr(tensor, field)) and (raw or field != kept)]
    if min(shape, default=0) < 0 or held != expected or strays or tensor.HasField("segment"):
        raise FormatError(f"a tensor of shape {shape} and dtype {dtype} needs {expected} bytes or entries, not {held}")
    if raw:
        stored = np.uint8 if dtype.kind == "b" else dtype.newbyteorder("<")
        return np.frombuffer(raw, stored).reshape(shape).astype(dtype, copy=False)
    bits = np.dtype(np.uint16) if dtype == np.float16 else np.dtype(np.int64) if dtype.kind in "bi" else dtype
    found = np.fromiter(getattr(tensor, kept), bits, expected)
    return (found.view(dtype) if dtype == np.float16 else found.astype(dtype, copy=False)).reshape(shape)


def check_finite(name: str, array: Array) -> None:
    """Raise unless all numbers of an array are finite.

    Raises:
        FormatError: one is NaN or infinite.
    """
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise FormatError(f"{name} holds NaN or infinite values. If you want them, pass allow_nonfinite=True.")


def attributes_of(node: Any) -> dict[str, Any]:
    """Return the attributes of a node: numbers, text, lists of them, arrays.

    Args:
        node: an ONNX ``NodeProto``.

    Raises:
        UncoveredError: one is a graph, sparse, or of a function.
        FormatError: one is no text, or a tensor that is not what it says.
    """
    found: dict[str, Any] = {}
    for attribute in node.attribute:
        field = _KINDS.get(attribute.type)
        if field is None or attribute.ref_attr_name:
            raise UncoveredError(f"has an attribute {attribute.name!r} that is no number, text or tensor")
        value = getattr(attribute, field)
        if field == "t":
            value = array_of(value)
        elif field in ("s", "strings"):
            value = _text(value) if field == "s" else [_text(part) for part in value]
        elif field in ("floats", "ints"):
            value = list(value)
        found[attribute.name] = value
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise FormatError(f"{value[:40]!r} is no text: {error}") from None
