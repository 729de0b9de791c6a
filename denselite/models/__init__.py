"""Models: ``Sequential``, ``Model``, and how they are trained."""

from __future__ import annotations

from typing import NoReturn

from denselite.models.model import Functional, Model
from denselite.models.sequential import Sequential
from denselite.registry import refuse_name
from denselite.saving import load_model, model_from_json, save_model
from denselite.saving.objects import MODELS

__all__ = ["Functional", "Model", "Sequential", "load_model", "model_from_json", "save_model"]

MODELS.add(Functional, "Model")
MODELS.add(Sequential)

_ABSENT = (
    "clone_model",
)  # fmt: skip


def __getattr__(name: str) -> NoReturn:
    refuse_name(__name__, name, _ABSENT, __all__)
