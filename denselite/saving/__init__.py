"""stub"""
from __future__ import annotations
from typing import Any
def load_model(*a: Any, **k: Any) -> Any: ...
model_from_json = save_model = serialize_model = load_weights = save_weights = load_model
