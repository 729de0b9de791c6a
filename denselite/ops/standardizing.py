"""Normalization with given numbers: what the layers of that name compute, as functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from denselite.config import epsilon as default_epsilon
from denselite.ops.elementwise import sqrt, square
from denselite.ops.filling import convert_to_tensor, shape
from denselite.ops.normalization import rescale, standardize
from denselite.ops.op import public
from denselite.ops.reduction import mean as mean_over
from denselite.ops.shaping import normalize_axis, reshape

__all__ = ["batch_normalization", "layer_normalization", "rms_normalization"]


def _along(x: Any, axis: int | Sequence[int], *vectors: Any) -> tuple[list[int], list[Any]]:
    """The axes from the front, and vectors (or None) shaped so that their entries lie along them."""
    sizes = shape(x)
    given = [axis] if isinstance(axis, int) else axis
    axes = sorted(normalize_axis(a, len(sizes), "normalization") for a in given)
    lying = tuple(size if k in axes else 1 for k, size in enumerate(sizes))
    return axes, [None if v is None else reshape(convert_to_tensor(v), lying) for v in vectors]


@public
def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Any:
    """Return ``(x - mean) / sqrt(variance + epsilon) * scale + offset``.

    Args:
        x: a tensor.
        mean: a number for each entry along ``axis``.
        variance: likewise.
        axis: the axis of the features.
        offset: likewise, 0 by default.
        scale: likewise, 1 by default.
        epsilon: keeps a variance of 0 from dividing.

    Example:
        >>> import numpy as np
        >>> batch_normalization(np.array([[1.0], [3.0]]), [2.0], [1.0], -1, epsilon=0.0).tolist()
        [[-1.0], [1.0]]
    """
    _, (center, spread, offset, scale) = _along(x, axis, mean, variance, offset, scale)
    values = rescale(x, center, spread, epsilon, scale)
    return values if offset is None else values + offset


@public
def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> Any:
    """Return ``(x - mean) / sqrt(variance + epsilon) * gamma + beta``, with the mean and variance over ``axis``.

    Args:
        x: a tensor.
        gamma: a factor for each entry along ``axis``, 1 by default.
        beta: what is added to each, 0 by default.
        axis: one or several.
        epsilon: keeps a variance of 0 from dividing; ``config.epsilon()`` by default.

    Example:
        >>> import numpy as np
        >>> layer_normalization(np.array([[1.0, 3.0]]), epsilon=0.0).tolist()
        [[-1.0, 1.0]]
    """
    x = convert_to_tensor(x)
    axes, (gamma, beta) = _along(x, axis, gamma, beta)
    values = standardize(x, axes, default_epsilon() if epsilon is None else epsilon)[0]
    values = values if gamma is None else values * gamma
    return values if beta is None else values + beta


@public
def rms_normalization(x: Any, scale: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None) -> Any:
    """Return ``x / sqrt(mean(x²) + epsilon) * scale``, with the mean over ``axis``.

    Args:
        x: a tensor.
        scale: a factor for each entry along ``axis``, 1 by default.
        axis: one or several.
        epsilon: keeps zeros from dividing; ``config.epsilon()`` by default.

    Example:
        >>> import numpy as np
        >>> rms_normalization(np.array([[3.0, 3.0]]), epsilon=0.0).tolist()
        [[1.0, 1.0]]
    """
    axes, (scale,) = _along(x, axis, scale)
    least = default_epsilon() if epsilon is None else epsilon
    values = x / sqrt(mean_over(square(x), axes, keepdims=True) + least)
    return values if scale is None else values * scale
