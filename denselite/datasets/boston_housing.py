"""Boston housing: 506 districts, 13 figures about each, and the median price of a home in 1,000 dollars."""

from __future__ import annotations

import os

import numpy as np

from denselite.datasets.archive import load_arrays
from denselite.errors import ArgumentError

__all__ = ["load_data"]

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/boston_housing.npz"
SHA256 = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(
    path: str | os.PathLike[str] = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the districts to train on and those to test on, shuffled and split as Keras does.

    One of the figures is a share of residents by race: the data serves to compare with older work,
    not as a model for new work.

    Args:
        path: an existing file, which is read as it is; otherwise the name that the download is kept
            under, in ``$KERAS_HOME/datasets`` or ``~/.keras/datasets``.
        test_split: the share to test on, 0 or more and below 1.
        seed: of the shuffle.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``.

    Shapes:
        x: ``(404, 13)`` and ``(102, 13)``; y: ``(404,)`` and ``(102,)``, 5 to 50.

    Raises:
        ArgumentError: ``test_split`` is out of range.
        DataError: the file is not there and cannot be fetched.
        FormatError: the file is not this data set.

    Source:
        Harrison and Rubinfeld, *Hedonic prices and the demand for clean air*, 1978.
    """
    if not 0 <= test_split < 1:
        raise ArgumentError(f"test_split expects a number of 0 or more and below 1, got {test_split!r}.")
    x, y = load_arrays(path, ORIGIN, SHA256, ("x", "y"))
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)  # Keras' own generator, for Keras' own split
    train, test = np.split(order, [int(len(x) * (1 - test_split))])
    return (x[train], y[train]), (x[test], y[test])
