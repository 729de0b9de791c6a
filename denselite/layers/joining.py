"""``Concatenate``: inputs side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import ops
from denselite.errors import ShapeError
from denselite.layers.merge import Merge
from denselite.layers.single import told_shape

__all__ = ["Concatenate", "concatenate"]


class Concatenate(Merge):
    """Join inputs along an axis.

    Args:
        axis: the axis, the last by default; not the batch.

    Shapes:
        a list of shapes that agree but for ``axis`` -> one that is as long as all together there.

    Raises:
        ShapeError: the input is no list, shapes differ elsewhere, or ``axis`` is the batch or does not exist.

    Example:
        >>> Concatenate()([np.ones((1, 2), "float32"), np.zeros((1, 1), "float32")]).tolist()
        [[1.0, 1.0, 0.0]]
    """

    axis: int = -1

    def call(self, inputs: Any) -> Any:
        shapes = [tuple(x.shape) for x in inputs]
        told, rank = [told_shape(x) for x in inputs], len(shapes[0])
        axis = self.axis % rank
        if not -rank <= self.axis < rank or axis == 0:
            raise ShapeError(
                f"{self._who} joins along axis {self.axis}, got inputs of shapes {told}. "
                f"The axis is between 1 and {rank - 1}, or counted from the end; axis 0 is the batch."
            )
        if len({(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}) > 1:
            raise ShapeError(
                f"{self._who} joins along axis {self.axis}; the other axes have to agree, got shapes {told}."
            )
        return ops.concatenate(inputs, axis=self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        if all(mask is None for mask in previous_mask or [None]):
            return None
        whole = [
            np.ones(tuple(x.shape), bool) if mask is None else ops.broadcast_to(_under(mask, x), tuple(x.shape))
            for x, mask in zip(inputs, previous_mask, strict=True)
        ]
        return ops.any(ops.concatenate(whole, axis=self.axis), axis=-1)


def _under(mask: Any, x: Any) -> Any:
    """A mask with axes of size 1 behind its own, as many as ``x`` has."""
    return ops.reshape(mask, (*mask.shape, *(1,) * (len(x.shape) - len(mask.shape))))


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Return ``Concatenate(axis, **kwargs)(inputs)``."""
    return Concatenate(axis, **kwargs)(inputs)
