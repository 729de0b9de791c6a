"""Models: ``Sequential``, ``Model``, and how they are trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from denselite import saving
from denselite.models.model import Functional, Model
from denselite.models.sequential import Sequential
from denselite.registry import refuse_name
from denselite.saving.objects import MODELS

if TYPE_CHECKING:
    from denselite.saving import load_model as load_model
    from denselite.saving import model_from_json as model_from_json
    from denselite.saving import save_model as save_model

__all__ = ["Functional", "Model", "Sequential", "load_model", "model_from_json", "save_model"]

MODELS.add(Functional, "Model")
MODELS.add(Sequential)

_ABSENT = (
    "clone_model",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        refuse_name(__name__, name, _ABSENT, __all__)
    return getattr(saving, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
