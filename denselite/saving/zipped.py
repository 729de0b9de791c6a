"""Zip files of which nothing is left open: members stored as they are, one behind the other, nothing between.

A zip file says everything twice, at each member and in the directory at its end, and readers differ in what they
believe. Here both have to agree, and together they have to account for every byte of the file.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO, Any, NamedTuple, NoReturn

from denselite.errors import FormatError

__all__ = ["MOST_MEMBERS", "Member", "read_directory", "read_member", "write_zip"]

MOST_MEMBERS = 65_535

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64 = struct.Struct("<4sIQI")
_UTF_8 = 0x800
_DATE = 33  # 1980-01-01, the first there is
_ELSEWHERE = 0xFFFFFFFF  # the number is in the extra field, which has 64 bits for it


class Member(NamedTuple):
    """A file in the archive: its contents are ``size`` bytes from ``start``."""

    name: str
    start: int
    size: int
    crc: int


class _Reader:
    def __init__(self, file: IO[bytes], path: str) -> None:
        self.file, self.path = file, path
        self.size = file.seek(0, 2)

    def refuse(self, reason: str) -> NoReturn:
        raise FormatError(f"{self.path} is not an archive that can be read: {reason}.")

    def take(self, start: int, size: int) -> bytes:
        if start < 0 or size < 0 or start + size > self.size:
            self.refuse("it is cut off")
        self.file.seek(start)
        data = self.file.read(size)
        if len(data) != size:
            self.refuse("it is cut off")
        return data

    def directory(self) -> tuple[int, int, int]:
        """Where the directory starts and ends, and how many entries it has."""
        end = self.size - _END.size
        signature, *disks, count, size, start, comment = _END.unpack(self.take(end, _END.size))
        if signature != b"PK\5\6" or comment:
            self.refuse("it does not end as a zip file does")
        locator = end - _LOCATOR_64.size
        if locator >= 0 and self.take(locator, 4) == b"PK\6\7":
            _, _, end, _ = _LOCATOR_64.unpack(self.take(locator, _LOCATOR_64.size))
            record = _END_64.unpack(self.take(end, _END_64.size))
            signature, length, _, _, *disks, count, size, start = record
            if signature != b"PK\6\6" or length != _END_64.size - 12 or end + _END_64.size != locator:
                self.refuse("its end record is damaged")
        if disks != [0, 0, count] or start + size != end:
            self.refuse("its directory is not at its end")
        if count > MOST_MEMBERS or count * _CENTRAL.size > size:
            self.refuse(f"it claims to hold {count} members")
        return start, end, count


def read_directory(file: IO[bytes], path: str) -> dict[str, Member]:
    """Return the members of an archive by name, in the order in which they lie.

    Args:
        file: the archive.
        path: where it lies, for messages.

    Raises:
        FormatError: it is no archive, or one with members that are packed, encrypted, there twice, or do not lie
            one behind the other.
    """
    reader = _Reader(file, path)
    start, end, count = reader.directory()
    data = memoryview(reader.take(start, end - start))
    entries: list[tuple[int, Member]] = []
    packed: list[str] = []
    twice: set[str] = set()
    names: set[str] = set()
    place = 0
    for _ in range(count):
        if place + _CENTRAL.size > len(data):
            reader.refuse("its directory is cut off")
        signature, _, _, flags, method, _, _, crc, stored, size, name_length, extra_length, comment, disk, _, _, at = (
            _CENTRAL.unpack_from(data, place)
        )
        place += _CENTRAL.size
        name = _name(bytes(data[place : place + name_length]), reader)
        extra = bytes(data[place + name_length : place + name_length + extra_length])
        place += name_length + extra_length
        if signature != b"PK\1\2" or comment or disk or place > len(data):
            reader.refuse("its directory is damaged")
        size, stored, at = _wide(extra, [size, stored, at], reader)
        if method or flags & ~_UTF_8 or size != stored:
            packed.append(name)
        if name in names:
            twice.add(name)
        names.add(name)
        entries.append((at, Member(name, 0, size, crc)))
    if place != len(data):
        reader.refuse("its directory is damaged")
    if twice:
        raise FormatError(f"{path} holds {', '.join(sorted(twice))} more than once.")
    if packed:
        raise FormatError(f"{path} holds members that are compressed or encrypted: {', '.join(packed)}.")
    return _located(reader, sorted(entries), start)


def _located(reader: _Reader, entries: list[tuple[int, Member]], end: int) -> dict[str, Member]:
    """Find the contents of each member; what stands at it has to say what the directory says."""
    found: dict[str, Member] = {}
    place = 0
    for at, member in entries:
        if at != place:
            reader.refuse(f"{member.name} does not lie behind the member before it")
        signature, _, flags, method, _, _, crc, stored, size, name_length, extra_length = _LOCAL.unpack(
            reader.take(at, _LOCAL.size)
        )
        rest = reader.take(at + _LOCAL.size, name_length + extra_length)
        size, stored = _wide(rest[name_length:], [size, stored], reader)
        told = (_name(rest[:name_length], reader), size, stored, crc, method, flags & ~_UTF_8)
        if signature != b"PK\3\4" or told != (member.name, member.size, member.size, member.crc, 0, 0):
            reader.refuse(f"what stands at {member.name} is not what the directory says of it")
        start = at + _LOCAL.size + len(rest)
        found[member.name] = member._replace(start=start)
        place = start + member.size
    if place != end:
        reader.refuse("there is something between its members and its directory")
    return found


def _name(data: bytes, reader: _Reader) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        reader.refuse(f"the name {data!r:.80} is not UTF-8")


def _wide(extra: bytes, numbers: list[int], reader: _Reader) -> list[int]:
    """Take numbers that do not fit in 32 bits from the extra field, which holds nothing else."""
    waiting = [k for k, number in enumerate(numbers) if number == _ELSEWHERE]
    expected = struct.pack("<2H", 1, 8 * len(waiting)) if waiting else b""
    if extra[:4] != expected or len(extra) != len(expected) + 8 * len(waiting):
        reader.refuse("a member has an extra field that is not known")
    wide = struct.unpack(f"<{len(waiting)}Q", extra[4:])
    return [wide[waiting.index(k)] if k in waiting else number for k, number in enumerate(numbers)]


def read_member(file: IO[bytes], member: Member, path: str) -> bytes:
    """Return the contents of a member.

    Raises:
        FormatError: they do not have their checksum.
    """
    from zlib import crc32

    file.seek(member.start)
    data = file.read(member.size)
    if len(data) != member.size or crc32(data) != member.crc:
        raise FormatError(f"{path} is damaged: {member.name} cannot be read (Bad CRC-32).")
    return data


def write_zip(file: IO[bytes], members: Sequence[tuple[str, Sequence[Any]]]) -> None:
    """Write an archive; the same contents give the same bytes.

    Args:
        file: an open file, empty.
        members: names, and the parts (bytes or flat arrays of bytes) that the contents are made of.
    """
    from zlib import crc32

    directory: list[bytes] = []
    place = 0
    for name, parts in members:
        title, crc, size = name.encode(), 0, sum(len(part) for part in parts)
        for part in parts:
            crc = crc32(part, crc)
        flags = 0 if name.isascii() else _UTF_8
        (short, _), wide = _narrow([size, size])
        local = _LOCAL.pack(b"PK\3\4", 45, flags, 0, 0, _DATE, crc, short, short, len(title), len(wide))
        for piece in (local, title, wide, *parts):
            file.write(piece)
        (short, _, at), extra = _narrow([size, size, place])
        entry = (45, 45, flags, 0, 0, _DATE, crc, short, short, len(title), len(extra), 0, 0, 0, 0, at)
        directory.append(_CENTRAL.pack(b"PK\1\2", *entry) + title + extra)
        place += len(local) + len(title) + len(wide) + size
    listed = b"".join(directory)
    file.write(listed)
    end, count = place + len(listed), len(members)
    (start, length), far = _narrow([place, len(listed)])
    if far:
        file.write(_END_64.pack(b"PK\6\6", _END_64.size - 12, 45, 45, 0, 0, count, count, len(listed), place))
        file.write(_LOCATOR_64.pack(b"PK\6\7", 0, end, 1))
    file.write(_END.pack(b"PK\5\6", 0, 0, count, count, length, start, 0))


def _narrow(numbers: list[int]) -> tuple[list[int], bytes]:
    """Return numbers as 32 bits hold them, and the extra field for those that do not fit."""
    wide = [number for number in numbers if number >= _ELSEWHERE]
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    return [min(number, _ELSEWHERE) for number in numbers], extra
