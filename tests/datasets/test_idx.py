"""IDX files: a header of type and sizes, big-endian, and exactly as many numbers as it says."""

from __future__ import annotations

import gzip
import os
import struct

import numpy as np
import pytest

from denselite.datasets import mnist
from denselite.datasets.idx import read_idx
from denselite.errors import DataError, FormatError

IMAGES = np.arange(3 * 2 * 2, dtype=np.uint8).reshape(3, 2, 2)
LABELS = np.array([5, 0, 4], np.uint8)
TWO_BY_THREE = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3]) + bytes(range(6))


def idx(array, code=0x08):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape) + array.tobytes()


def fill(folder, packed=True):
    """Write the four files; the digits to test on are the first two."""
    for name, array in (
        ("train-images-idx3-ubyte", IMAGES),
        ("train-labels-idx1-ubyte", LABELS),
        ("t10k-images-idx3-ubyte", IMAGES[:2]),
        ("t10k-labels-idx1-ubyte", LABELS[:2]),
    ):
        if packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(idx(array)))
        else:
            (folder / name).write_bytes(idx(array))


def check(loaded):
    (x_train, y_train), (x_test, y_test) = loaded
    for found, expected in ((x_train, IMAGES), (y_train, LABELS), (x_test, IMAGES[:2]), (y_test, LABELS[:2])):
        np.testing.assert_array_equal(found, expected, strict=True)


def test_file_is_read_by_its_header_as_an_array_that_can_be_written(tmp_path):
    (tmp_path / "a").write_bytes(TWO_BY_THREE)
    found = read_idx(tmp_path / "a")
    np.testing.assert_array_equal(found, np.array([[0, 1, 2], [3, 4, 5]], np.uint8), strict=True)
    found += 1


@pytest.mark.parametrize(
    ("code", "dtype"),
    [(0x08, "u1"), (0x09, "i1"), (0x0B, "i2"), (0x0C, "i4"), (0x0D, "f4"), (0x0E, "f8")],
)
def test_every_type_is_read_in_the_byte_order_of_the_machine(tmp_path, code, dtype):
    (tmp_path / "a.gz").write_bytes(gzip.compress(idx(np.array([1, 2, 100], f">{dtype}"), code)))
    np.testing.assert_array_equal(read_idx(str(tmp_path / "a.gz")), np.array([1, 2, 100], dtype), strict=True)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it begins with the bytes (none), not with 00 00, a type and a rank"),
        (b"\x93NUMPY", "it begins with the bytes 93 4e 55 4d, not with 00 00, a type and a rank"),
        (b"\0\0\x0a\1", "it begins with the bytes 00 00 0a 01, not with 00 00, a type and a rank"),
        (TWO_BY_THREE[:11], "it ends within its header"),
        (TWO_BY_THREE[:-1], "its header says 6 bytes of shape (2, 3), and there are fewer"),
        (TWO_BY_THREE + b"\0", "its header says 6 bytes of shape (2, 3), and there are more"),
    ],
    ids=["empty", "another format", "unknown type", "short header", "too short", "too long"],
)
@pytest.mark.parametrize("name", ["a", "a.gz"])
def test_damaged_file_is_refused(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(gzip.compress(content) if name == "a.gz" else content)
    with pytest.raises(FormatError) as caught:
        read_idx(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name} expects to be a complete IDX file, but: {told}. Get it again."


@pytest.mark.parametrize("name", ["a", "a.gz"])
def test_sizes_that_the_file_cannot_hold_are_refused_before_anything_is_allocated(tmp_path, name):
    header = bytes([0, 0, 8, 3]) + b"\xff\xff\xff\xff" * 3
    (tmp_path / name).write_bytes(gzip.compress(header) if name == "a.gz" else header)
    with pytest.raises(FormatError, match=r"79228162458924105385300197375 bytes of shape \(4294967295, .*fewer"):
        read_idx(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"hello", gzip.compress(TWO_BY_THREE)[:-4]], ids=["empty", "text", "cut off"])
def test_broken_gzip_is_refused(tmp_path, content):
    (tmp_path / "a.gz").write_bytes(content)
    with pytest.raises(FormatError, match=r"a\.gz expects to be a complete IDX file, but: "):
        read_idx(tmp_path / "a.gz")


@pytest.mark.parametrize("packed", [True, False])
def test_load_idx_reads_the_four_files(tmp_path, packed):
    fill(tmp_path, packed)
    check(mnist.load_idx(tmp_path))


def test_load_idx_leaves_an_archive_that_it_reads_from_then_on(tmp_path, monkeypatch):
    fill(tmp_path)
    for name in os.listdir(tmp_path):
        os.utime(tmp_path / name, (1, 1))
    mnist.load_idx(tmp_path)
    monkeypatch.setattr(mnist, "read_idx", None)
    check(mnist.load_idx(str(tmp_path)))
    check(mnist.load_data(tmp_path / "mnist-idx.npz"))


def test_load_idx_reads_files_that_are_newer_than_the_archive(tmp_path):
    fill(tmp_path)
    np.savez(tmp_path / "mnist-idx.npz", old=np.ones(1))
    os.utime(tmp_path / "mnist-idx.npz", (1, 1))
    check(mnist.load_idx(tmp_path))


def test_load_idx_reads_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(path, write):
        raise PermissionError(path)

    fill(tmp_path)
    monkeypatch.setattr(mnist, "replace_file", refuse)
    check(mnist.load_idx(tmp_path))
    assert not (tmp_path / "mnist-idx.npz").exists()


def test_load_idx_names_the_file_that_is_not_there(tmp_path):
    fill(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError) as caught:
        mnist.load_idx(tmp_path)
    assert str(caught.value) == (
        f"There is no t10k-labels-idx1-ubyte in {tmp_path}, and no t10k-labels-idx1-ubyte.gz. "
        "Put the four files of MNIST there."
    )


def test_load_idx_refuses_labels_that_are_not_as_many_as_the_images(tmp_path):
    fill(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(LABELS[:2])))
    with pytest.raises(
        FormatError, match=r"expect shapes \(n, height, width\) and \(n,\), got \(3, 2, 2\) and \(2,\)\. Put"
    ):
        mnist.load_idx(tmp_path)
