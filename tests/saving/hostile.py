"""What the tests of hostile files share: zip files written by hand, and a watch over what loading does."""

from __future__ import annotations

import json
import re
import struct
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

import denselite as dl

Members = list[tuple[str, bytes]]
SPARE = 50_000_000  # bytes that reading may take beside three times the file

_SOURCES = [str(Path(package.__file__).parent) for package in (dl, np)]
_SOURCE = re.compile(rf"open \('({'|'.join(map(re.escape, _SOURCES))})/[a-z_/]+\.py',\)")
_watching: list[list[str]] = []
_DEEDS = ("open", "os.", "subprocess.", "socket.", "exec", "compile", "pickle.find_class", "ctypes.", "shutil.")


def _notice(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event.startswith(_DEEDS) and not _is_our_own():
        _watching[-1].append(f"{event} {arguments[:1]!r:.200}")


def _is_our_own() -> bool:
    """Whether a module is imported, or the annotations of a class evaluated: the library's source says which."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib") or frame.f_globals.get("__name__") == "typing":
            return True
        frame = frame.f_back
    return False


sys.addaudithook(_notice)  # for good: a hook cannot be taken away, so it asks whether anybody is watching


@contextmanager
def alone(path: str) -> Iterator[None]:
    """See that within nothing is asked of the system but to open this file, once."""
    deeds: list[str] = []
    _watching.append(deeds)
    try:
        yield
    finally:
        _watching.pop()
        others = [deed for deed in deeds if not _SOURCE.fullmatch(deed)]  # a message may quote the source
        assert others in ([], [f"open {(path,)!r}"]), others


@contextmanager
def frugal(path: str, within: int = SPARE) -> Iterator[list[int]]:
    """See that no more memory is taken than three times the file, and so much; it is put in the list."""
    told: list[int] = []
    tracemalloc.start()
    try:
        yield told
    finally:
        told.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        size = Path(path).stat().st_size
        assert told[0] <= 3 * size + within, f"{told[0]} bytes for a file of {size}"


def load(path: str, within: int = SPARE) -> Any:
    """Load a model, and see that only its file was opened and that memory was kept to the bound."""
    with frugal(path, within), alone(path):
        return dl.models.load_model(path)


def members(path: str) -> Members:
    with zipfile.ZipFile(path) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def write(path: str, contents: Members, **options: Any) -> None:
    Path(path).write_bytes(zipped(contents, **options))


def zipped(
    contents: Members,
    *,
    local: Callable[[str], dict[str, Any]] = lambda name: {},
    central: Callable[[str], dict[str, Any]] = lambda name: {},
    end: dict[str, Any] | None = None,
    before: bytes = b"",
    between: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """Write a zip file of which any field can be bent; ``local`` and ``central`` say which fields of which member."""
    body, directory = bytearray(before), bytearray()
    for name, data in contents:
        said = {
            "name": name.encode(),
            "flags": 0,
            "method": 0,
            "crc": crc32(data),
            "stored": len(data),
            "size": len(data),
            "extra": b"",
        }
        near, far = {**said, **local(name)}, {**said, "at": len(body), **central(name)}
        body += struct.pack(
            "<4s5H3I2H",
            b"PK\3\4",
            20,
            near["flags"],
            near["method"],
            0,
            33,
            near["crc"],
            near["stored"],
            near["size"],
            len(near["name"]),
            len(near["extra"]),
        )
        body += near["name"] + near["extra"] + near.get("data", data)
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 20, 20, far["flags"], far["method"], 0, 33, far["crc"], far["stored"], far["size"],
            len(far["name"]), len(far["extra"]), 0, 0, 0, 0, far["at"],
        )  # fmt: skip
        directory += far["name"] + far["extra"]
    body += between
    told = {
        "disk": 0,
        "count": len(contents),
        "size": len(directory),
        "start": len(body),
        "comment": b"",
        **(end or {}),
    }
    tail = struct.pack(
        "<4s4H2IH",
        b"PK\5\6",
        told["disk"],
        0,
        told["count"],
        told["count"],
        told["size"],
        told["start"],
        len(told["comment"]),
    )
    return bytes(body + directory + tail + told["comment"] + after)


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def edited(contents: Members, edit: Callable[[Any], Any]) -> Members:
    """Change the JSON of a model's members."""
    found = dict(contents)
    value = json.loads(found["model.json"])
    edit(value)
    return list({**found, "model.json": json.dumps(value).encode()}.items())
