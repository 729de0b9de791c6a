"""Layers of several inputs: ``Add`` and ``Concatenate``."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from denselite import ops
from denselite.errors import ShapeError
from denselite.layers.layer import Layer, is_shape
from denselite.layers.single import check_numbers, told_shape

__all__ = ["Add", "Concatenate", "add", "concatenate"]


class _Merge(Layer):
    """A layer of a list of inputs."""

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Apply the layer to a list of arrays, tensors or Keras tensors."""
        who = f"{type(self).__name__} {self.name!r}"
        if not isinstance(inputs, list | tuple) or not inputs:
            got = f"one of shape {tuple(inputs.shape)}" if hasattr(inputs, "shape") else repr(inputs)[:80]
            raise ShapeError(f"{who} expects a list of inputs, got {got}. Write [a, b].")
        for k, entry in enumerate(inputs):
            if not getattr(entry, "shape", ()):
                raise ShapeError(f"{who} expects a list of arrays with a batch axis, got {entry!r:.80} at place {k}.")
            check_numbers(who, entry)
        return super().__call__(list(inputs), *args, **kwargs)

    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, list | tuple) or not input_shape or not all(map(is_shape, input_shape)):
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
                f"Add {self.name!r} expects shapes that broadcast, got {[told_shape(x) for x in inputs]}."
            ) from None
        return reduce(np.add, full)


class Concatenate(_Merge):
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
                f"Concatenate {self.name!r} joins along axis {self.axis}, got inputs of shapes {told}. "
                f"The axis is between 1 and {rank - 1}, or counted from the end; axis 0 is the batch."
            )
        if len({(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}) > 1:
            raise ShapeError(
                f"Concatenate {self.name!r} joins along axis {self.axis}; the other axes have to agree, "
                f"got shapes {told}."
            )
        return ops.concatenate(inputs, axis=self.axis)


def add(inputs: Any, **kwargs: Any) -> Any:
    """Return ``Add(**kwargs)(inputs)``."""
    return Add(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Return ``Concatenate(axis, **kwargs)(inputs)``."""
    return Concatenate(axis, **kwargs)(inputs)
