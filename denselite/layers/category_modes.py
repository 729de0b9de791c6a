"""How whole numbers that stand for categories go out: as they are, or as rows with a place for each category."""

from __future__ import annotations

from typing import Annotated, Any, cast

import numpy as np

from denselite import ops
from denselite.declared import Resolves
from denselite.errors import ArgumentError, UncoveredError
from denselite.layers.layer import Layer
from denselite.tensor.dtypes import is_float

__all__ = ["Categorical", "Sparse", "one_of"]


def one_of(*modes: str, **former: str) -> Resolves:
    """Return the annotation of an argument that is one of several words; ``former`` are words that mean one of them."""

    def get(value: Any) -> str:
        found = former.get(str(value), value)
        if not isinstance(found, str) or found not in modes:
            raise ArgumentError(f"it is one of {', '.join(map(repr, modes))}, got {value!r}.")
        return str(found)

    return Resolves(get)


def _dense(value: Any) -> bool:
    if isinstance(value, bool | np.bool) and value:
        raise UncoveredError("sparse=True exists in Keras and not in denselite. Leave it out: the output is dense.")
    if value is not None and not isinstance(value, bool | np.bool):
        raise ArgumentError(f"it is True or False, got {value!r:.80}.")
    return False


Sparse = Annotated[Any, Resolves(_dense)]


class Categorical(Layer):
    """A layer that finds a category for each entry of its input and gives it out as ``output_mode`` says.

    ``"one_hot"`` makes a row of each entry, on the last axis where that has the size 1, else behind it. ``"multi_hot"``
    and ``"count"`` make one row of the entries along axis 1. A category outside of the row is left out.
    """

    _casts_inputs = False

    output_mode = cast(str, None)  # no field: each layer declares it in its place

    @property
    def _depth(self) -> int:
        """How many categories a row has a place for."""
        raise NotImplementedError

    def _encoded(self, categories: Any, dtype: str, weights: Any = None) -> Any:
        """Return the output for categories; ``weights`` are what each of them counts."""
        if self.output_mode == "int":
            return ops.cast(categories, dtype)
        if not is_float(categories.dtype):
            categories = ops.cast(categories, "int64")  # a small type has no room for all places
        shape = tuple(categories.shape) or (1,)
        if self.output_mode == "one_hot" and len(shape) > 1 and shape[-1] == 1:
            shape = shape[:-1]
        rows = ops.one_hot(ops.reshape(categories, shape), self._depth, dtype)
        if self.output_mode == "one_hot":
            return rows
        axis = min(1, len(shape) - 1)
        if self.output_mode == "multi_hot":
            return ops.max(rows, axis)
        return ops.sum(rows if weights is None else rows * ops.expand_dims(weights, -1), axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        if self.output_mode == "one_hot":
            return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), self._depth)
        return (*shape[:1], *shape[2:], self._depth) if len(shape) > 1 else (self._depth,)
