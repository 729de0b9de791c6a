"""Slots that are held in units of their own, so that a rule needs fewer passes over them.

A running mean ``m ← β·m + (1-β)·g`` takes three passes, the plain sum ``s ← β·s + g`` two, and ``m = (1-β)·s``. So the
slot is held as ``s``, with ``1-β`` as its unit, and read and assigned as ``m``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.op import Array
from denselite.tensor.variable import Variable

__all__ = ["ScaledVariable", "hold", "unit_of"]


class ScaledVariable(Variable):
    """A variable whose storage is its value divided by a unit.

    Args:
        unit: the unit, positive.
        *args: the arguments of ``Variable``, among them the initial value.
        **kwargs: its keyword arguments.

    Example:
        >>> v = ScaledVariable(0.25, np.array([1.0, 2.0], "float32"))
        >>> v.storage.tolist(), v.numpy().tolist()
        ([4.0, 8.0], [1.0, 2.0])
    """

    def __init__(self, unit: float, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.storage[...] /= unit

    @property
    def value(self) -> Any:
        """The value, a read-only array."""
        found = self.numpy()
        found.flags.writeable = False
        return found

    def numpy(self) -> Array:
        """Return the value as an array."""
        found: Array = self.storage * self.dtype.type(self.unit)
        return found

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return np.asarray(self.numpy(), dtype)

    def __float__(self) -> float:
        return float(self.numpy())

    def assign(self, value: Any) -> None:
        """Set the value; it is cast to the variable's dtype."""
        super().assign(value)
        self.storage[...] /= self.unit

    def convert(self, unit: float) -> None:
        """Hold the value in another unit from now on."""
        if unit != self.unit:
            self.storage[...] *= self.unit / unit
            self.unit = unit


def hold(variable: Variable, stored: Array, unit: float) -> None:
    """Set a variable to an array in some unit; to the bit, where it is held in that unit itself."""
    if unit == unit_of(variable):
        np.copyto(variable.storage, stored)
    else:
        variable.assign(stored * unit)


def unit_of(variable: Variable) -> float:
    """Return what a variable's storage is in units of."""
    return variable.unit if isinstance(variable, ScaledVariable) else 1.0
