"""Models as JSON and in files.

    model.save("m.npz")            m.npz and m.json      load_model("m.npz")
    model.save_weights("m.weights.npz")                  model.load_weights("m.weights.npz")
    model.to_json()                                      model_from_json(text)

``m.npz`` is the model: an archive with the JSON (``model.json``) and an array for each weight, under its
structural path, and for each variable of the optimizer. ``m.json`` is the same JSON for people and tools.
"""

from __future__ import annotations

from denselite.saving.model_files import (
    load_model,
    load_weights,
    model_from_json,
    save_model,
    save_weights,
    serialize_model,
)

__all__ = ["load_model", "load_weights", "model_from_json", "save_model", "save_weights", "serialize_model"]
