"""What layers of a list of inputs have in common: what they refuse, how they broadcast and how they join masks."""

from __future__ import annotations

from functools import reduce
from typing import Any, ClassVar

import numpy as np

from denselite import ops
from denselite.errors import ShapeError
from denselite.layers.layer import Layer, is_shape
from denselite.layers.single import check_numbers, told_shape
from denselite.tensor.masks import get_mask

__all__ = ["Elementwise", "Merge"]


class Merge(Layer):
    """A layer of a list of inputs. Its output has a mask if all of them have one: what counts in any of them."""

    supports_masking = True
    _count: ClassVar[int | None] = None  # how many inputs there have to be, where it is not any number

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Apply the layer to a list of arrays, tensors or Keras tensors."""
        if not isinstance(inputs, list | tuple) or not inputs:
            got = f"one of shape {tuple(inputs.shape)}" if hasattr(inputs, "shape") else repr(inputs)[:80]
            raise ShapeError(f"{self._who} expects a list of inputs, got {got}. Write [a, b].")
        for k, entry in enumerate(inputs):
            if not getattr(entry, "shape", ()):
                raise ShapeError(
                    f"{self._who} expects a list of arrays with a batch axis, got {entry!r:.80} at place {k}."
                )
            check_numbers(self._who, entry)
        if self._count not in (None, len(inputs)):
            raise ShapeError(f"{self._who} expects a list of {self._count} inputs, got {len(inputs)}.")
        return super().__call__(list(inputs), *args, **kwargs)

    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, list | tuple) or not input_shape or not all(map(is_shape, input_shape)):
            raise ShapeError(f"{self._who} expects a list of inputs, got one of shape {input_shape}.")

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        masks = previous_mask or [None]
        return None if any(mask is None for mask in masks) else reduce(ops.logical_or, masks)

    @property
    def _who(self) -> str:
        return f"{type(self).__name__} {self.name!r}"


class Elementwise(Merge):
    """A ufunc over the inputs, from left to right; missing axes are put after the batch."""

    _combine: Any

    def call(self, inputs: Any) -> Any:
        rank = max(len(x.shape) for x in inputs)
        full = [ops.reshape(x, (x.shape[0], *(1,) * (rank - len(x.shape)), *x.shape[1:])) for x in inputs]
        try:
            np.broadcast_shapes(*(x.shape for x in full))
        except ValueError:
            raise ShapeError(
                f"{self._who} expects shapes that broadcast, got {[told_shape(x) for x in inputs]}."
            ) from None
        return self.join(full, [None if mask is None else ops.expand_dims(mask, -1) for mask in map(get_mask, inputs)])

    def join(self, inputs: list[Any], masks: list[Any]) -> Any:
        """Return the output.

        Args:
            inputs: arrays or tensors of one rank.
            masks: what counts in each of them, with a last axis of size 1, or None.
        """
        return reduce(self._combine, inputs)
