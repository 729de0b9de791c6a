"""Models: ``Sequential``, ``Model``, and how they are trained."""

from __future__ import annotations

from denselite.models.model import Functional, Model
from denselite.models.sequential import Sequential
from denselite.saving import load_model, model_from_json, save_model
from denselite.saving.objects import MODELS

__all__ = ["Functional", "Model", "Sequential", "load_model", "model_from_json", "save_model"]

MODELS.add(Functional, "Model")
MODELS.add(Sequential)
