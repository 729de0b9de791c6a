"""State dicts of torch in ``.safetensors`` files, by the package ``safetensors`` (extra ``safetensors``).

A file is the length of a header (8 bytes), the header (JSON: dtype, shape and place of each tensor), and the tensors.
The package's reader is written in Rust and strict: the tensors have to fill the file to the byte, each with the bytes
that follow from dtype and shape, so what is read is never larger than the file. The length of the header is compared
with the file's size before.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, FormatError, MissingPackageError
from denselite.exchange.torch.layers import modules_of
from denselite.exchange.torch.state import load_state_dict, to_state_dict
from denselite.ops.op import Array
from denselite.saving.files import replace_file
from denselite.saving.text import Limits

__all__ = ["load_safetensors", "read_tensors", "save_safetensors"]

_DTYPES = ("F16", "F32", "F64", "I64")  # of weights, and of the counter that torch's BatchNorm has


def save_safetensors(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write the weights of a model as the state dict of an ``nn.Sequential``; see ``to_state_dict``.

    Args:
        model: a built ``Sequential``, or a ``Model`` of one layer after the other.
        filepath: a name that ends in ``.safetensors``.
        overwrite: whether a file that is there may be replaced.

    Raises:
        ArgumentError: another ending, a file that is in the way, no such folder, or a model that holds what torch has
            no module for; then nothing was written.
        StateError: the model is not built.
        MissingPackageError: ``safetensors`` is not installed.
    """
    path = _checked(filepath)
    state = to_state_dict(model)
    if os.path.exists(path) and not overwrite:
        raise ArgumentError(f"{path} exists already. Pass overwrite=True to replace it, or choose another name.")
    data = _package("safetensors.numpy").save(state, {"format": "pt"})  # what torch's own readers look for
    replace_file(path, lambda file: file.write(data))


def load_safetensors(model: Any, filepath: Any, allow_nonfinite: bool = False) -> None:
    """Set the weights of a model to those in a file, all or none; see ``load_state_dict``.

    Args:
        model: a built ``Sequential``, or a ``Model`` of one layer after the other.
        filepath: a name that ends in ``.safetensors``.
        allow_nonfinite: whether weights may be NaN or infinite.

    Raises:
        ArgumentError: another ending, or a model that holds what torch has no module for.
        FormatError: there is no such file, it is damaged, it does not fit the model, or it holds NaN or infinite
            weights that nobody asked for.
        StateError: the model is not built.
        MissingPackageError: ``safetensors`` is not installed.
    """
    modules_of(model)  # what cannot be carried is no fault of the file
    state = read_tensors(filepath)
    infinite = [] if allow_nonfinite else [name for name, array in state.items() if not np.isfinite(array).all()]
    if infinite:
        raise FormatError(
            f"{os.fspath(filepath)}: {', '.join(infinite)} holds NaN or infinite values. If you want them, pass "
            "allow_nonfinite=True."
        )
    try:
        load_state_dict(model, state)
    except ArgumentError as error:
        raise FormatError(f"{os.fspath(filepath)}: {error}") from None


def read_tensors(filepath: Any) -> dict[str, Array]:
    """Return the tensors of a file by name.

    Args:
        filepath: a name that ends in ``.safetensors``.

    Raises:
        ArgumentError: another ending.
        FormatError: there is no such file, it is damaged, or it holds tensors of other dtypes than weights have.
        MissingPackageError: ``safetensors`` is not installed.
    """
    path = _checked(filepath)
    package = _package("safetensors")
    try:
        _check_header(path)
        with package.safe_open(path, framework="numpy") as file:
            dtypes = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118  # no mapping
            others = [f"{name} ({dtype})" for name, dtype in dtypes.items() if dtype not in _DTYPES]
            if others:
                raise FormatError(
                    f"{path} holds {', '.join(others)}; tensors of dtype {', '.join(_DTYPES)} are read. Convert them "
                    "in torch: tensor.float()."
                )
            return {name: file.get_tensor(name) for name in dtypes}
    except (OSError, package.SafetensorError) as error:
        raise FormatError(f"{path} cannot be read: {error}.") from None


def _check_header(path: str) -> None:
    """Raise unless the header is as long as it says, and not longer than a description is read at all."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        size = os.fstat(file.fileno()).st_size
    if length > min(size - 8, Limits.size):
        raise FormatError(
            f"{path} is no safetensors file: it has {size} bytes and claims a header of {length}; at most "
            f"{Limits.size} are read."
        )


def _checked(filepath: Any) -> str:
    path: str = os.fspath(filepath)
    if not path.endswith(".safetensors"):
        raise ArgumentError(f"The name of a file of tensors ends in '.safetensors', got {path!r}.")
    return path


def _package(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise MissingPackageError(
            "Files of safetensors need the package safetensors. Install it with: pip install 'denselite[safetensors]'"
        ) from None
