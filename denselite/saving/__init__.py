"""Models as JSON and in files.

    model.save("m.npz")            m.npz and m.json      load_model("m.npz")
    model.save_weights("m.weights.npz")                  model.load_weights("m.weights.npz")
    model.to_json()                                      model_from_json(text)

``m.npz`` is the model: an archive with the JSON (``model.json``) and an array for each weight, under its
structural path, for each variable of the optimizer, and for what layers keep beside (see ``assets.py``).
``m.json`` is the same JSON for people and tools.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from denselite.custom_objects import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from denselite.registry import refuse_name

if TYPE_CHECKING:
    from denselite.saving.keras_objects import deserialize_keras_object as deserialize_keras_object
    from denselite.saving.keras_objects import serialize_keras_object as serialize_keras_object
    from denselite.saving.model_files import load_model as load_model
    from denselite.saving.model_files import load_weights as load_weights
    from denselite.saving.model_files import model_from_json as model_from_json
    from denselite.saving.model_files import save_model as save_model
    from denselite.saving.model_files import save_weights as save_weights
    from denselite.saving.model_files import serialize_model as serialize_model

__all__ = [
    "CustomObjectScope", "custom_object_scope", "deserialize_keras_object", "get_custom_objects",
    "get_registered_name", "get_registered_object", "load_model", "load_weights", "model_from_json",
    "register_keras_serializable", "save_model", "save_weights", "serialize_keras_object", "serialize_model",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        refuse_name(__name__, name, ("KerasFileEditor",), __all__)
    if name.endswith("keras_object"):
        from denselite.saving import keras_objects

        return getattr(keras_objects, name)
    from denselite.saving import model_files  # by who first reads or writes a file, not by everyone

    return getattr(model_files, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
