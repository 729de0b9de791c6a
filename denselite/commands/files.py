"""Files by their endings: reading a model from one, and writing one to it."""

from __future__ import annotations

import os
from argparse import ArgumentError
from typing import Any

from denselite.errors import FormatError
from denselite.exchange.onnx.load import load_onnx
from denselite.exchange.safetensors_files import load_safetensors, save_safetensors
from denselite.models import load_model, model_from_json
from denselite.saving.text import Limits
from denselite.tensor.room import room

__all__ = [
    "KINDS", "MODELS", "WEIGHTS", "check_ending", "check_source", "ending_of", "read_architecture", "read_model",
    "read_text", "write_model",
]  # fmt: skip

MODELS = (".npz", ".json", ".keras")
WEIGHTS = (".weights.npz", ".weights.h5", ".safetensors")
KINDS = (*MODELS, *WEIGHTS, ".onnx")
_BESIDE = 16 << 20  # bytes that a model may take beside its weights


def ending_of(path: str) -> str:
    """Return the ending that says what a file is.

    Example:
        >>> ending_of("best.weights.npz"), ending_of("m.npz")
        ('.weights.npz', '.npz')
    """
    return next((ending for ending in WEIGHTS if path.endswith(ending)), os.path.splitext(path)[1])


def check_ending(path: str, known: tuple[str, ...]) -> None:
    """Raise a usage error unless a name ends as one of those that are known."""
    if ending_of(path) not in known:
        raise ArgumentError(None, f"{path} does not end in {', '.join(known)}")


def check_source(path: str, architecture: str | None, known: tuple[str, ...] = KINDS) -> None:
    """Raise a usage error unless a file can be read by its name, and ``--architecture`` is given with weights alone."""
    check_ending(path, known)
    if architecture is not None:
        check_ending(architecture, MODELS)
        if ending_of(path) not in WEIGHTS:
            raise ArgumentError(None, f"{path} says itself which model it is; --architecture is for weights alone")


def read_model(path: str, architecture: str | None = None, allow_nonfinite: bool = False) -> Any:
    """Return the model in a file.

    Args:
        path: a model's file, or one of weights.
        architecture: for weights, a file that says which model they are of.
        allow_nonfinite: whether weights may be NaN or infinite.

    Raises:
        argparse.ArgumentError: there are weights without an architecture.
        FormatError: the file is not what it says it is.
        UncoveredError: it is ONNX, and uses what has no form here.
    """
    if path.endswith(".onnx"):
        return load_onnx(path, allow_nonfinite)
    if ending_of(path) in MODELS:
        return load_model(path, allow_nonfinite=allow_nonfinite)
    if architecture is None:
        raise ArgumentError(None, f"{path} holds weights alone; say which model they are of: --architecture FILE")
    model = read_architecture(architecture, 3 * os.path.getsize(path) + _BESIDE)
    if path.endswith(".safetensors"):
        load_safetensors(model, path, allow_nonfinite)
    else:
        model.load_weights(path, allow_nonfinite=allow_nonfinite)
    return model


def read_architecture(path: str, most: int) -> Any:
    """Return the model that a file describes; its weights, if it has any, are of no matter.

    Args:
        path: a model's file, or JSON.
        most: the bytes that its weights may take.

    Raises:
        FormatError: it describes no model, or one that takes more.
    """
    if not path.endswith(".json"):
        return load_model(path, compile=False, allow_nonfinite=True)
    text = read_text(path)
    try:
        with room(most):
            return model_from_json(text)
    except FormatError:
        raise
    except Exception as error:
        raise FormatError(f"{path} describes no model that can be made: {type(error).__name__}: {error}") from error


def read_text(path: str) -> str:
    """Return the text of a file that is not too long to be JSON.

    Raises:
        FormatError: it is, or it is no text.
    """
    if os.path.getsize(path) > Limits.size:
        raise FormatError(f"{path} has {os.path.getsize(path)} bytes, at most {Limits.size} are read.")
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not UTF-8 text: {error}.") from None


def write_model(model: Any, path: str) -> None:
    """Write a model, or its weights, to a file; one that is there is replaced."""
    ending = ending_of(path)
    if ending == ".safetensors":
        save_safetensors(model, path)
    elif ending == ".onnx":
        model.export(path)
    else:
        (model.save_weights if ending in WEIGHTS else model.save)(path)
