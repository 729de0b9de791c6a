"""Reading a data set's ``.npz``: a file of one's own, or the cached one."""

from __future__ import annotations

import os
from typing import BinaryIO

import numpy as np

from denselite.errors import FormatError
from denselite.utils.files import get_file

__all__ = ["load_arrays"]


def load_arrays(path: str | os.PathLike[str], origin: str, file_hash: str, names: tuple[str, ...]) -> list[np.ndarray]:
    """Return the arrays called ``names``.

    Args:
        path: an existing file, which is read as it is, or the name of the file in the cache.
        origin: where it is fetched from if it is not there.
        file_hash: the SHA-256 of the fetched file.
        names: what the arrays are called in it.

    Raises:
        DataError: it is not there and cannot be fetched.
        FormatError: it is no ``.npz`` file with these arrays.
    """
    import zlib
    from zipfile import BadZipFile

    found = path if os.path.isfile(path) else get_file(os.fspath(path), origin, file_hash)
    with open(found, "rb") as file:
        try:
            return _members(file, names)
        except (ValueError, EOFError, BadZipFile, zlib.error) as error:  # a pickle, an empty file, a damaged archive
            raise FormatError(
                f"{os.fspath(found)} expects to be an .npz file with the arrays {', '.join(names)}, but: {error}"
            ) from error


def _members(file: BinaryIO, names: tuple[str, ...]) -> list[np.ndarray]:
    archive = np.load(file, allow_pickle=False)
    if isinstance(archive, np.ndarray):
        raise ValueError("it holds a single array, as an .npy file does")
    absent = [name for name in names if name not in archive]
    if absent:
        raise ValueError(f"it lacks {', '.join(absent)} and has {', '.join(archive.files)}")
    return [archive[name] for name in names]
