"""Layers of several inputs: ``Add`` and ``Concatenate``."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from denselite import ops
from denselite.errors import ShapeError
from denselite.layers.layer import Layer

__all__ = ["Add", "Concatenate", "add", "concatenate"]


class _Merge(Layer):
    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, list) or not input_shape or not isinstance(input_shape[0], list | tuple):
            raise ShapeError(
                f"{type(self).__name__} {self.name!r} expects a list of inputs, got one of shape {input_shape}."
            )


class Add(_Merge):
    """Add inputs elementwise; axes of size 1 broadcast, missing ones are put after the batch.

    Shapes:
        a list of ``(batch, ...)`` -> their broadcast shape.

    Raises:
        ShapeError: the input is no list, or shapes do not broadcast.

    Example:
        >>> Add()([np.ones((1, 2), "float32"), np.ones((1, 2), "float32")]).tolist()
        [[2.0, 2.0]]
    """

    def call(self, inputs: Any) -> Any:
        rank = max(len(x.shape) for x in inputs)
        full = [ops.reshape(x, (x.shape[0], *(1,) * (rank - len(x.shape)), *x.shape[1:])) for x in inputs]
        try:
            np.broadcast_shapes(*(x.shape for x in full))
        except ValueError:
            raise ShapeError(
                f"Add {self.name!r} cannot add inputs of shapes {[tuple(x.shape) for x in inputs]}."
            ) from None
        return reduce(np.add, full)


class Concatenate(_Merge):
    """Join inputs along an axis.

    Args:
        axis: the axis, the last by default; not the batch.

    Shapes:
        a list of shapes that agree but for ``axis`` -> one that is as long as all together there.

    Raises:
        ShapeError: the input is no list, or shapes differ elsewhere.

    Example:
        >>> Concatenate()([np.ones((1, 2), "float32"), np.zeros((1, 1), "float32")]).tolist()
        [[1.0, 1.0, 0.0]]
    """

    axis: int = -1

    def call(self, inputs: Any) -> Any:
        shapes = [tuple(x.shape) for x in inputs]
        axis = self.axis % len(shapes[0])
        if len({(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}) > 1:
            raise ShapeError(
                f"Concatenate {self.name!r} joins along axis {self.axis}; the other axes have to agree, got shapes {shapes}."
            )
        return ops.concatenate(inputs, axis=self.axis)


def add(inputs: Any, **kwargs: Any) -> Any:
    """Return ``Add(**kwargs)(inputs)``."""
    return Add(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Return ``Concatenate(axis, **kwargs)(inputs)``."""
    return Concatenate(axis, **kwargs)(inputs)
