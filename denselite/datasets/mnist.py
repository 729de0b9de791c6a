"""MNIST: 70,000 handwritten digits of 28 by 28 pixels."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import numpy as np

from denselite.datasets.archive import load_arrays
from denselite.datasets.idx import read_idx
from denselite.errors import DataError, FormatError
from denselite.saving.files import replace_file

__all__ = ["load_data", "load_idx"]

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"

_NAMES = ("x_train", "y_train", "x_test", "y_test")
_IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
_CACHE = "mnist-idx.npz"

Split = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def load_data(path: str | os.PathLike[str] = "mnist.npz") -> Split:
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
    x_train, y_train, x_test, y_test = load_arrays(path, ORIGIN, SHA256, _NAMES)
    return (x_train, y_train), (x_test, y_test)


def load_idx(folder: str | os.PathLike[str]) -> Split:
    """Return the digits to train on and those to test on from the four files that MNIST was published as.

    The files are ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and
    ``t10k-labels-idx1-ubyte``, each as it is or packed (``.gz``). Where the folder can be written,
    ``mnist-idx.npz`` is left in it and read from then on, unless one of the files is newer. Other data in these files
    (Fashion-MNIST, KMNIST) is read as well.

    Args:
        folder: where the files lie.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``.

    Shapes:
        x: ``(60000, 28, 28)`` and ``(10000, 28, 28)``, 0 to 255; y: ``(60000,)`` and ``(10000,)``, 0 to 9.

    Raises:
        DataError: a file is not there.
        FormatError: a file is no IDX file, or images and labels are not as many.
    """
    paths = [_packed_or_not(folder, name) for name in _IDX]
    cache = os.path.join(folder, _CACHE)
    if os.path.isfile(cache) and os.path.getmtime(cache) > max(map(os.path.getmtime, paths)):
        return load_data(cache)
    x_train, y_train, x_test, y_test = arrays = [read_idx(path) for path in paths]
    for x, y, path in ((x_train, y_train, paths[0]), (x_test, y_test, paths[2])):
        if x.ndim != 3 or y.shape != x.shape[:1]:
            raise FormatError(
                f"{path} and the labels beside it expect shapes (n, height, width) and (n,), got {x.shape} and "
                f"{y.shape}. Put the four files of one data set there."
            )
    named: dict[str, Any] = dict(zip(_NAMES, arrays, strict=True))
    with contextlib.suppress(OSError):  # a folder that is read-only is read the long way each time
        replace_file(cache, lambda file: np.savez(file, **named))
    return (x_train, y_train), (x_test, y_test)


def _packed_or_not(folder: str | os.PathLike[str], name: str) -> str:
    path = os.path.join(folder, name)
    for found in (path, f"{path}.gz"):
        if os.path.isfile(found):
            return found
    raise DataError(f"There is no {name} in {os.fspath(folder)}, and no {name}.gz. Put the four files of MNIST there.")
