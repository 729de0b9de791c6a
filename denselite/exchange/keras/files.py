"""Keras' own files: ``m.keras`` is a model, ``m.weights.h5`` weights and the optimizer's state.

    m.keras             a zip file
      metadata.json       which Keras the format is of; not looked at
      config.json         what ``to_json`` writes
      model.weights.h5    the weights by path, and the variables of the optimizer
      assets/...          the vocabularies of lookups that were adapted

They are written with h5py. They are read without it, by the rules of ``SECURITY.md``: see ``hdf5.py``.
"""

from __future__ import annotations

import os
from typing import IO, Any

import numpy as np

from denselite.errors import FormatError
from denselite.exchange.keras.hdf5 import read_hdf5
from denselite.exchange.keras.hdf5_writing import require_h5py, write_hdf5
from denselite.exchange.keras.state import (
    groups_of,
    restore_if_it_fits,
    restore_optimizer,
    state_of,
    without_loss_scaling,
)
from denselite.exchange.keras.vocabularies import IDF, restore_vocabularies, vocabulary_files, vocabulary_weights
from denselite.ops.op import Array
from denselite.saving.files import KERAS, existing, make_way, replace_file
from denselite.saving.model_files import build_model, require_built, serialize_model
from denselite.saving.objects import Custom
from denselite.saving.reading import described_by
from denselite.saving.text import Limits, parse, to_text
from denselite.saving.weights import assign_weights
from denselite.saving.zipped import Member, read_directory, read_member, write_zip

__all__ = ["load_model", "load_weights", "save_model", "save_weights"]

VERSION = "3.15.1"  # of Keras, whose format this is
_METADATA, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"


def save_model(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write a model to a ``.keras`` file, which Keras loads: architecture, weights, optimizer, vocabularies.

    Args:
        model: the model.
        filepath: where.
        overwrite: whether a file that is there may be replaced.

    Raises:
        ArgumentError: a file is in the way, there is no such folder, or there is something that Keras' files have no
            place for; then nothing is written.
        MissingPackageError: h5py is not installed.
        StateError: a layer is in two places of the model.
    """
    path = os.fspath(filepath)
    require_h5py()
    make_way([path], overwrite)
    files = vocabulary_files(model)
    spec = serialize_model(model)
    if spec["compile_config"] and model.dtype_policy.name == "mixed_float16":
        spec["compile_config"]["auto_scale_loss"] = False  # else Keras wraps the optimizer, and its state does not fit
    text = to_text(spec, f"model {model.name!r}")
    weights = write_hdf5(groups_of(model), {**state_of(model), **vocabulary_weights(model)})
    metadata = to_text({"keras_version": VERSION}, "metadata")
    contents = {_METADATA: metadata.encode(), _CONFIG: text.encode(), _WEIGHTS: weights, **files}
    replace_file(path, lambda file: write_zip(file, [(name, [data]) for name, data in contents.items()]))


def load_model(
    filepath: Any, custom_objects: Custom = None, compile: bool = True, allow_nonfinite: bool = False
) -> Any:
    """Return the model in a ``.keras`` file, written here or by Keras, so that training goes on where it stood.

    Args:
        filepath: where.
        custom_objects: classes and functions by name, for what is not the library's own.
        compile: whether to compile it and restore the optimizer's state.
        allow_nonfinite: whether weights, and what the optimizer keeps of them, may be NaN or infinite.

    Raises:
        FormatError: there is no such file, it is damaged or not as Keras writes it, or it needs what denselite or
            ``custom_objects`` does not hold.
    """
    path = existing(os.fspath(filepath), filepath)
    contents = _read(path)
    spec = parse(contents.pop(_CONFIG), f"{path}: {_CONFIG}")
    arrays = _arrays(contents.pop(_WEIGHTS), f"{path}: {_WEIGHTS}", allow_nonfinite)
    spec, arrays = without_loss_scaling(spec, arrays)
    with described_by(path, {**arrays, **{name: np.frombuffer(data, np.uint8) for name, data in contents.items()}}):
        model = build_model(spec, custom_objects, compile)
        assign_weights(model, _weights_among(arrays), path, exact=True, keras=True)
        restore_vocabularies(model, contents, arrays, path)
        if model.compiled:
            restore_optimizer(model, arrays, path)
    return model


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write a model's weights to a ``.weights.h5`` file, and the state of its optimizer, as Keras does.

    Args:
        model: a built model.
        filepath: where.
        overwrite: whether a file that is there may be replaced.

    Raises:
        ArgumentError: a file is in the way, there is no such folder, or Keras' files have no place for something.
        MissingPackageError: h5py is not installed.
        StateError: the model is not built, so it has no weights.
    """
    path = os.fspath(filepath)
    require_h5py()
    require_built(model, "save_weights")
    make_way([path], overwrite)
    data = write_hdf5(groups_of(model), {**state_of(model), **vocabulary_weights(model)})
    replace_file(path, lambda file: file.write(data))


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, allow_nonfinite: bool = False) -> None:
    """Set a model's weights to those in a ``.weights.h5`` or ``.keras`` file: all, or none if anything does not fit.

    As in Keras, the state of an optimizer comes with them where the model's has as many variables already.

    Args:
        model: a built model.
        filepath: where.
        skip_mismatch: set those that fit, and warn about the others.
        allow_nonfinite: whether weights may be NaN or infinite.

    Raises:
        FormatError: there is no such file, it is damaged, or it does not fit the model.
        StateError: the model is not built.
    """
    path = existing(os.fspath(filepath), filepath)
    require_built(model, "load_weights")
    data = _read(path)[_WEIGHTS] if path.endswith(KERAS) else _read_whole(path)
    arrays = _arrays(data, path, allow_nonfinite)
    assign_weights(model, _weights_among(arrays), path, skip_mismatch, keras=True)
    restore_if_it_fits(model, arrays, path)


