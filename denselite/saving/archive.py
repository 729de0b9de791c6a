"""An ``.npz`` archive: one JSON member that says what is inside, and one array a member.

It is a zip file whose members are stored as they are, so ``numpy.load`` opens it and ``unzip -p m.npz
model.json`` shows its JSON. The same contents give the same bytes. What is read is checked first, before any
memory is taken for it: the archive holds exactly the members of its table, each of the size that follows from
shape and dtype. Nothing is unpickled or evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from math import prod  # over Python's integers, which do not overflow
from typing import IO, Any

import numpy as np

from denselite.errors import FormatError
from denselite.ops.op import Array
from denselite.saving.npy import MOST_HEADER, read_header
from denselite.saving.text import Limits
from denselite.saving.zipped import Member, read_member, write_zip

MOST_BYTES = 1 << 62  # of an array, were its axes of size 0 of size 1

__all__ = ["check_arrays", "read_array", "read_text", "table", "write_archive"]


def table(
    arrays: Mapping[str, Array], names: Mapping[str, str], units: Mapping[str, float]
) -> dict[str, dict[str, Any]]:
    """Return the table of an archive's arrays.

    Args:
        arrays: the arrays by key.
        names: what people call them, by key.
        units: what they are in units of, by key, where that is not 1.
    """
    return {
        key: {"shape": list(array.shape), "dtype": array.dtype.name, "name": names[key]}
        | ({"unit": units[key]} if key in units else {})
        for key, array in arrays.items()
    }


def write_archive(file: IO[bytes], text_name: str, text: str, arrays: Mapping[str, Array]) -> None:
    """Write an archive.

    Args:
        file: an open file.
        text_name: the name of the JSON member.
        text: the JSON.
        arrays: the arrays by key; ``.npy`` is put behind it.
    """
    members: list[tuple[str, list[Any]]] = [(text_name, [text.encode()])]
    for key, array in arrays.items():
        plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        header = BytesIO()
        told = {"descr": plain.dtype.str, "fortran_order": False, "shape": array.shape}
        np.lib.format.write_array_header_1_0(header, told)
        members.append((f"{key}.npy", [header.getvalue(), plain.reshape(-1).view(np.uint8)]))
    write_zip(file, members)


def read_text(
    file: IO[bytes], path: str, members: Mapping[str, Member], text_names: tuple[str, ...]
) -> tuple[str, str]:
    """Return the name and the text of the JSON member.

    Raises:
        FormatError: there is none, or it is no text or too long.
    """
    for name in text_names:
        if name in members:
            if members[name].size > Limits.size:
                raise FormatError(f"{path}: {name} has {members[name].size} bytes, at most {Limits.size} are read.")
            try:
                return name, read_member(file, members[name], path).decode()
            except UnicodeDecodeError as error:
                raise FormatError(f"{path}: {name} is not UTF-8 text: {error}.") from None
    raise FormatError(f"{path} holds no {' or '.join(text_names)}. Was it written by save() or save_weights()?")


def check_arrays(
    file: IO[bytes],
    path: str,
    members: Mapping[str, Member],
    text_name: str,
    described: Mapping[str, Mapping[str, Any]],
) -> None:
    """Hold the members of an archive to its table; of each only the header is read.

    Raises:
        FormatError: the archive holds others, lacks some, or some have another shape or dtype: all are listed.
    """
    found = members.keys() - {text_name}
    expected = {f"{key}.npy": key for key in described}
    problems = [f"not in its table: {', '.join(sorted(found - expected.keys()))}"] if found - expected.keys() else []
    if expected.keys() - found:
        problems.append(f"missing: {', '.join(sorted(expected.keys() - found))}")
    problems += [
        problem
        for name, key in expected.items()
        if name in found and (problem := _mismatch(file, members[name], described[key])) is not None
    ]
    if problems:
        raise FormatError(f"{path} does not hold what its {text_name} says. {'; '.join(problems)}.")


def _mismatch(file: IO[bytes], member: Member, wanted: Mapping[str, Any]) -> str | None:
    """Say how a member differs from its entry in the table."""
    file.seek(member.start)
    read = read_header(file.read(min(MOST_HEADER, member.size)))
    if isinstance(read, str):
        return f"{member.name} cannot be read ({read})"
    dtype, shape, header = read
    expected = tuple(wanted["shape"])
    if (dtype, shape) != (wanted["dtype"], expected):
        return f"{member.name} has shape {shape} and dtype {dtype}, expected {expected} and {wanted['dtype']}"
    itemsize = np.dtype(dtype).itemsize
    if prod(size or 1 for size in shape) * itemsize > MOST_BYTES:
        return f"{member.name} has shape {shape}, which no array can have"
    size = header + prod(shape) * itemsize
    return None if member.size == size else f"{member.name} has {member.size} bytes, expected {size}"


def read_array(
    file: IO[bytes], path: str, member: Member, wanted: Mapping[str, Any], allow_nonfinite: bool = False
) -> Array:
    """Return an array that ``check_arrays`` has passed.

    Args:
        file: the archive.
        path: where it lies, for messages.
        member: the array's place in it.
        wanted: its entry in the table.
        allow_nonfinite: whether NaN and infinities are values like others.

    Raises:
        FormatError: its checksum is another, or it holds what is no value of its dtype or is not finite.
    """
    dtype, count = np.dtype(wanted["dtype"]), prod(wanted["shape"])
    data = read_member(file, member, path)
    values = np.frombuffer(data, dtype.newbyteorder("<"), count, len(data) - count * dtype.itemsize)
    if dtype.kind == "b" and count and values.view(np.uint8).max() > 1:
        raise FormatError(f"{path} is damaged: {member.name} holds bytes that are neither true nor false.")
    if dtype.kind == "f" and not allow_nonfinite and not np.isfinite(values).all():
        raise FormatError(
            f"{path}: {member.name} ({wanted['name']}) holds NaN or infinite values. If you want them, pass "
            "allow_nonfinite=True."
        )
    return values.reshape(wanted["shape"]).astype(dtype, copy=False)
