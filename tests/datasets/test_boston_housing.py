"""Boston housing: shuffled and split as Keras does."""

from __future__ import annotations

import numpy as np
import pytest

from denselite.datasets import boston_housing
from denselite.errors import ArgumentError


@pytest.fixture
def path(tmp_path):
    np.savez(tmp_path / "b.npz", x=np.arange(130.0).reshape(10, 13), y=np.arange(10.0))
    return tmp_path / "b.npz"


def test_address_and_checksum_are_those_of_keras():
    assert boston_housing.ORIGIN == "https://storage.googleapis.com/tensorflow/tf-keras-datasets/boston_housing.npz"
    assert boston_housing.SHA256 == "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def test_load_data_shuffles_by_seed_and_splits_off_the_last_part(path):
    (x_train, y_train), (x_test, y_test) = boston_housing.load_data(path)
    assert y_train.tolist() == [9, 3, 6, 1, 0, 7, 4, 8]  # np.random.RandomState(113).shuffle(np.arange(10))
    assert y_test.tolist() == [2, 5]
    assert x_train[:, 0].tolist() == [13 * y for y in y_train]
    assert x_test[:, 0].tolist() == [13 * y for y in y_test]


def test_load_data_with_another_seed_gives_another_order(path):
    (_, first), _ = boston_housing.load_data(path)
    (_, second), _ = boston_housing.load_data(path, seed=1)
    assert first.tolist() != second.tolist()


def test_load_data_with_no_test_share_keeps_every_row_to_train_on(path):
    (x_train, _), (x_test, y_test) = boston_housing.load_data(path, test_split=0)
    assert (x_train.shape, x_test.shape, y_test.shape) == ((10, 13), (0, 13), (0,))


def test_load_data_leaves_the_global_generator_alone(path):
    before = np.random.get_state()[1].tolist()
    boston_housing.load_data(path)
    assert np.random.get_state()[1].tolist() == before


@pytest.mark.parametrize("share", [-0.1, 1, 1.5, float("nan")])
def test_load_data_with_a_share_out_of_range_is_refused(path, share):
    with pytest.raises(ArgumentError, match=f"test_split expects a number of 0 or more and below 1, got {share}"):
        boston_housing.load_data(path, test_split=share)


def test_load_data_fetches_the_file(server, cache, npz, monkeypatch):
    origin, sha = server.serve("/b.npz", npz(x=np.ones((506, 13)), y=np.ones(506)))
    monkeypatch.setattr(boston_housing, "ORIGIN", origin)
    monkeypatch.setattr(boston_housing, "SHA256", sha)
    (x_train, _), (x_test, _) = boston_housing.load_data()
    assert (x_train.shape, x_test.shape) == ((404, 13), (102, 13))
    assert (cache / "boston_housing.npz").is_file()
