"""Weights of images made larger: each new entry is a weighted sum of old ones, along one axis at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from denselite.ops.op import Array
from denselite.tensor.room import spare

__all__ = ["KERNELS", "enlarging"]


def _cubic(d: Array) -> Array:
    """Keys, 1981, "Cubic convolution interpolation for digital image processing", with a = -1/2."""
    near, far = (1.5 * d - 2.5) * d * d + 1.0, ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0
    return np.where(d < 1, near, np.where(d < 2, far, 0.0))


def _lanczos(radius: int) -> Callable[[Array], Array]:
    return lambda d: np.where(d < radius, np.sinc(d) * np.sinc(d / radius), 0.0)


# How much an old entry counts at a distance, in old entries.
KERNELS: dict[str, Callable[[Array], Array]] = {
    "bilinear": lambda d: np.maximum(0.0, 1.0 - d),
    "bicubic": _cubic,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}


def enlarging(size: int, factor: int, kernel: Callable[[Array], Array], dtype: Any) -> Array:
    """Return the matrix that makes an axis ``factor`` times as long.

    Entries stand in the middle of their pixels; weights beyond an edge go to those inside.

    Args:
        size: entries of the axis.
        factor: how many new entries there are for an old one.
        kernel: the weight at a distance.
        dtype: of the matrix.

    Shapes:
        ``(size * factor, size)``; each row sums to 1.

    Example:
        >>> enlarging(2, 2, KERNELS["bilinear"], "float32").tolist()
        [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    spare(f"What makes {size} entries {size * factor}", (size * factor, size), 8)
    centres = (np.arange(size * factor) + 0.5) / factor - 0.5
    weights = kernel(np.abs(centres[:, None] - np.arange(size)))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype)
