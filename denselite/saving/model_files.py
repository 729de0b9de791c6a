"""Models in files: ``m.npz`` is the model, ``m.json`` beside it is for people and tools."""

from __future__ import annotations

from typing import Any

from denselite.errors import FormatError, StateError
from denselite.ops.op import Array
from denselite.saving.assets import assets_by_path, is_asset, restore_assets
from denselite.saving.compiling import compile_config, compile_from_config
from denselite.saving.contents import MODEL, WEIGHTS
from denselite.saving.files import existing, is_keras, make_way, model_paths, replace_file, weights_path
from denselite.saving.objects import Custom, layer_spec, model_from_spec
from denselite.saving.paths import weights_by_path
from denselite.saving.probe import PROBE, make_probe
from denselite.saving.reading import described_by, read_archive
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
from denselite.saving.writing import contents_of, write_hashed

__all__ = ["load_model", "load_weights", "model_from_json", "save_model", "save_weights", "serialize_model"]


def serialize_model(model: Any) -> dict[str, Any]:
    """Describe ``model`` and what it was compiled with, as Keras does: what ``to_json`` writes."""
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
    return build_model(parse(text, "The model"), custom_objects, compile=True)


def build_model(spec: Any, custom_objects: Custom, compile: bool) -> Any:
    """Make the model that a spec describes; its weights are new.

    Args:
        spec: what ``serialize_model`` or Keras wrote.
        custom_objects: classes and functions by name, for what is not the library's own.
        compile: whether to compile it, if the spec says how.

    Raises:
        FormatError: it describes no model, or needs what ``custom_objects`` does not hold.
    """
    try:
        model = model_from_spec(spec, custom_objects)
        if compile:
            compile_from_config(model, spec.get("compile_config"), custom_objects)
    except RecursionError:
        raise FormatError("The description of the model is nested too deeply.") from None
    return model


def save_model(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write a model: architecture, weights, compile arguments, optimizer state, and where training stands.

    ``m.npz`` is the model. It is replaced as a whole or not at all; ``m.json`` is written after it, with the checksum
    of the archive it belongs to.

    Args:
        model: the model.
        filepath: a name that ends in ``.npz`` or ``.json``; both files are written. One in ``.keras`` is written as
            Keras would (``docs/keras_files.md``).
        overwrite: whether files that are there may be replaced.

    Raises:
        ArgumentError: another ending, a file that is in the way, no such folder, or something that has no
            name to be saved by.
        StateError: a layer is in two places of the model.
    """
    if is_keras(filepath):
        from denselite.exchange.keras import files as keras_files

        keras_files.save_model(model, filepath, overwrite)
        return
    archive_path, json_path = model_paths(filepath)
    make_way([archive_path, json_path], overwrite)
    variables = {**weights_by_path(model), **optimizer_variables(model)}
    rows, returned = make_probe(model, sum(variable.storage.nbytes for variable in variables.values()))
    arrays, contents = contents_of(variables, {**assets_by_path(model), **returned})
    contents |= {"updates": updates(model), "training": training_state(model)}
    contents |= {"probe": rows} if rows else {}
    description = serialize_model(model)
    text = to_text({**description, "denselite": contents}, f"model {model.name!r}")
    written = replace_file(archive_path, lambda file: write_hashed(file, MODEL, text, arrays))
    beside = to_text({**description, "denselite": {**contents, "sha256": written}}, f"model {model.name!r}")
    replace_file(json_path, lambda file: file.write(beside.encode()))


def load_model(
    filepath: Any, custom_objects: Custom = None, compile: bool = True, allow_nonfinite: bool = False
) -> Any:
    """Return the model that ``save_model`` wrote, so that training goes on where it stood.

    Nothing in the file is run, no other file is read, and no more memory is taken than the file itself is large
    (three times over); see ``SECURITY.md``.

    Args:
        filepath: either of its two files, or one in ``.keras``.
        custom_objects: classes and functions by name, for what is not the library's own.
        compile: whether to compile it and restore the optimizer's state.
        allow_nonfinite: whether weights, and what the optimizer keeps of them, may be NaN or infinite.

    Raises:
        ArgumentError: another ending.
        FormatError: there is no such file, it is damaged, it needs what ``custom_objects`` does not hold, or it holds
            NaN or infinite weights that nobody asked for.
    """
    if is_keras(filepath):
        from denselite.exchange.keras import files as keras_files

        return keras_files.load_model(filepath, custom_objects, compile, allow_nonfinite)
    path = existing(model_paths(filepath)[0], filepath)
    spec, contents, arrays = read_archive(path, (MODEL,), allow_nonfinite)
    with described_by(path, arrays):
        model = build_model(spec, custom_objects, compile)
        assign_weights(model, _weights_among(arrays, contents), path, exact=True)
        restore_assets(model, arrays, path)
        restore_training(model, contents["training"], path)
        if model.compiled:
            restore_optimizer(model, contents, arrays, path)
    return model


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write a model's weights alone.

    Args:
        model: a built model.
        filepath: a name that ends in ``.weights.npz``, or in ``.weights.h5`` for a file of Keras' own.
        overwrite: whether a file that is there may be replaced.

    Raises:
        ArgumentError: another ending, a file that is in the way, or no such folder.
        StateError: the model is not built, so it has no weights.
    """
    if is_keras(filepath, weights=True):
        from denselite.exchange.keras import files as keras_files

        keras_files.save_weights(model, filepath, overwrite)
        return
    path = weights_path(filepath)
    require_built(model, "save_weights")
    make_way([path], overwrite)
    arrays, contents = contents_of(weights_by_path(model))
    text = to_text(contents, f"model {model.name!r}")
    replace_file(path, lambda file: write_hashed(file, WEIGHTS, text, arrays))


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, allow_nonfinite: bool = False) -> None:
    """Set a model's weights to those in a file: all, or none if anything does not fit.

    Args:
        model: a built model.
        filepath: what ``save_weights`` or ``save_model`` wrote, here or in Keras.
        skip_mismatch: set those that fit, and warn about the others.
        allow_nonfinite: whether weights may be NaN or infinite.

    Raises:
        ArgumentError: another ending.
        FormatError: there is no such file, it is damaged, it does not fit the model, or it holds NaN or infinite
            weights that nobody asked for.
        StateError: the model is not built.
    """
    if is_keras(filepath) or is_keras(filepath, weights=True):
        from denselite.exchange.keras import files as keras_files

        keras_files.load_weights(model, filepath, skip_mismatch, allow_nonfinite)
        return
    path = existing(weights_path(filepath, reading=True), filepath)
    require_built(model, "load_weights")
    _, contents, arrays = read_archive(path, (WEIGHTS, MODEL), allow_nonfinite)
    assign_weights(model, _weights_among(arrays, contents), path, skip_mismatch)


def _weights_among(arrays: dict[str, Array], contents: dict[str, Any]) -> dict[str, Array]:
    others = (OPTIMIZER, PROBE) if "probe" in contents else (OPTIMIZER,)
    return {key: array for key, array in arrays.items() if not key.startswith(others) and not is_asset(key)}


def require_built(model: Any, action: str) -> None:
    """Refuse a model that has no weights yet.

    Args:
        model: the model.
        action: the method that needs them.

    Raises:
        StateError: it is not built.
    """
    if not model.built:
        raise StateError(
            f"{action}(): {type(model).__name__} {model.name!r} is not built, so it has no weights yet. "
            "Call it once, or build() it."
        )
