"""Writing arrays to an HDF5 file, with h5py."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from denselite.errors import MissingPackageError
from denselite.ops.op import Array

__all__ = ["require_h5py", "write_hdf5"]


def require_h5py() -> Any:
    """Return h5py.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        import h5py
    except ImportError:
        raise MissingPackageError(
            "Keras' files are written with h5py, which is not installed: pip install 'denselite[keras-files]'. "
            "Files in .npz need nothing."
        ) from None
    return h5py


def write_hdf5(groups: Mapping[str, str], arrays: Mapping[str, Array]) -> bytes:
    """Return an HDF5 file; the same contents give the same bytes.

    Args:
        groups: what people call them, by path, also of those that hold no array; their ``vars`` are made.
        arrays: the arrays by path.
    """
    h5py = require_h5py()
    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        for path, name in groups.items():
            file.create_group(f"{path}/vars").attrs["name"] = name
        for path, array in arrays.items():
            file[path] = array
    return buffer.getvalue()
