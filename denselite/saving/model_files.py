"""Models in files: ``m.npz`` is the model, ``m.json`` beside it is for people and tools."""

from __future__ import annotations

import os
from typing import Any

from denselite.errors import ArgumentError, FormatError, StateError
from denselite.ops.op import Array
from denselite.saving.archive import read_arrays, read_text, table, write_archive
from denselite.saving.compiling import compile_config, compile_from_config
from denselite.saving.contents import FORMAT, VERSION, check_contents
from denselite.saving.files import existing, model_paths, replace_file, weights_path
from denselite.saving.objects import Custom, layer_spec, model_from_spec
from denselite.saving.paths import streams_by_path, weights_by_path
from denselite.saving.text import parse, to_text
from denselite.saving.weights import assign_weights
from denselite.tensor.variable import Variable

__all__ = ["load_model", "load_weights", "model_from_json", "save_model", "save_weights", "serialize_model"]

_MODEL, _WEIGHTS = "model.json", "weights.json"
_OPTIMIZER = "optimizer/vars/"


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
    variables = {**weights_by_path(model), **_optimizer_variables(model)}
    arrays, contents = _contents(variables)
    if model.compiled:
        paths = {id(variable): path for path, variable in weights_by_path(model).items()}
        contents["updates"] = [paths[id(variable)] for variable in model.optimizer._built if id(variable) in paths]
    contents["training"] = _training_state(model)
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
    name, spec, contents, arrays = _read(path, (_MODEL,))
    model = _build(spec, custom_objects, compile)
    weights = {key: array for key, array in arrays.items() if not key.startswith(_OPTIMIZER)}
    assign_weights(model, weights, path)
    _restore_training(model, contents.get("training"), path)
    if model.compiled:
        _restore_optimizer(model, contents.get("updates") or [], arrays, path)
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
    arrays = _read(path, (_WEIGHTS, _MODEL))[3]
    weights = {key: array for key, array in arrays.items() if not key.startswith(_OPTIMIZER)}
    assign_weights(model, weights, path, skip_mismatch)


def _make_way(paths: list[str], overwrite: bool) -> None:
    there = [path for path in paths if os.path.exists(path)]
    if there and not overwrite:
        raise ArgumentError(f"{there[0]} exists already. Pass overwrite=True to replace it, or choose another name.")


def _require_built(model: Any, action: str) -> None:
    if not model.built:
        raise StateError(
            f"{action}(): {type(model).__name__} {model.name!r} is not built, so it has no weights yet. Call it once, or build() it."
        )


def _contents(variables: dict[str, Variable]) -> tuple[dict[str, Array], dict[str, Any]]:
    arrays = {key: variable.storage for key, variable in variables.items()}
    members = table(arrays, {key: variable.path for key, variable in variables.items()})
    return arrays, {"format": FORMAT, "version": VERSION, "members": members}


def _optimizer_variables(model: Any) -> dict[str, Variable]:
    return {f"{_OPTIMIZER}{k}": v for k, v in enumerate(model.optimizer.variables)} if model.compiled else {}


def _training_state(model: Any) -> dict[str, Any]:
    state = vars(model)
    return {
        "steps": int(model._step_count),
        "epochs": state.get("_t_epochs_done", 0),
        "seed": state.get("_t_seed"),
        "streams": {path: [stream.seed, stream.used] for path, stream in streams_by_path(model).items()},
    }


def _restore_training(model: Any, state: dict[str, Any] | None, path: str) -> None:
    if state is None:
        return
    streams = streams_by_path(model)
    if streams.keys() != state["streams"].keys():
        raise FormatError(f"{path}: the model draws at {sorted(streams)}, the file has seeds for {sorted(state['streams'])}.")
    for key, (seed, used) in state["streams"].items():
        streams[key].seed, streams[key].used = seed, used
    model._step_count.assign(state["steps"])
    if state["seed"] is not None:
        model._t_seed, model._t_epochs_done = state["seed"], state["epochs"]


def _restore_optimizer(model: Any, updates: list[str], arrays: dict[str, Array], path: str) -> None:
    weights = weights_by_path(model)
    unknown = [key for key in updates if key not in weights]
    if unknown:
        raise FormatError(f"{path}: the optimizer has slots for {', '.join(unknown)}, which the model does not have.")
    if updates:
        model.optimizer.build([weights[key] for key in updates])
    held = model.optimizer.variables
    saved = [array for key, array in arrays.items() if key.startswith(_OPTIMIZER)]
    found = [(a.shape, a.dtype) for a in saved]
    wanted = [(v.shape, v.dtype) for v in held]
    if found != wanted:
        raise FormatError(f"{path}: the state of the optimizer does not fit {model.optimizer!r}: {len(found)} arrays, expected {len(wanted)}.")
    for variable, array in zip(held, saved, strict=True):
        variable.assign(array)


def _read(path: str, text_names: tuple[str, ...]) -> tuple[str, Any, dict[str, Any], dict[str, Array]]:
    """Return the name of the JSON member, its value, what it says of the archive, and the arrays."""
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as archive:
            name, text = read_text(archive, path, text_names)
            spec = parse(text, f"{path}: {name}")
            described = spec.get("denselite") if name == _MODEL and isinstance(spec, dict) else spec
            contents = check_contents(described, path)
            return name, spec, contents, read_arrays(archive, path, name, contents["members"])
    except (BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise FormatError(f"{path} is not an archive that can be read: {error}.") from None
