"""MNIST from a file of one's own, from the cache, from the network."""

from __future__ import annotations

import os

import numpy as np
import pytest

from denselite.datasets import mnist
from denselite.errors import DataError

PARTS = {
    "x_train": np.arange(3 * 28 * 28, dtype=np.uint64).astype(np.uint8).reshape(3, 28, 28),
    "y_train": np.array([5, 0, 4], np.uint8),
    "x_test": np.ones((2, 28, 28), np.uint8),
    "y_test": np.array([7, 2], np.uint8),
}


def check(loaded):
    (x_train, y_train), (x_test, y_test) = loaded
    for found, name in ((x_train, "x_train"), (y_train, "y_train"), (x_test, "x_test"), (y_test, "y_test")):
        np.testing.assert_array_equal(found, PARTS[name], strict=True)


def test_address_and_checksum_are_those_of_keras():
    assert mnist.ORIGIN == "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
    assert mnist.SHA256 == "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def test_load_data_fetches_the_file_once(server, cache, npz, monkeypatch):
    origin, sha = server.serve("/mnist.npz", npz(**PARTS))
    monkeypatch.setattr(mnist, "ORIGIN", origin)
    monkeypatch.setattr(mnist, "SHA256", sha)
    check(mnist.load_data())
    check(mnist.load_data())
    assert server.asked == ["/mnist.npz"]
    assert os.listdir(cache) == ["mnist.npz"]


def test_load_data_keeps_the_download_under_the_name_given(server, cache, npz, monkeypatch):
    origin, sha = server.serve("/mnist.npz", npz(**PARTS))
    monkeypatch.setattr(mnist, "ORIGIN", origin)
    monkeypatch.setattr(mnist, "SHA256", sha)
    check(mnist.load_data("digits.npz"))
    assert os.listdir(cache) == ["digits.npz"]


@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_load_data_of_an_existing_path_reads_it_as_it_is(cache, npz, tmp_path, kind):
    path = tmp_path / "mine.npz"
    path.write_bytes(npz(**PARTS))
    check(mnist.load_data(kind(path)))
    assert not cache.exists()


def test_load_data_without_a_network_says_what_to_do(nobody, cache, monkeypatch):
    monkeypatch.setattr(mnist, "ORIGIN", f"{nobody}/mnist.npz")
    with pytest.raises(
        DataError, match=r"Could not fetch http.*mnist\.npz .* put it at .*datasets.mnist\.npz, or give its path"
    ):
        mnist.load_data()
