"""Files that are not the data set they should be."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from denselite.datasets.archive import load_arrays
from denselite.errors import FormatError


def load(path):
    return load_arrays(path, "http://127.0.0.1:9/none", "0" * 64, ("x", "y"))


def test_arrays_come_in_the_order_asked_for(tmp_path):
    np.savez(tmp_path / "a.npz", y=np.arange(2), z=np.ones(1), x=np.zeros(3))
    x, y = load(tmp_path / "a.npz")
    assert (x.tolist(), y.tolist()) == ([0, 0, 0], [0, 1])


def test_file_without_one_of_the_arrays_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros(3), z=np.ones(1))
    with pytest.raises(
        FormatError, match=r"a\.npz expects to be an \.npz file with the arrays x, y, but: it lacks y and has x, z$"
    ):
        load(tmp_path / "a.npz")


def test_single_array_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.ones(2))
    with pytest.raises(FormatError, match=r"arrays x, y, but: it holds a single array, as an \.npy file does"):
        load(tmp_path / "a.npy")


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"PK\x03\x04 broken", pickle.dumps({"x": 1})],
    ids=["empty", "text", "broken zip", "pickle"],
)
def test_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(FormatError, match=r"expects to be an \.npz file with the arrays x, y, but: "):
        load(tmp_path / "a.npz")


def test_pickled_members_are_refused_and_never_loaded(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([{}], object), y=np.ones(1))
    with pytest.raises(FormatError, match=r"but: .*allow_pickle"):
        load(tmp_path / "a.npz")


def test_damaged_member_is_refused(tmp_path, npz):
    content = bytearray(npz(x=np.zeros(1000), y=np.ones(1)))
    content[2000] ^= 255
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(FormatError, match="but: Bad CRC-32"):
        load(tmp_path / "a.npz")
