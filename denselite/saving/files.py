"""Paths of model files, and replacing a file as a whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import IO, Any, TypeVar

from denselite.errors import ArgumentError, FormatError
from denselite.saving.unfinished import finish, new_file, remove_leftovers

__all__ = ["KERAS", "existing", "is_keras", "make_way", "model_paths", "replace_file", "weights_path"]

WEIGHTS = ".weights.npz"
KERAS, KERAS_WEIGHTS = ".keras", ".weights.h5"  # of Keras' own files

T = TypeVar("T")


def is_keras(filepath: Any, weights: bool = False) -> bool:
    """Say whether a name is that of a file of Keras' own.

    Args:
        filepath: the name.
        weights: whether it is one of weights alone.
    """
    path: str = os.fspath(filepath)
    return path.endswith(KERAS_WEIGHTS if weights else KERAS)


def model_paths(filepath: Any) -> tuple[str, str]:
    """Return the paths of a model's archive and of the JSON beside it, for either of the two.

    Raises:
        ArgumentError: another ending.
    """
    path = os.fspath(filepath)
    if path.endswith(WEIGHTS):
        raise ArgumentError(
            f"{path!r} ends in '.weights.npz', which means weights alone: use save_weights() and load_weights()."
        )
    stem, ending = os.path.splitext(path)
    if ending not in (".json", ".npz"):
        raise ArgumentError(
            f"A model is kept under a name that ends in '.npz', '.json' or '.keras', got {path!r}.{_older(ending)}"
        )
    return f"{stem}.npz", f"{stem}.json"


def weights_path(filepath: Any, reading: bool = False) -> str:
    """Return the path of a file of weights.

    Args:
        filepath: the path.
        reading: whether a model's file will do as well.

    Raises:
        ArgumentError: another ending.
    """
    path: str = os.fspath(filepath)
    if path.endswith(WEIGHTS):
        return path
    if reading and path.endswith((".npz", ".json")):
        return model_paths(path)[0]
    also = ", or is that of a model's file in '.npz', '.json' or '.keras'" if reading else ""
    ending = os.path.splitext(path)[1]
    raise ArgumentError(
        f"The name of a file of weights ends in '.weights.npz' or '.weights.h5'{also}, got {path!r}.{_older(ending)}"
    )


def _older(ending: str) -> str:
    return f" Whole models in {ending} are of Keras 2." if ending in (".h5", ".hdf5") else ""


def make_way(paths: list[str], overwrite: bool) -> None:
    """Refuse to replace files that are there, unless that is wanted.

    Raises:
        ArgumentError: one of ``paths`` is there, and ``overwrite`` is False.
    """
    there = [path for path in paths if os.path.exists(path)]
    if there and not overwrite:
        raise ArgumentError(f"{there[0]} exists already. Pass overwrite=True to replace it, or choose another name.")


def existing(path: str, given: Any) -> str:
    """Return ``path`` if there is such a file.

    Raises:
        FormatError: there is none.
    """
    if os.path.isfile(path):
        return path
    if os.path.isfile(os.fspath(given)):
        raise FormatError(
            f"{os.fspath(given)} is there and {path}, which holds the weights, is not beside it. "
            "The architecture alone is read by model_from_json()."
        )
    asked = "" if os.fspath(given) == path else f" (asked for was {os.fspath(given)}; the model is in the .npz)"
    raise FormatError(f"There is no file {path}{asked}.")


def replace_file(path: str, write: Callable[[IO[bytes]], T]) -> T:
    """Put a new file in the place of ``path``: whatever happens, it is there as a whole or the old one still is.

    It is written under another name in the same folder, forced to the disk, and renamed; then the folder is forced
    to the disk. What writers that were killed have left in the folder is removed.

    Args:
        path: where.
        write: writes the contents to an open file, which can be read too.

    Returns:
        What ``write`` returned.

    Raises:
        ArgumentError: the folder does not exist.
    """
    folder, name = os.path.split(os.path.abspath(path))
    if not os.path.isdir(folder):
        raise ArgumentError(f"Cannot write {path}: there is no folder {folder}. Make it first.")
    remove_leftovers(folder)
    with new_file(folder, name) as (temporary, file):
        result = write(file)
        file.flush()
        os.fsync(file.fileno())
        finish(temporary, file, path)
    _sync_folder(folder)
    return result


def _sync_folder(folder: str) -> None:
    """Make the new name last through a power failure, where a folder can be synced (not on Windows)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
