"""Vectors of length 1."""

from __future__ import annotations

from typing import Any

from denselite.config import epsilon as default_epsilon
from denselite.errors import ArgumentError
from denselite.ops.elementwise import absolute, maximum, power, sqrt, square
from denselite.ops.op import public
from denselite.ops.reduction import sum

__all__ = ["normalize"]


@public
def normalize(x: Any, axis: int = -1, order: int = 2, epsilon: float | None = None) -> Any:
    """Return ``x / max(‖x‖, epsilon)``: vectors along ``axis`` with their length made 1.

    A vector of zeros stays what it is and, unlike in Keras, has a finite gradient.

    Args:
        x: a tensor.
        axis: the axis that vectors lie along.
        order: which norm: ``sum(|x|^order)^(1/order)``.
        epsilon: what is shorter is divided by this; ``config.epsilon()`` by default.

    Raises:
        ArgumentError: ``order`` is not an integer from 1.

    Example:
        >>> import numpy as np
        >>> normalize(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    if not isinstance(order, int) or order < 1:
        raise ArgumentError(f"normalize expects order to be an integer from 1, got {order!r}.")
    least = default_epsilon() if epsilon is None else epsilon
    if order == 2:
        return x / sqrt(maximum(sum(square(x), axis, keepdims=True), least * least))
    powers = sum(power(absolute(x), float(order)), axis, keepdims=True)
    return x / power(maximum(powers, least**order), 1.0 / order)
