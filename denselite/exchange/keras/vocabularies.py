"""The vocabularies of lookups as Keras' files keep them: a token a line, special ones first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, FormatError
from denselite.layers.vocabulary_layer import VocabularyLayer
from denselite.ops.op import Array
from denselite.saving.paths import layers_by_path

__all__ = ["IDF", "restore_vocabularies", "vocabulary_files", "vocabulary_weights"]

IDF = "/vars/idf_weights"  # behind a layer's path
_MOST_TOKENS = 1_000_000
_BREAKS = re.compile("[\r\v\f\x1c-\x1e\x85\u2028\u2029]")  # where Python's splitlines, which Keras uses, breaks a line


def vocabulary_files(model: Any) -> dict[str, bytes]:
    """Return the text of each vocabulary that is not in its layer's config, by the name of its file.

    Raises:
        ArgumentError: a token has a line break in it, the last one is empty, or something else than a lookup keeps
            data beside its weights.
    """
    found = {}
    for path, layer in layers_by_path(model, keras=True).items():
        if _keeps_file(layer):
            found[_file(path)] = _text(layer).encode()
        elif getattr(layer, "asset", None) is not None:
            raise ArgumentError(
                f"{type(layer).__name__} {layer.name!r} keeps data beside its weights (asset), and Keras' files have "
                "no place for them. Use '.npz'."
            )
    return found


def vocabulary_weights(model: Any) -> dict[str, Array]:
    """Return the weights of tokens, of lookups that have them, by path."""
    found = {}
    for path, layer in layers_by_path(model, keras=True).items():
        if _keeps_file(layer) and layer.asset is not None and layer.asset["idf_weights"] is not None:
            weights = layer.asset["idf_weights"][: layer.vocabulary_size()]
            found[f"{path}{IDF}".lstrip("/")] = np.asarray(weights, layer.compute_dtype)
    return found


def _keeps_file(layer: Any) -> bool:
    return isinstance(layer, VocabularyLayer) and not isinstance(layer.vocabulary, list)


def _file(path: str) -> str:
    return f"assets/{path}/vocabulary.txt"


def _text(layer: Any) -> str:
    tokens = [str(token) for token in layer.get_vocabulary()]
    broken = [token for token in tokens if "\n" in token or _BREAKS.search(token)]
    if tokens and not tokens[-1]:
        broken.append(tokens[-1])
    if broken:
        raise ArgumentError(
            f"{type(layer).__name__} {layer.name!r} has the tokens {broken[:5]!r}, and in Keras' files a token is a "
            "line that is not empty. Use '.npz'."
        )
    return "\n".join(tokens)


def restore_vocabularies(model: Any, files: Mapping[str, bytes], arrays: Mapping[str, Array], source: str) -> None:
    """Give the lookups of a model their vocabularies.

    Args:
        model: the model.
        files: the texts by name of file.
        arrays: weights of tokens by path, among others.
        source: where they come from, for messages.

    Raises:
        FormatError: one is for no layer, is no text, or has too many tokens.
    """
    lookups = {path: layer for path, layer in layers_by_path(model, keras=True).items() if _keeps_file(layer)}
    extra = sorted(files.keys() - set(map(_file, lookups)))
    extra += sorted({key for key in arrays if key.endswith(IDF)} - {f"{path}{IDF}" for path in lookups})
    if extra:
        raise FormatError(f"{source} holds {', '.join(extra)}, and the model has no layer there that takes it.")
    for path, layer in lookups.items():
        if _file(path) in files:
            tokens = _tokens(files[_file(path)], f"{source}: {_file(path)}", layer)
            weights = arrays.get(f"{path}{IDF}")
            if len(tokens) > layer.vocabulary_size():  # else it was never adapted
                layer.set_vocabulary(tokens, None if weights is None else weights[: len(tokens)])


def _tokens(data: bytes, who: str, layer: Any) -> list[Any]:
    try:
        text = data.decode().replace("\r\n", "\n").rstrip("\n")
    except UnicodeDecodeError as error:
        raise FormatError(f"{who} is not UTF-8 text: {error}.") from None
    if _BREAKS.search(text) or text.count("\n") >= _MOST_TOKENS:
        raise FormatError(f"{who} has line breaks of other kinds, or more than {_MOST_TOKENS} tokens.")
    lines = text.split("\n") if text else []
    if layer._token_dtype is str:
        return lines
    if any(len(line) > 20 for line in lines):
        raise FormatError(f"{who} holds lines that are no integers.")
    return [int(line) for line in lines]
