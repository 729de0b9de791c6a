"""How often something is saved."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from denselite.declared import Resolves
from denselite.errors import ArgumentError

__all__ = ["Frequency"]


def _frequency(value: Any) -> int | Literal["epoch"]:
    if value == "epoch" or (type(value) is int and value > 0):
        checked: int | Literal["epoch"] = value
        return checked
    raise ArgumentError(f"'epoch' or a positive number of batches is expected, got {value!r}.")


Frequency = Annotated[int | Literal["epoch"], Resolves(_frequency)]  # after epochs, or so many batches
