"""MNIST: 70,000 handwritten digits of 28 by 28 pixels."""

from __future__ import annotations

import os

import numpy as np

from denselite.datasets.archive import load_arrays

__all__ = ["load_data"]

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(
    path: str | os.PathLike[str] = "mnist.npz",
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the digits to train on and those to test on, as uint8.

    Args:
        path: an existing file, which is read as it is; otherwise the name that the download is kept
            under, in ``$KERAS_HOME/datasets`` or ``~/.keras/datasets``.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``.

    Shapes:
        x: ``(60000, 28, 28)`` and ``(10000, 28, 28)``, 0 to 255; y: ``(60000,)`` and ``(10000,)``, 0 to 9.

    Raises:
        DataError: the file is not there and cannot be fetched.
        FormatError: the file is not this data set.

    Source:
        LeCun, Cortes and Burges, *The MNIST database of handwritten digits*, 1998.
    """
    x_train, y_train, x_test, y_test = load_arrays(path, ORIGIN, SHA256, ("x_train", "y_train", "x_test", "y_test"))
    return (x_train, y_train), (x_test, y_test)
