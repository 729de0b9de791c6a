"""``Initializer``: the base of all, and the table of their names."""

from __future__ import annotations

from typing import Any

from denselite.declared import Declared
from denselite.errors import StateError
from denselite.ops.op import Array
from denselite.registry import Registry

__all__ = ["Initializer", "initializers"]

initializers: Registry[Any] = Registry("initializer", absent=("STFT", "STFTInitializer", "stft"))


class Initializer(Declared):
    """Base of what gives a weight its first value: a callable ``(shape, dtype=None) -> array``.

    Example:
        >>> import numpy as np
        >>> class Halves(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return np.full(shape, 0.5, dtype)
        >>> Halves()((2,), "float32").tolist()
        [0.5, 0.5]
    """

    _keras_module = "keras.initializers"
    _trailing_positional = True

    def __call__(self, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """Return the first value of a weight.

        Args:
            shape: a tuple of ints.
            dtype: a dtype, ``floatx()`` when None.
        """
        raise StateError(
            f"{type(self).__name__} has no __call__(shape, dtype=None): an initializer says its values there."
        )

    def clone(self) -> Initializer:
        """Return a fresh initializer from this one's config; one without a seed draws other numbers."""
        return type(self).from_config(self.get_config())
