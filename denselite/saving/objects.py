"""Layers and models as the JSON that Keras reads, and back.

    Dense(3)  ⇄  {"module": "keras.layers", "class_name": "Dense", "config": {...}, "registered_name": None, ...}

``module`` and ``registered_name`` are constants that Keras wants to see. Nothing is ever imported
because of them: a class is looked up by name in the registries of the library, or, if it is
somebody's own, in the ``custom_objects`` that the caller passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from denselite.custom_objects import find_custom, get_registered_name, get_registered_object
from denselite.declared import serialize
from denselite.errors import FormatError
from denselite.layers import Layer, layers
from denselite.layers.described import describe_with
from denselite.registry import Registry

__all__ = [
    "MODELS",
    "Custom",
    "described",
    "entry",
    "layer_as_described",
    "layer_from_spec",
    "layer_spec",
    "missing",
    "model_from_spec",
    "revive",
]

Custom = Mapping[str, Any] | None
Spec = Mapping[str, Any]

MODELS: Registry[Any] = Registry("model")  # the floor above files its classes here

_MODEL_TAGS = {"Sequential": ("keras", None), "Functional": ("keras.src.models.functional", "Functional")}


def layer_spec(layer: Any) -> dict[str, Any]:
    """Describe a layer or model.

    Args:
        layer: a ``Layer``; of a model, what it was compiled with is not told.
    """
    cls = type(layer)
    config = serialize(layer.get_config())  # what a get_config() of one's own leaves as objects too
    inside = {
        name: layer_spec(getattr(layer, name)) for name, value in config.items() if _tells_layer(layer, name, value)
    }
    spec = {
        "module": cls._keras_module,
        "class_name": cls.__name__,
        "config": {**config, **inside},
        "registered_name": None,
    }
    if MODELS.members.get(cls.__name__) is cls:
        spec["module"], spec["registered_name"] = _MODEL_TAGS[cls.__name__]
    elif layers.members.get(cls.__name__) is not cls:
        spec["module"], spec["registered_name"] = None, get_registered_name(cls)
    built = _build_config(layer)
    if built is not None:
        spec["build_config"] = built
    if hasattr(layer, "compile"):
        spec["compile_config"] = {}
    return spec


def _tells_layer(layer: Any, name: str, value: Any) -> bool:
    """Whether a value of a config describes the layer that is the attribute of that name, as a wrapper's does."""
    held = getattr(layer, name, None)
    return isinstance(held, Layer) and isinstance(value, Mapping) and value.get("class_name") == type(held).__name__


def _build_config(layer: Any) -> dict[str, Any] | None:
    """What a layer was built for, as Keras writes it: of models from inputs and outputs, a Sequential's shape."""
    if isinstance(layer, MODELS.members["Sequential"]):
        return {"input_shape": serialize(layer.input_shape)} if layer.built else None
    if isinstance(layer, MODELS.members["Functional"]):
        return {"input_shape": None}
    config = None if layer._built_at_init else layer.get_build_config()
    return None if config is None else {key: serialize(value) for key, value in config.items()}


def layer_from_spec(spec: Any, custom_objects: Custom = None) -> Any:
    """Make the layer or model that a spec describes, without its weights.

    Args:
        spec: what ``layer_spec`` or Keras wrote.
        custom_objects: classes and functions by name, for what is not the library's own.

    Raises:
        FormatError: the spec lacks a part, or names something custom that ``custom_objects`` does not hold.
        UnknownNameError: it names a class that nobody knows.
        UncoveredError: it names a class that Keras has and the library does not.
    """
    cls = _find_class(spec, custom_objects)
    config = entry(spec, "config", dict, described(spec))
    if _takes_custom_objects(cls):
        return cls.from_config(config, custom_objects=custom_objects)
    return cls.from_config(revive(config, custom_objects, described(spec)))


def layer_as_described(spec: Any, custom_objects: Custom = None) -> Any:
    """Make the layer that a spec describes, built if it was; one that is made already is returned as it is."""
    if isinstance(spec, Layer):
        return spec
    made = layer_from_spec(spec, custom_objects)
    if not made.built and spec.get("build_config"):
        made.build_from_config(spec["build_config"])
    return made


