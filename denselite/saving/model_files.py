"""Models in files: ``m.npz`` is the model, ``m.json`` beside it is for people and tools."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from denselite.errors import ArgumentError, FormatError, StateError
from denselite.ops.op import Array
from denselite.saving.archive import read_arrays, read_text, table, write_archive
from denselite.saving.assets import assets_by_path, is_asset, restore_assets
from denselite.saving.compiling import compile_config, compile_from_config
from denselite.saving.contents import FORMAT, VERSION, check_contents
from denselite.saving.files import existing, model_paths, replace_file, weights_path
from denselite.saving.objects import Custom, layer_spec, model_from_spec
from denselite.saving.paths import weights_by_path
from denselite.saving.text import parse, to_text
from denselite.saving.training import (
    OPTIMIZER,
    optimizer_variables,
    restore_optimizer,
    restore_training,
    training_state,
    updates,
)
from denselite.saving.weights import assign_weights
from denselite.tensor.variable import Variable

__all__ = ["load_model", "load_weights", "model_from_json", "save_model", "save_weights", "serialize_model"]

_MODEL, _WEIGHTS = "model.json", "weights.json"


def serialize_model(model: Any) -> dict[str, Any]:
    """Describe a model and what it was compiled with, as Keras does: what ``to_json`` writes."""
    return {**layer_spec(model), "compile_config": compile_config(model)}


def model_from_json(text: str, custom_objects: Custom = None) -> Any:
    """Make a model from the JSON that ``to_json`` wrote, here or in Keras; its weights are new.

    Args:
        text: the JSON.
        custom_objects: classes and functions by name, for what is not the library's own.

    Raises:
        FormatError: the text is no JSON, describes no model, or needs what ``custom_objects`` does not hold.

    Example:
        >>> from denselite import Sequential, layers
        >>> model = Sequential([layers.Input((3,)), layers.Dense(2)])
        >>> model_from_json(model.to_json()).output_shape
        (None, 2)
    """
    return _build(parse(text, "The model"), custom_objects, compile=True)


def _build(spec: Any, custom_objects: Custom, compile: bool) -> Any:
    try:
        model = model_from_spec(spec, custom_objects)
        if compile:
            compile_from_config(model, spec.get("compile_config"), custom_objects)
    except RecursionError:
        raise FormatError("The description of the model is nested too deeply.") from None
    return model


def save_model(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write a model: architecture, weights, compile arguments, optimizer state, and where training stands.

    ``m.npz`` is the model. It is replaced as a whole or not at all; ``m.json`` is written after it.

    Args:
        model: the model.
        filepath: a name that ends in ``.npz`` or ``.json``; both files are written.
        overwrite: whether files that are there may be replaced.

    Raises:
        ArgumentError: another ending, a file that is in the way, no such folder, or something that has no
            name to be saved by.
        StateError: a layer is in two places of the model.
    """
    archive_path, json_path = model_paths(filepath)
    _make_way([archive_path, json_path], overwrite)
    arrays, contents = _contents({**weights_by_path(model), **optimizer_variables(model)}, assets_by_path(model))
    contents |= {"updates": updates(model), "training": training_state(model)}
    text = to_text({**serialize_model(model), "denselite": contents}, f"model {model.name!r}")
    replace_file(archive_path, lambda file: write_archive(file, _MODEL, text, arrays))
    replace_file(json_path, lambda file: file.write(text.encode()))


def load_model(filepath: Any, custom_objects: Custom = None, compile: bool = True) -> Any:
    """Return the model that ``save_model`` wrote, so that training goes on where it stood.

    Args:
        filepath: either of its two files.
        custom_objects: classes and functions by name, for what is not the library's own.
        compile: whether to compile it and restore the optimizer's state.

    Raises:
        ArgumentError: another ending.
        FormatError: there is no such file, it is damaged, or it needs what ``custom_objects`` does not hold.
    """
    path = existing(model_paths(filepath)[0], filepath)
    spec, contents, arrays = _read(path, (_MODEL,))
    model = _build(spec, custom_objects, compile)
    assign_weights(model, _weights_among(arrays), path)
    restore_assets(model, arrays, path)
    restore_training(model, contents["training"], path)
    if model.compiled:
        restore_optimizer(model, contents["updates"], arrays, path)
    return model


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write a model's weights alone.

    Args:
        model: a built model.
        filepath: a name that ends in ``.weights.npz``.
        overwrite: whether a file that is there may be replaced.

    Raises:
        ArgumentError: another ending, a file that is in the way, or no such folder.
        StateError: the model is not built, so it has no weights.
    """
    path = weights_path(filepath)
    _require_built(model, "save_weights")
    _make_way([path], overwrite)
    arrays, contents = _contents(weights_by_path(model))
    text = to_text(contents, f"model {model.name!r}")
    replace_file(path, lambda file: write_archive(file, _WEIGHTS, text, arrays))


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False) -> None:
    """Set a model's weights to those in a file: all, or none if anything does not fit.

    Args:
        model: a built model.
        filepath: what ``save_weights`` or ``save_model`` wrote.
        skip_mismatch: set those that fit, and warn about the others.

    Raises:
        ArgumentError: another ending.
        FormatError: there is no such file, it is damaged, or it does not fit the model.
        StateError: the model is not built.
    """
    path = existing(weights_path(filepath, reading=True), filepath)
    _require_built(model, "load_weights")
    arrays = _read(path, (_WEIGHTS, _MODEL))[2]
    assign_weights(model, _weights_among(arrays), path, skip_mismatch)


def _weights_among(arrays: dict[str, Array]) -> dict[str, Array]:
    return {key: array for key, array in arrays.items() if not key.startswith(OPTIMIZER) and not is_asset(key)}


def _make_way(paths: list[str], overwrite: bool) -> None:
    there = [path for path in paths if os.path.exists(path)]
    if there and not overwrite:
        raise ArgumentError(f"{there[0]} exists already. Pass overwrite=True to replace it, or choose another name.")


def _require_built(model: Any, action: str) -> None:
    if not model.built:
        raise StateError(
            f"{action}(): {type(model).__name__} {model.name!r} is not built, so it has no weights yet. "
            "Call it once, or build() it."
        )


def _contents(
    variables: Mapping[str, Variable], assets: Mapping[str, Array] | None = None
) -> tuple[dict[str, Array], dict[str, Any]]:
    assets = assets or {}
    arrays = {**{key: variable.storage for key, variable in variables.items()}, **assets}
    members = table(arrays, {**{key: key for key in assets}, **{key: v.path for key, v in variables.items()}})
    return arrays, {"format": FORMAT, "version": VERSION, "members": members}


def _read(path: str, text_names: tuple[str, ...]) -> tuple[Any, dict[str, Any], dict[str, Array]]:
    """Return the JSON of an archive, what it says of the archive, and the arrays."""
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            name, text = read_text(archive, path, text_names)
            spec = parse(text, f"{path}: {name}")
            described = spec.get("denselite") if name == _MODEL and isinstance(spec, dict) else spec
            contents = check_contents(described, path, of_model=name == _MODEL)
            return spec, contents, read_arrays(archive, path, name, contents["members"])
    except (BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise FormatError(f"{path} is not an archive that can be read: {error}.") from None
