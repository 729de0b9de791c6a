"""Weights by structural path, as in Keras' weight files: ``layers/dense_1/vars/0``.

A path says where a weight is, not what anybody called it, so that a model built twice in a notebook
(``dense``, then ``dense_2``) still loads. A container's entries are named by class, in order:
``dense``, ``dense_1``, ``batch_normalization``. A layer that holds layers as attributes has its
weights under the attributes' names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from denselite.errors import StateError
from denselite.ops.random import SeedGenerator
from denselite.registry import snake_case
from denselite.saving.objects import MODELS
from denselite.tensor.variable import Variable

__all__ = ["layers_by_path", "streams_by_path", "weights_by_path"]


def layers_by_path(model: Any, keras: bool = False) -> dict[str, Any]:
    """Return a model and every layer in it by path; its own path is ``""``.

    Args:
        model: the model.
        keras: whether to name them exactly as Keras' files do: there a model with a ``call`` of its own names what
            attributes hold whose names come after ``layers`` by their place among its layers.

    Raises:
        StateError: a layer is inside two models of which one holds both, so that a file could not keep them one.
    """
    found: dict[str, Any] = {}
    seen: dict[int, str] = {}
    waiting = [("", model)]
    while waiting:
        path, layer = waiting.pop()
        if id(layer) in seen:
            raise StateError(
                f"{type(layer).__name__} {layer.name!r} is in {type(model).__name__} {model.name!r} twice, as "
                f"{seen[id(layer)]} and as {path}; a loaded model would have two of it. Use it in one place, or save "
                "the inner models on their own."
            )
        seen[id(layer)] = path
        found[path] = layer
        waiting += reversed([(f"{path}/{name}".lstrip("/"), child) for name, child in _children(layer, keras)])
    return found


def _children(layer: Any, keras: bool) -> Iterator[tuple[str, Any]]:
    if isinstance(layer, MODELS.members["Functional"]):
        yield from _entries("layers", layer.layers)
        return
    held = layer._tracker.by_attribute
    if keras and hasattr(layer, "compile") and layer.layers:
        held = {**held, "layers": layer.layers}
    met: set[int] = set()  # a layer may be held by two attributes: the first one names it
    for attribute in sorted(held, key=lambda name: (name.startswith("_"), name)):
        single = getattr(layer, attribute, None) is held[attribute][0]
        for name, child in [(attribute, held[attribute][0])] if single else _entries(attribute, held[attribute]):
            if id(child) not in met:
                met.add(id(child))
                yield name, child


def _entries(container: str, layers: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    taken: set[str] = set()
    last: dict[str, int] = {}  # the number that a class had last: lower ones are taken
    for layer in layers:
        base = name = snake_case(type(layer).__name__)
        number = last.get(base, 0)
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        last[base] = number
        taken.add(name)
        yield f"{container}/{name}", layer


def weights_by_path(model: Any, keras: bool = False) -> dict[str, Variable]:
    """Return every weight of a model: of each layer the trainable ones first, then the others.

    Args:
        model: the model.
        keras: whether to name layers exactly as Keras' files do.
    """
    found = {}
    for path, layer in layers_by_path(model, keras).items():
        own = layer._tracker.variables
        ordered = [*(v for v in own if v._trainable), *(v for v in own if not v._trainable)]
        found.update({f"{path}/vars/{k}".lstrip("/"): variable for k, variable in enumerate(ordered)})
    return found


def streams_by_path(model: Any) -> dict[str, SeedGenerator]:
    """Return the streams of random draws that layers hold as attributes."""
    return {
        f"{path}/seeds/{k}".lstrip("/"): stream
        for path, layer in layers_by_path(model).items()
        for k, stream in enumerate(value for value in vars(layer).values() if isinstance(value, SeedGenerator))
    }
