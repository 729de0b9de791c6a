"""An ``.npz`` archive: one JSON member that says what is inside, and one array a member.

It is a zip file whose members are stored as they are, so ``numpy.load`` opens it and ``unzip -p m.npz
model.json`` shows its JSON. The same contents give the same bytes. What is read is checked first: the
archive holds exactly the members of its table, each of the size that follows from shape and dtype.
Nothing is unpickled.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import prod  # over Python's integers, which do not overflow
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from denselite.errors import FormatError
from denselite.ops.op import Array
from denselite.saving.contents import DTYPES

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

__all__ = ["read_arrays", "read_text", "table", "write_archive"]

_ENCRYPTED = 0x1


def table(arrays: Mapping[str, Array], names: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the table of an archive's arrays.

    Args:
        arrays: the arrays by key.
        names: what people call them, by key.
    """
    return {key: {"shape": list(a.shape), "dtype": a.dtype.name, "name": names[key]} for key, a in arrays.items()}


def write_archive(file: IO[bytes], text_name: str, text: str, arrays: Mapping[str, Array]) -> None:
    """Write an archive.

    Args:
        file: an open file.
        text_name: the name of the JSON member.
        text: the JSON.
        arrays: the arrays by key; ``.npy`` is put behind it.
    """
    from zipfile import ZIP_STORED, ZipFile, ZipInfo

    with ZipFile(file, "w", ZIP_STORED, allowZip64=True) as archive:
        archive.writestr(ZipInfo(text_name), text.encode())
        for key, array in arrays.items():
            plain = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
            with archive.open(ZipInfo(f"{key}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, plain, version=(1, 0), allow_pickle=False)


def read_text(archive: ZipFile, path: str, text_names: tuple[str, ...]) -> tuple[str, str]:
    """Return the name and the text of the JSON member.

    Raises:
        FormatError: there is none, or members are packed, encrypted or there twice.
    """
    members = archive.infolist()
    names = [member.filename for member in members]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FormatError(f"{path} holds {', '.join(twice)} more than once.")
    wrong = [
        m.filename for m in members if m.compress_type or m.flag_bits & _ENCRYPTED or m.file_size != m.compress_size
    ]
    if wrong:
        raise FormatError(f"{path} holds members that are compressed or encrypted: {', '.join(wrong)}.")
    if sum(member.file_size for member in members) > os.path.getsize(path):
        raise FormatError(f"{path} claims to hold more than its own size.")
    for name in text_names:
        if name in names:
            try:
                return name, _bytes(archive, archive.getinfo(name), path).decode()
            except UnicodeDecodeError as error:
                raise FormatError(f"{path}: {name} is not UTF-8 text: {error}.") from None
    raise FormatError(f"{path} holds no {' or '.join(text_names)}. Was it written by save() or save_weights()?")


def read_arrays(
    archive: ZipFile, path: str, text_name: str, members: Mapping[str, Mapping[str, Any]]
) -> dict[str, Array]:
    """Return the arrays of the table.

    Raises:
        FormatError: the archive holds others, lacks some, or some have another shape or dtype: all are listed.
    """
    found = {member.filename: member for member in archive.infolist() if member.filename != text_name}
    expected = {f"{key}.npy": key for key in members}
    problems = [f"not in its table: {', '.join(sorted(found.keys() - expected))}"] if found.keys() - expected else []
    if expected.keys() - found.keys():
        problems.append(f"missing: {', '.join(sorted(expected.keys() - found))}")
    wrong = [
        problem
        for name, key in expected.items()
        if name in found and (problem := _mismatch(archive, found[name], members[key])) is not None
    ]
    problems += wrong
    if problems:
        raise FormatError(f"{path} does not hold what its {text_name} says. {'; '.join(problems)}.")
    return {key: _array(_bytes(archive, found[name], path), members[key]) for name, key in expected.items()}


def _mismatch(archive: ZipFile, member: ZipInfo, wanted: Mapping[str, Any]) -> str | None:
    """Say how a member differs from its entry in the table; only its header is read."""
    shape, dtype = tuple(wanted["shape"]), np.dtype(wanted["dtype"])
    try:
        with archive.open(member) as file:
            if np.lib.format.read_magic(file) != (1, 0):
                return f"{member.filename} is of another version of the npy format"
            found, fortran, found_dtype = np.lib.format.read_array_header_1_0(file)
            header = file.tell()
    except Exception as error:  # noqa: BLE001 (whatever a damaged header does to the parser)
        return f"{member.filename} cannot be read ({error})"
    if found_dtype.name not in DTYPES or fortran:
        return f"{member.filename} holds {found_dtype} in {'Fortran' if fortran else 'C'} order"
    if found != shape or found_dtype != dtype.newbyteorder("<"):
        return f"{member.filename} has shape {found} and dtype {found_dtype}, expected {shape} and {dtype}"
    size = header + prod(shape) * dtype.itemsize
    if member.file_size != size:
        return f"{member.filename} has {member.file_size} bytes, expected {size}"
    return None


def _array(data: bytes, wanted: Mapping[str, Any]) -> Array:
    dtype, count = np.dtype(wanted["dtype"]), prod(wanted["shape"])
    values = np.frombuffer(data, dtype.newbyteorder("<"), count, len(data) - count * dtype.itemsize)
    return values.reshape(wanted["shape"]).astype(dtype, copy=False)


def _bytes(archive: ZipFile, member: ZipInfo, path: str) -> bytes:
    from zipfile import BadZipFile

    try:
        return archive.read(member)  # compares the checksum
    except (BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise FormatError(f"{path} is damaged: {member.filename} cannot be read ({error}).") from None
