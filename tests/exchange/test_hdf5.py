"""HDF5 files: what Keras writes is read, whatever else the format can be is refused before memory is taken."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from denselite.errors import FormatError, MissingPackageError
from denselite.exchange.keras.hdf5 import read_hdf5
from denselite.exchange.keras.hdf5_writing import write_hdf5
from tests.saving.hostile import alone, frugal
from tests.saving.mutations import bent_hdf5

h5py = pytest.importorskip("h5py")

TYPES = [f"{sign}int{8 * size}" for sign in ("", "u") for size in (1, 2, 4, 8)] + ["float16", "float32", "float64"]


def file_of(write: Callable[[Any], Any], **options: Any) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **options) as file:
        write(file)
    return buffer.getvalue()


def read(data: bytes) -> Any:
    """Read, and see that nothing is asked of the system and that memory is kept to the bound."""
    Path("m.h5").write_bytes(data)
    with frugal("m.h5"), alone("m.h5"):
        return read_hdf5(data, "m.h5")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("dtype", TYPES)
def test_arrays_of_every_type_and_shape_come_back(dtype: str) -> None:
    wanted = {
        "a/vars/0": np.arange(6).reshape(2, 3).astype(dtype),
        "a/vars/1": np.array(7, dtype),
        "b/vars/0": np.zeros((0, 3), dtype),
        "e": np.ones((1, 2, 1, 2), dtype),
    }
    found = read(write_hdf5({"a": "first", "c": "empty"}, wanted))
    assert found.keys() == wanted.keys()
    for key, array in wanted.items():
        np.testing.assert_array_equal(found[key], array, strict=True)


def test_groups_of_many_names_are_read() -> None:
    wanted = {f"layers/dense_{k}/vars/0": np.array([k]) for k in range(2500)}  # trees of two storeys
    found = read(write_hdf5({}, wanted))
    assert {key: int(array[0]) for key, array in found.items()} == {key: int(a[0]) for key, a in wanted.items()}


def test_attributes_of_any_number_say_nothing() -> None:
    def write(file: Any) -> None:
        file["a"] = np.ones(2)
        for k in range(7):
            file["a"].attrs[f"note{k}"] = "x" * 1000

    assert read(file_of(write))["a"].tolist() == [1.0, 1.0]


def test_same_contents_give_the_same_bytes() -> None:
    assert write_hdf5({"g": "n"}, {"g/vars/0": np.ones(3)}) == write_hdf5({"g": "n"}, {"g/vars/0": np.ones(3)})


def test_missing_h5py_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'denselite\[keras-files\]'"):
        write_hdf5({}, {})


# What HDF5 can do and Keras does not.


def linked_outside(file: Any) -> None:
    with h5py.File("other.h5", "w") as other:
        other["a"] = np.ones(2)
    file["a"] = h5py.ExternalLink("other.h5", "a")


def linked_twice(file: Any) -> None:
    file["a"] = np.ones(2)
    file["b"] = file["a"]


def circle(file: Any) -> None:
    file.create_group("g")["again"] = file["/"]


def virtual(file: Any) -> None:
    layout = h5py.VirtualLayout(shape=(2,), dtype="f4")
    layout[:] = h5py.VirtualSource("other.h5", "a", shape=(2,))
    file.create_virtual_dataset("a", layout)


def committed(file: Any) -> None:
    file["type"] = np.dtype("f4")
    file.create_dataset("a", (2,), file["type"], data=np.ones(2))


FEATURES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "a link to another name": (lambda f: f.__setitem__("a", h5py.SoftLink("/etc")), "a is a link to another name"),
    "a link to another file": (linked_outside, "layout that h5py writes only when asked|has an entry|link"),
    "two names of one array": (linked_twice, "two links lead to what lies at byte"),
    "a group within itself": (circle, "two links lead to what lies at byte"),
    "data in another file": (
        lambda f: f.create_dataset("a", (2,), "f4", external=[("/etc/passwd", 0, 8)]),
        "a has its data in another file",
    ),
    "virtual data": (virtual, "virtual|not in one piece"),
    "a filter": (lambda f: f.create_dataset("a", data=np.ones(9), compression="gzip"), "a has packed data"),
    "a bomb": (lambda f: f.create_dataset("a", (10**10,), "f8", chunks=(10**6,), compression="gzip"), "a has packed data"),
    "data in pieces": (lambda f: f.create_dataset("a", data=np.ones(9), chunks=(3,)), "a has data that are not in one piece"),
    "a shape that grows": (lambda f: f.create_dataset("a", (9,), "f4", maxshape=(None,)), "a can be made larger|in one piece"),
    "a value that fills": (lambda f: f.create_dataset("a", (10**12,), "f8", fillvalue=1.0), "which take 8000000000000 bytes"),
    "text": (lambda f: f.__setitem__("a", "x"), "a holds strings"),
    "text of a length": (lambda f: f.__setitem__("a", np.array([b"abc"])), "a holds strings"),
    "lists": (lambda f: f.create_dataset("a", (2,), h5py.vlen_dtype("f4")), "a holds strings or lists of any length"),
    "references": (lambda f: f.create_dataset("a", (2,), h5py.ref_dtype), "a holds references"),
    "records": (lambda f: f.__setitem__("a", np.zeros(2, [("x", "f4")])), "a holds records"),
    "opaque data": (lambda f: f.__setitem__("a", np.zeros(2, "V4")), "a holds opaque data"),
    "truths": (lambda f: f.__setitem__("a", np.zeros(2, bool)), "a holds enumerations"),
    "complex numbers": (lambda f: f.__setitem__("a", np.zeros(2, complex)), "a holds"),
    "the highest byte first": (lambda f: f.__setitem__("a", np.zeros(2, ">f4")), "lowest byte first"),
    "no shape": (lambda f: f.__setitem__("a", h5py.Empty("f4")), "a has a shape that cannot be read"),
    "a type with a name": (committed, "not its own|neither a group nor an array"),
    "groups in one another": (lambda f: f.create_group("/".join(["g"] * 400)), "too many groups and arrays, or too deep"),
    "a long name": (lambda f: f.__setitem__("a" * 300, np.ones(2)), "is no name"),
}  # fmt: skip


@pytest.mark.parametrize("feature", FEATURES)
def test_what_keras_does_not_write_is_refused(feature: str) -> None:
    write, message = FEATURES[feature]
    with pytest.raises(FormatError, match=message):
        read(file_of(write))


@pytest.mark.parametrize("options", [{"libver": "latest"}, {"userblock_size": 512}])
def test_other_layouts_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(FormatError, match=r"layout that h5py writes only when asked|does not begin as one does"):
        read(file_of(lambda f: f.__setitem__("a", np.ones(2)), **options))


# Bytes that h5py would not write.


@pytest.fixture
def plain() -> bytearray:
    return bytearray(write_hdf5({"g": "n"}, {"g/vars/0": np.ones((2, 3), "f4"), "g/vars/1": np.full(7, 2.0, "f4")}))


def test_arrays_on_one_another_are_refused(plain: bytearray) -> None:
    ones, twos = plain.index(np.ones(6, "f4").tobytes()), plain.index(np.full(7, 2.0, "f4").tobytes())
    place = plain.index(struct.pack("<2B2Q", 3, 1, twos, 28))
    plain[place + 2 : place + 10] = struct.pack("<Q", ones)
    with pytest.raises(FormatError, match=r"g/vars/0 and g/vars/1 lie on one another"):
        read(bytes(plain))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (struct.pack("<2Q", 2, 3), struct.pack("<2Q", 2, 4), r"can be made larger|which take 32 bytes, and has 24"),
        (struct.pack("<4Q", 2, 3, 2, 3), struct.pack("<4Q", 2**40, 3, 2**40, 3), "which take 13194139533312 bytes"),
        (struct.pack("<4Q", 2, 3, 2, 3), struct.pack("<4Q", 2**63, 0, 2**63, 0), "which no array can have"),
        (b"\x11\x20\x1f\0\4", b"\x11\x20\x1f\0\2", "holds floats, which are no numbers of a type"),
        (b"TREE\0\0", b"TREE\1\0", "a tree of names is damaged"),
        (b"SNOD\1", b"SNOD\2", "a list of names is damaged"),
        (b"HEAP\0", b"HEAP\1", "the names of a group are damaged"),
        (b"vars\0", b"v/rs\0", "is no name"),
        (b"vars\0", b"v\xffrs\0", "is not UTF-8"),
        (b"vars\0", b"..\0s\0", "is no name"),
        (b"\x89HDF", b"\x88HDF", "does not begin as one does"),
    ],
)
def test_changed_bytes_are_refused(plain: bytearray, old: bytes, new: bytes, message: str) -> None:
    assert old in plain
    with pytest.raises(FormatError, match=message):
        read(bytes(plain).replace(old, new))


@pytest.mark.parametrize("size", [0, 8, 9, 50, 95, 200, 1000, -1])
def test_file_that_is_cut_off_is_refused(plain: bytearray, size: int) -> None:
    with pytest.raises(FormatError, match=r"m\.h5 is not an HDF5 file as Keras writes it"):
        read(bytes(plain[:size]))


GOOD = write_hdf5({"g": "n", "h": "m"}, {f"g/vars/{k}": np.ones((2, 3), "f4") for k in range(12)})


def settled(seed: int) -> None:
    data = bent_hdf5(GOOD, Random(seed))
    try:
        found = read_hdf5(data, "m.h5")
    except FormatError:  # and no other
        return
    assert sum(array.nbytes for array in found.values()) <= len(data)


@settings(max_examples=200)
@given(st.integers(0, 2**63))
def test_changed_file_is_arrays_or_a_format_error(seed: int) -> None:
    settled(seed)


@pytest.mark.slow
@settings(max_examples=int(os.environ.get("DENSELITE_FUZZ", "20000")))
@given(st.integers(0, 2**63))
def test_changed_file_is_arrays_or_a_format_error_for_long(seed: int) -> None:
    settled(seed)
