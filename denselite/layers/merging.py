"""Layers that put together inputs of one shape, or of shapes that broadcast: ``Add``, ``Average`` and ``Subtract``."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.layers.merge import Elementwise

__all__ = ["Add", "Average", "Subtract", "add", "average", "subtract"]


class Add(Elementwise):
    """Add inputs elementwise; axes of size 1 broadcast, missing ones are put after the batch.

    Shapes:
        a list of ``(batch, ...)`` -> their broadcast shape.

    Raises:
        ShapeError: the input is no list, or shapes do not broadcast.

    Example:
        >>> Add()([np.ones((1, 2), "float32"), np.ones((1, 2), "float32")]).tolist()
        [[2.0, 2.0]]
    """

    _combine = np.add


class Average(Add):
    """Take the mean of the inputs, elementwise; axes of size 1 broadcast, missing ones are put after the batch.

    Shapes:
        a list of ``(batch, ...)`` -> their broadcast shape.

    Raises:
        ShapeError: the input is no list, or shapes do not broadcast.

    Example:
        >>> Average()([np.array([[2.0, 3.0]], "float32"), np.array([[1.0, 4.0]], "float32")]).tolist()
        [[1.5, 3.5]]
    """

    def call(self, inputs: Any) -> Any:
        return super().call(inputs) / len(inputs)


class Subtract(Elementwise):
    """Subtract the second input from the first; axes of size 1 broadcast, missing ones are put after the batch.

    Shapes:
        a list of two ``(batch, ...)`` -> their broadcast shape.

    Raises:
        ShapeError: the input is no list of two, or shapes do not broadcast.

    Example:
        >>> Subtract()([np.array([[2.0, 3.0]], "float32"), np.array([[1.0, 4.0]], "float32")]).tolist()
        [[1.0, -1.0]]
    """

    _combine = np.subtract
    _count = 2


def add(inputs: Any, **kwargs: Any) -> Any:
    """Return ``Add(**kwargs)(inputs)``."""
    return Add(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """Return ``Average(**kwargs)(inputs)``."""
    return Average(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """Return ``Subtract(**kwargs)(inputs)``."""
    return Subtract(**kwargs)(inputs)
