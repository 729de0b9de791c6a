"""Layers that leave padding out of what they put together: ``Multiply``, ``Maximum`` and ``Minimum``."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from denselite import ops
from denselite.layers.merge import Elementwise

__all__ = ["Maximum", "Minimum", "Multiply", "maximum", "minimum", "multiply"]


class Multiply(Elementwise):
    """Multiply inputs elementwise; axes of size 1 broadcast, missing ones are put after the batch.

    What the mask of an input leaves out counts as 1, and as 0 where the masks of all inputs leave it out.

    Shapes:
        a list of ``(batch, ...)`` -> their broadcast shape.

    Raises:
        ShapeError: the input is no list, or shapes do not broadcast.

    Example:
        >>> Multiply()([np.array([[2.0, 3.0]], "float32"), np.array([[5.0]], "float32")]).tolist()
        [[10.0, 15.0]]
    """

    _combine = np.multiply

    def join(self, inputs: list[Any], masks: list[Any]) -> Any:
        factors = [x if mask is None else ops.where(mask, x, 1.0) for x, mask in zip(inputs, masks, strict=True)]
        product = reduce(np.multiply, factors)
        if any(mask is None for mask in masks):
            return product
        return ops.where(reduce(ops.logical_or, masks), product, 0.0)


class _Extreme(Elementwise):
    def join(self, inputs: list[Any], masks: list[Any]) -> Any:
        found, counts = inputs[0], masks[0]
        for x, mask in zip(inputs[1:], masks[1:], strict=True):
            other = x if mask is None else ops.where(mask, x, found)
            found = found if counts is None else ops.where(counts, found, other)
            counts = None if mask is None or counts is None else ops.logical_or(counts, mask)
            found = self._combine(found, other)
        return found


class Maximum(_Extreme):
    """Take the largest input, elementwise; axes of size 1 broadcast, missing ones are put after the batch.

    Where the mask of an input leaves it out, the others decide.

    Shapes:
        a list of ``(batch, ...)`` -> their broadcast shape.

    Raises:
        ShapeError: the input is no list, or shapes do not broadcast.

    Example:
        >>> Maximum()([np.array([[2.0, 3.0]], "float32"), np.array([[1.0, 4.0]], "float32")]).tolist()
        [[2.0, 4.0]]
    """

    _combine = np.maximum


class Minimum(_Extreme):
    """Take the smallest input, elementwise; axes of size 1 broadcast, missing ones are put after the batch.

    Where the mask of an input leaves it out, the others decide.

    Shapes:
        a list of ``(batch, ...)`` -> their broadcast shape.

    Raises:
        ShapeError: the input is no list, or shapes do not broadcast.

    Example:
        >>> Minimum()([np.array([[2.0, 3.0]], "float32"), np.array([[1.0, 4.0]], "float32")]).tolist()
        [[1.0, 3.0]]
    """

    _combine = np.minimum


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """Return ``Maximum(**kwargs)(inputs)``."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """Return ``Minimum(**kwargs)(inputs)``."""
    return Minimum(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Return ``Multiply(**kwargs)(inputs)``."""
    return Multiply(**kwargs)(inputs)
