"""``Rescaling``: inputs times a number, plus a number."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from denselite import ops
from denselite.declared import Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.single import Single

__all__ = ["Rescaling"]


def _numbers(value: Any) -> Any:
    """A number, or several as a list, which can be written as JSON."""
    plain = value.tolist() if isinstance(value, np.ndarray) else value
    entries = plain if isinstance(plain, list | tuple) and plain else [plain]
    if not all(isinstance(entry, int | float) and not isinstance(entry, bool) for entry in entries):
        raise ArgumentError(f"it takes a number, or one for each entry of the last axis, got {value!r}.")
    return list(plain) if isinstance(plain, tuple) else plain


class Rescaling(Single):
    """Compute ``inputs * scale + offset``, the same in training and after.

    Args:
        scale: a number, or one for each entry of the last axis.
        offset: a number, or one for each entry of the last axis.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ``scale`` or ``offset`` is no number and no list of them.
        ShapeError: there are more or fewer numbers than entries of the last axis.

    Example:
        >>> Rescaling(1 / 255)(np.array([[0, 255]])).tolist()
        [[0.0, 1.0]]
    """

    supports_masking = True

    scale: Annotated[Any, Resolves(_numbers)]
    offset: Annotated[Any, Resolves(_numbers)] = 0.0

    def call(self, inputs: Any) -> Any:
        scale, offset = np.asarray(self.scale, self.dtype), np.asarray(self.offset, self.dtype)
        for name, numbers in (("scale", scale), ("offset", offset)):
            if numbers.ndim and numbers.shape != (inputs.shape[-1],):
                raise ShapeError(
                    f"Rescaling {self.name!r} expects one number for each of the {inputs.shape[-1]} entries of the "
                    f"last axis, got {name} of shape {numbers.shape}."
                )
        return ops.cast(inputs, self.dtype) * scale + offset
