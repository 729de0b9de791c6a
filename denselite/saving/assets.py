"""What layers keep beside config and weights, such as the vocabulary that a lookup was adapted to.

A layer that has an attribute ``asset``, which is JSON data or None, gets it back when its model is loaded. In an
archive it is the bytes of its text, an array of uint8 under the layer's path: ``layers/integer_lookup/asset``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, FormatError, StateError
from denselite.ops.op import Array
from denselite.saving.paths import layers_by_path
from denselite.saving.text import parse, to_text

__all__ = ["assets_by_path", "is_asset", "restore_assets"]

_KEY = "asset"


def is_asset(key: str) -> bool:
    """Say whether what an archive holds under a path is an asset."""
    return key.split("/")[-1] == _KEY


def assets_by_path(model: Any) -> dict[str, Array]:
    """Return the assets of a model's layers, as bytes."""
    found = {}
    for path, layer in layers_by_path(model).items():
        if getattr(layer, "asset", None) is not None:
            text = to_text(layer.asset, f"{type(layer).__name__} {layer.name!r}")
            found[f"{path}/{_KEY}".lstrip("/")] = np.frombuffer(text.encode(), np.uint8)
    return found


def restore_assets(model: Any, arrays: Mapping[str, Array], source: str) -> None:
    """Give the layers of a model their assets.

    Args:
        model: the model.
        arrays: the assets by path, among others.
        source: where they come from, for messages.

    Raises:
        FormatError: an asset is for no layer that takes one, or is not what the layer takes.
    """
    layers: dict[str, Any] = layers_by_path(model)
    for key in filter(is_asset, arrays):
        layer: Any = layers.get(key.removesuffix(_KEY).rstrip("/"))
        if not hasattr(layer, "asset"):
            raise FormatError(f"{source} holds {key}, and the model has no layer there that takes it.")
        try:
            layer.asset = parse(arrays[key].tobytes(), f"{source}: {key}")
        except (ArgumentError, StateError, KeyError, TypeError) as error:
            raise FormatError(
                f"{source}: {key} is not what {type(layer).__name__} {layer.name!r} takes: {error}."
            ) from None