def _weights_among(arrays: dict[str, Array]) -> dict[str, Array]:
    return {key: array for key, array in arrays.items() if not key.startswith("optimizer/") and not key.endswith(IDF)}


def _read_whole(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error}.") from None


def _read(path: str) -> dict[str, bytes]:
    """The members of a ``.keras`` file that say something."""
    try:
        with open(path, "rb") as file:
            members = read_directory(file, path)
            _check_names(members, path)
            return {name: _member(file, member, path) for name, member in members.items() if name != _METADATA}
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error}.") from None


def _check_names(members: dict[str, Member], path: str) -> None:
    missing = [name for name in (_CONFIG, _WEIGHTS) if name not in members]
    known = {_METADATA, _CONFIG, _WEIGHTS}
    extra = sorted(name for name in members if name not in known and not name.startswith("assets/"))
    if missing or extra:
        problems = [f"lacks {', '.join(missing)}"] if missing else []
        problems += [f"holds {', '.join(extra)}"] if extra else []
        raise FormatError(f"{path} is not a file of Keras: it {' and '.join(problems)}.")


def _member(file: IO[bytes], member: Member, path: str) -> bytes:
    if member.name != _WEIGHTS and member.size > Limits.size:
        raise FormatError(f"{path}: {member.name} has {member.size} bytes, at most {Limits.size} are read.")
    return read_member(file, member, path)


def _arrays(data: bytes, source: str, allow_nonfinite: bool) -> dict[str, Array]:
    arrays = read_hdf5(data, source)
    odd = [key for key, array in arrays.items() if array.dtype.kind == "f" and not np.isfinite(array).all()]
    if odd and not allow_nonfinite:
        raise FormatError(
            f"{source} holds NaN or infinite values in {', '.join(odd[:5])}. If you want them, pass "
            "allow_nonfinite=True."
        )
    return arrays
