"""Archives as they are written: other readers read them, and so do we, also beyond 32 bits."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from denselite.errors import FormatError
from denselite.saving import zipped
from denselite.saving.zipped import read_directory, read_member, write_zip

MEMBERS = [("a.json", [b"{}"]), ("ü/0.npy", [b"x" * 50, np.arange(9, dtype="uint8")]), ("empty", [b""])]
CONTENTS = [b"{}", b"x" * 50 + bytes(range(9)), b""]


def written() -> io.BytesIO:
    file = io.BytesIO()
    write_zip(file, MEMBERS)
    return file


def test_other_readers_read_what_is_written() -> None:
    with zipfile.ZipFile(written()) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [name for name, _ in MEMBERS]
        assert [archive.read(name) for name in archive.namelist()] == CONTENTS


@pytest.mark.parametrize("limit", [0xFFFFFFFF, 40, 0])
def test_what_is_written_is_read_also_with_numbers_of_64_bits(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "_ELSEWHERE", limit)
    file = written()
    found = read_directory(file, "a.zip")
    assert list(found) == [name for name, _ in MEMBERS]
    assert [read_member(file, member, "a.zip") for member in found.values()] == CONTENTS


def test_archives_of_others_are_read_if_they_are_as_plain(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for (name, _), data in zip(MEMBERS, CONTENTS, strict=True):
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
                member.write(data)
    with open(path, "rb") as file:
        assert list(read_directory(file, str(path))) == [name for name, _ in MEMBERS]


def test_checksum_is_compared() -> None:
    file = written()
    member = read_directory(file, "a.zip")["a.json"]
    with pytest.raises(FormatError, match=r"a.zip is damaged: a.json cannot be read \(Bad CRC-32\)"):
        read_member(file, member._replace(crc=1), "a.zip")
