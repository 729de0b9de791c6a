"""What a model made of inputs and outputs is given: the Keras tensors that it is made of, and values for its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import ops, tree
from denselite.errors import ArgumentError, ShapeError
from denselite.losses.ranks import per_sample
from denselite.tensor.masks import keep_mask
from denselite.tensor.symbols import KerasTensor

__all__ = ["fit_input", "flat_symbols"]


def flat_symbols(value: Any, who: str, model: Any) -> tuple[list[KerasTensor], tree.Structure]:
    """Return the Keras tensors that a model is given as ``inputs`` or ``outputs``, and how they are nested."""
    leaves, structure = tree.flatten(value)
    wrong = [leaf for leaf in leaves if not isinstance(leaf, KerasTensor)]
    if wrong or not leaves:
        raise ArgumentError(
            f"{type(model).__name__}: {who} are what Input() or a layer returned, "
            f"got {_in_short(wrong[0] if wrong else value)}."
        )
    return leaves, structure


def _in_short(value: Any) -> str:
    return f"a {type(value).__name__} of shape {value.shape}" if hasattr(value, "shape") else repr(value)


def fit_input(value: Any, symbol: KerasTensor, model: Any, who: str = "") -> Any:
    """Check a value against an input, adding or dropping a last axis of size 1 as Keras does."""
    given = value
    if not hasattr(value, "shape"):
        value = np.asarray(value, symbol.dtype)
    rank, shape = len(symbol.shape), tuple(value.shape)
    if len(shape) == rank - 1 and symbol.shape[-1] == 1:
        value = ops.expand_dims(value, -1)
    elif len(shape) == rank + 1 and shape[-1] == 1:
        value = ops.squeeze(value, -1)
    found = tuple(value.shape)
    if len(found) != rank or any(
        want is not None and have is not None and want != have
        for want, have in zip(symbol.shape[1:], found[1:], strict=True)  # batches may have any size, as in Keras
    ):
        one_row = shape[1:] == symbol.shape[2:] if who else shape == symbol.shape[1:]
        hint = f" If it is one row, add the batch axis: {who or 'x'}[None]." if one_row else ""
        got = f"{who} of shape {per_sample(shape)}" if who else shape
        raise ShapeError(
            f"{type(model).__name__} {model.name!r} expects input {symbol.name!r} of shape {symbol.shape}, "
            f"got {got}.{hint}"
        )
    if not isinstance(value, KerasTensor) and value.dtype != symbol.dtype:
        value = ops.cast(value, symbol.dtype)
    return keep_mask(given, value)
