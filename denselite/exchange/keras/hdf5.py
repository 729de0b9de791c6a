"""Reading HDF5 files as Keras writes them, and nothing else that HDF5 can be.

HDF5 is a file system in a file: it has links to other files, data that lie elsewhere, are computed, or are packed.
The library for it is a large one in C, and files of strangers are not given to it. What Keras writes takes little:
groups of arrays, each in one piece, found from the first byte on through five kinds of blocks.

    superblock → header of the root group → tree of names → list of names → header of a group or of an array
                                                                          → ...                → its bytes

Whatever else a file asks for is refused, by name where it is known for attacks. Every block is reached once and
every byte belongs to one array at most, so arrays never hold more than the file does.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple, NoReturn

import numpy as np

from denselite.errors import FormatError
from denselite.exchange.keras.hdf5_messages import (
    CONTINUATION,
    GROUP,
    IGNORED,
    KNOWN,
    REFUSED,
    OddArrayError,
    read_array_place,
)
from denselite.ops.op import Array

__all__ = ["read_hdf5"]

_MOST_OBJECTS = 65_535  # groups and arrays
_LONGEST_PATH = 500  # characters
_LONGEST_NAME = 255  # bytes

_SUPERBLOCK = struct.Struct("<8s8B2HI4Q2Q2I16x")
_HEADER = struct.Struct("<BxHII4x")
_MESSAGE = struct.Struct("<2HB3x")
_TWO_PLACES = struct.Struct("<2Q")
_TREE = struct.Struct("<4s2BH2Q")
_PLACE = struct.Struct("<Q")
_NAMES = struct.Struct("<4sBxH")
_NAME = struct.Struct("<2QI4x16x")
_HEAP = struct.Struct("<4s4B3Q")
_NOWHERE = 2**64 - 1
_SOFT_LINK = 2
_SHARED = 2  # a flag of a message: what it says stands elsewhere


class _Found(NamedTuple):
    """An array in the file."""

    path: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    size: int


def read_hdf5(data: bytes, source: str) -> dict[str, Array]:
    """Return the arrays of an HDF5 file by path, as views of its bytes.

    Args:
        data: the file.
        source: where it comes from, for messages.

    Raises:
        FormatError: it is damaged, or asks for what Keras does not write: links, data in other files, packed data,
            types that are no numbers.
    """
    found = list(_Reader(data, source).arrays())
    end, before = 0, ""
    for entry in sorted((entry for entry in found if entry.size), key=lambda entry: entry.start):
        if entry.start < end:
            raise FormatError(f"{source}: {before} and {entry.path} lie on one another.")
        end, before = entry.start + entry.size, entry.path
    return {
        entry.path: np.frombuffer(data, np.dtype(entry.dtype).newbyteorder("<"), prod(entry.shape), entry.start)
        .reshape(entry.shape)
        .astype(entry.dtype, copy=False)
        for entry in found
    }


class _Reader:
    """A walk over a file, from its root to its arrays."""

    def __init__(self, data: bytes, source: str) -> None:
        self.data, self.source = data, source
        self.met: set[int] = set()
        self.messages_left = len(data) // _MESSAGE.size  # as many as there can be side by side

    def refuse(self, reason: str) -> NoReturn:
        raise FormatError(f"{self.source} is not an HDF5 file as Keras writes it: {reason}.")

    def take(self, form: struct.Struct, at: int) -> tuple[Any, ...]:
        if at + form.size > len(self.data):
            self.refuse("it is cut off")
        return form.unpack_from(self.data, at)

    def meet(self, at: int) -> int:
        """Go to a block, to which nothing else may lead."""
        if at in self.met:
            self.refuse(f"two links lead to what lies at byte {at}")
        self.met.add(at)
        return at

    def arrays(self) -> Iterator[_Found]:
        waiting = [("", self.root())]
        paths = {""}
        while waiting:
            path, at = waiting.pop()
            messages = self.header(at, path or "its root")
            if GROUP not in messages:
                yield self.array(path, messages)
                continue
            for name, child in reversed(list(self.children(*_TWO_PLACES.unpack_from(messages[GROUP])))):
                inner = f"{path}/{name}".lstrip("/")
                if inner in paths:
                    self.refuse(f"it holds {inner} twice")
                paths.add(inner)
                if len(paths) > _MOST_OBJECTS or len(inner) > _LONGEST_PATH:
                    self.refuse("it holds too many groups and arrays, or too deep ones")
                waiting.append((inner, child))

    def root(self) -> int:
        """Where the header of the root group lies."""
        if self.data[:8] != b"\x89HDF\r\n\x1a\n":
            self.refuse("it does not begin as one does")
        if self.data[8:9] != b"\0":
            self.refuse("it is of a layout that h5py writes only when asked (libver)")
        told = self.take(_SUPERBLOCK, 0)
        versions, (base, _, end, driver, _, root, kind) = told[1:9], told[12:19]
        if versions != (0, 0, 0, 0, 0, 8, 8, 0) or base or end != len(self.data) or driver != _NOWHERE or kind > 1:
            self.refuse("its beginning is damaged, or it is cut off or a part of other files")
        return int(root)

    def header(self, at: int, who: str) -> dict[int, bytes]:
        """The entries of an object's header that say something, by kind."""
        version, left, _, size = self.take(_HEADER, self.meet(at))
        if version != 1:
            self.refuse(f"{who} has no header that can be read")
        found: dict[int, bytes] = {}
        blocks = [(at + _HEADER.size, size)]
        while blocks and left:
            place, size = blocks.pop()
            end = place + size
            while left and place + _MESSAGE.size <= end:
                kind, length, flags = self.take(_MESSAGE, place)
                start, place = place + _MESSAGE.size, place + _MESSAGE.size + length
                left, self.messages_left = left - 1, self.messages_left - 1
                if place > min(end, len(self.data)) or self.messages_left < 0:
                    self.refuse(f"the header of {who} is damaged")
                if kind in REFUSED:
                    self.refuse(f"{who} {REFUSED[kind]}")
                if kind in IGNORED:
                    continue
                if kind not in KNOWN or kind in found or flags & _SHARED:
                    self.refuse(f"{who} has an entry of kind {kind} that is not known, not its own, or there twice")
                if kind == CONTINUATION:
                    further, size = self.take(_TWO_PLACES, start)
                    blocks.append((self.meet(further), size))
                else:
                    found[kind] = self.data[start:place]
        if GROUP in found and (len(found) > 1 or len(found[GROUP]) < _TWO_PLACES.size):
            self.refuse(f"{who} is a group and an array")
        return found

    def children(self, tree: int, heap: int) -> Iterator[tuple[str, int]]:
        """The names in a group, and where the headers lie that they stand for."""
        signature, version, _, _, _, size, _, names = self.take(_HEAP, self.meet(heap))
        if signature != b"HEAP" or version or names + size > len(self.data):
            self.refuse("the names of a group are damaged")
        waiting = [tree]
        while waiting:
            at = self.meet(waiting.pop())
            if self.data[at : at + 4] == b"TREE":
                waiting += reversed(self.branches(at))
                continue
            signature, version, count = self.take(_NAMES, at)
            if signature != b"SNOD" or version != 1:
                self.refuse("a list of names is damaged")
            for k in range(count):
                offset, header, kind = self.take(_NAME, at + _NAMES.size + k * _NAME.size)
                name = self.name(names + min(offset, size), names + size)
                if kind == _SOFT_LINK:
                    self.refuse(f"{name} is a link to another name")
                yield name, header

    def branches(self, at: int) -> list[int]:
        """Where the trees and lists lie that a tree of names consists of; between them stand names, for searching."""
        _, kind, _, count, *_ = self.take(_TREE, at)
        if kind:
            self.refuse("a tree of names is damaged")
        first = at + _TREE.size + _PLACE.size
        return [self.take(_PLACE, first + 2 * _PLACE.size * k)[0] for k in range(count)]

    def name(self, start: int, end: int) -> str:
        stop = self.data.find(b"\0", start, min(end, start + _LONGEST_NAME + 1))
        name = self.data[start : max(stop, start)]
        if not name or b"/" in name or name in (b".", b".."):
            self.refuse(f"{name!r:.80} is no name")
        try:
            return name.decode()
        except UnicodeDecodeError:
            self.refuse(f"the name {name!r:.80} is not UTF-8")

    def array(self, path: str, messages: dict[int, bytes]) -> _Found:
        try:
            return _Found(path, *read_array_place(messages, len(self.data)))
        except OddArrayError as problem:
            self.refuse(f"{path or 'its root'} {problem}")
