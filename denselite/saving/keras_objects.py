"""``serialize_keras_object`` and ``deserialize_keras_object``: any part, or data with parts in it, as JSON, and back.

They are what a layer of one's own calls in ``get_config`` and ``from_config`` when it holds other parts. A class is
looked up by name, in the library or among the user's own; nothing is imported because a config names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from denselite import (
    activations,
    constraints,
    dtype_policies,
    initializers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from denselite.activations import activations as known_activations
from denselite.custom_objects import find_custom, get_registered_name, get_registered_object
from denselite.declared import Declared, function_config, serialize
from denselite.errors import ArgumentError, FormatError
from denselite.layers import Layer
from denselite.losses.loss import losses as known_losses
from denselite.metrics.mean import functions as known_metric_functions
from denselite.optimizers.schedules import schedules
from denselite.saving.calls import decode, encode
from denselite.saving.objects import Custom, described, entry, layer_as_described, layer_spec, missing, revive
from denselite.tensor.symbols import KerasTensor

__all__ = ["deserialize_keras_object", "serialize_keras_object"]

_FAMILIES: dict[str, Callable[[Any], Any]] = {
    "keras": dtype_policies.get,
    "keras.activations": activations.get,
    "keras.constraints": constraints.get,
    "keras.initializers": initializers.get,
    "keras.losses": losses.get,
    "keras.metrics": metrics.get,
    "keras.optimizers": optimizers.get,
    "keras.optimizers.schedules": schedules.get,
    "keras.regularizers": regularizers.get,
}
_FUNCTIONS = (known_activations, known_losses, known_metric_functions)  # where Keras looks, in this order


def serialize_keras_object(obj: Any) -> Any:
    """Return a part, or data with parts in it, as JSON-ready data in the dialect that Keras reads.

    Args:
        obj: a layer or model (without its weights), a loss, metric, optimizer, initializer, ... or a function;
            an object of your own with ``get_config``; numbers, strings, arrays, slices; lists, tuples (which
            become lists) and dicts of all these.

    Raises:
        ArgumentError: a lambda, which has no name, or an object that cannot say how to make it again.

    Example:
        >>> serialize_keras_object((1, np.ones(2, "float32")))
        [1, {'class_name': '__numpy__', 'config': {'value': [1.0, 1.0], 'dtype': 'float32'}}]
    """
    if isinstance(obj, list | tuple):
        return [serialize_keras_object(part) for part in obj]
    if isinstance(obj, Mapping):
        return {key: serialize_keras_object(part) for key, part in obj.items()}
    if isinstance(obj, type):
        raise ArgumentError(f"serialize_keras_object() describes objects, got the class {obj.__name__}.")
    if isinstance(obj, Layer):
        return layer_spec(obj)
    if isinstance(obj, Declared | np.dtype) or (callable(obj) and not hasattr(obj, "get_config")):
        written = serialize(obj)
        return function_config(written) if callable(obj) and isinstance(written, str) else written
    if hasattr(obj, "get_config"):
        name = type(obj).__name__
        config = serialize_keras_object(obj.get_config())
        return {
            "module": None,
            "class_name": name,
            "config": config,
            "registered_name": get_registered_name(type(obj)),
        }
    return encode(obj, _no_tensor, "serialize_keras_object()")


def deserialize_keras_object(config: Any, custom_objects: Custom = None, safe_mode: bool = True) -> Any:
    """Return what ``serialize_keras_object`` described.

    Args:
        config: JSON data, in which objects may be made already; those are returned as they are.
        custom_objects: classes and functions of your own, by name.
        safe_mode: accepted for Keras' sake; no code is ever run or imported because a config says so.

    Raises:
        FormatError: a description lacks a part, or needs what ``custom_objects`` does not hold.
        UnknownNameError: it names a class that nobody knows.

    Example:
        >>> from denselite.layers import Dense
        >>> deserialize_keras_object({"inner": serialize_keras_object(Dense(3))})["inner"].units
        3
    """
    if isinstance(config, list | tuple):
        return [deserialize_keras_object(part, custom_objects) for part in config]
    if not isinstance(config, dict):
        return config
    name = config.get("class_name")
    if not isinstance(name, str) or "config" not in config:
        return {key: deserialize_keras_object(part, custom_objects) for key, part in config.items()}
    if name == "function":
        return _function(config, custom_objects)
    if name.startswith("__"):
        return decode(config, _no_tensor, "deserialize_keras_object()")
    module = config.get("module")
    found = find_custom(config, custom_objects)
    if found is None and module in _FAMILIES and (module != "keras" or name.endswith("Policy")):
        where = described(config)
        inner = revive(entry(config, "config", dict, where), custom_objects, where)
        return _FAMILIES[module]({**config, "config": inner})
    if found is None or (isinstance(found, type) and issubclass(found, Layer)):
        return layer_as_described(config, custom_objects)
    return revive(config, custom_objects, described(config))


def _function(config: Any, custom_objects: Custom) -> Any:
    name = entry(config, "config", str, "a function")
    own = get_registered_object(name, custom_objects)
    for known in (own, *(family.members.get(name) for family in _FUNCTIONS)):
        if callable(known) and not isinstance(known, type):
            return known
    raise missing(f"The function {name!r} is not denselite's own", name)


def _no_tensor(tensor: KerasTensor | Any) -> Any:
    raise FormatError(f"A Keras tensor is part of a model and described with it, not on its own: {tensor!r:.80}.")