describe_with(layer_spec, layer_as_described)


def model_from_spec(spec: Any, custom_objects: Custom = None) -> Any:
    """Make the model that a spec describes, neither compiled nor with its weights.

    Raises:
        FormatError: what is described is no model, and as for ``layer_from_spec``.
    """
    model = layer_from_spec(spec, custom_objects)
    if not hasattr(model, "compile"):
        raise FormatError(f"A model is expected, this describes the layer {described(spec)}.")
    if not model.built:  # its layers are made where it is called
        model.build_from_config(spec.get("build_config"))
    return model


def _find_class(spec: Any, custom_objects: Custom) -> Any:
    name = entry(spec, "class_name", str, "a layer")
    custom = find_custom(spec, custom_objects)
    if custom is not None:
        return custom
    if not _is_keras(spec):
        raise missing(f"Layer {described(spec)} is of a class that is not denselite's own", name)
    return MODELS.members[name] if name in MODELS.members else layers.find(name)


def _takes_custom_objects(cls: Any) -> bool:
    import inspect

    return "custom_objects" in inspect.signature(cls.from_config).parameters


def revive(value: Any, custom_objects: Custom, where: str) -> Any:
    """Put the caller's own objects in their places in a config; the library's stay described.

    Args:
        value: a config, or a part of one.
        custom_objects: classes and functions by name.
        where: whose config it is, for messages.

    Raises:
        FormatError: something custom is not among ``custom_objects``.
    """
    if isinstance(value, list):
        return [revive(part, custom_objects, where) for part in value]
    if not isinstance(value, dict):
        return value
    name = value.get("class_name")
    if not isinstance(name, str):
        return {key: revive(part, custom_objects, f"{where}, {key!r}") for key, part in value.items()}
    if name == "function":
        return _revive_function(value, custom_objects, where)
    if value.get("module") == "keras.layers" or name in MODELS.members:
        return layer_from_spec(value, custom_objects)
    config = revive(value.get("config", {}), custom_objects, where)
    cls = find_custom(value, custom_objects)
    if cls is not None:
        return cls.from_config(config) if hasattr(cls, "from_config") else cls(**config)
    if not _is_keras(value) and not name.startswith("__"):
        raise missing(f"{where} holds a {name}, which is not denselite's own", name)
    return {**value, "config": config}


def _revive_function(value: dict[str, Any], custom_objects: Custom, where: str) -> Any:
    name = entry(value, "config", str, where)
    found = get_registered_object(name, custom_objects)
    if found is None:
        raise missing(f"{where} holds the function {name!r}, which is not denselite's own", name)
    return found


def missing(what: str, name: str) -> FormatError:
    """Return the error about something custom that a caller has to pass when loading."""
    return FormatError(f"{what}. Pass it when loading: custom_objects={{{name!r}: {name}}}.")


def _is_keras(spec: Spec) -> bool:
    """Whether a spec names a class of Keras' own; specs of old that name no module do."""
    module = spec.get("module", "keras")
    return isinstance(module, str) and module.split(".")[0] == "keras"


def entry(spec: Any, key: str, kind: type, where: str) -> Any:
    """Return ``spec[key]``, checked.

    Raises:
        FormatError: ``spec`` is no dict, or has no such entry of that type.
    """
    if not isinstance(spec, Mapping):
        raise FormatError(f"The description of {where} is not a JSON object: got {spec!r:.80}.")
    if not isinstance(spec.get(key), kind):
        got = f"got {spec[key]!r:.80}" if key in spec else "which is not there"
        raise FormatError(f"The description of {where} needs {key!r} of type {kind.__name__}, {got}.")
    return spec[key]


def described(spec: Any) -> str:
    """Return how messages call what a spec describes: its name and class.

    Example:
        >>> described({"class_name": "Dense", "config": {"name": "h"}})
        "'h' (Dense)"
    """
    if not isinstance(spec, Mapping):
        raise FormatError(f"A layer is described by a JSON object, got {spec!r:.80}.")
    config = spec.get("config")
    name = config.get("name") if isinstance(config, Mapping) else None
    return f"{name!r} ({spec.get('class_name')})" if isinstance(name, str) else str(spec.get("class_name"))
