"""Standardizing: values with the mean 0 and the deviation 1, and the gradient of that in its closed form.

The forward pass is written in elementary ops, so that mean and variance can be read as well. Followed
step by step, its gradient would walk back through each of them; the closed form needs half the passes
over the data, and reads nothing but what the forward pass has made anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from denselite import config
from denselite.ops.apart import first
from denselite.ops.elementwise import reciprocal, sqrt, square
from denselite.ops.identity import cast
from denselite.ops.logic import where
from denselite.ops.op import Op
from denselite.ops.reduction import divide_by_count, mean
from denselite.ops.reduction import sum as sum_over
from denselite.ops.shaping import reshape

__all__ = ["inverse_root", "masked_moments", "rescale", "standardize"]


def _vjp(g: Any, out: Any, values: Any, x: Any, centered: Any, inverse: Any, scale: Any, *, axes: Any) -> Any:
    """``dx = scale/σ · (g - mean(g) - x̂·mean(g·x̂))`` and ``dscale = sum(g·x̂)``, with ``x̂ = centered/σ``."""
    shape, sizes = inverse.shape, tuple(x.shape[axis] for axis in axes)
    to_scale = reshape(sum_over(g * centered, axes), shape) * inverse
    level = divide_by_count(reshape(sum_over(g, axes), shape), sizes=sizes)
    slope = divide_by_count(to_scale * inverse, sizes=sizes)
    return None, (g - level - centered * slope) * (inverse * scale), None, None, to_scale


# The values as they are, with the gradient of all that made them: what `values`, `centered` and `inverse`
# would pass back is in what goes to `x` and `scale`.
_standardized = Op(
    "standardized",
    infer=lambda values, x, centered, inverse, scale, *, axes: (values.shape, values.dtype),
    view=lambda values, *_, axes: values,
    vjp=_vjp,
    reads=("2", "3", "4"),
    apart=first,
    sample=lambda rng: (
        [rng.normal(size=(3, 4)) for _ in range(3)] + [rng.normal(size=(1, 4)) for _ in range(2)],
        {"axes": (0,)},
    ),
)


def inverse_root(x: Any, epsilon: float) -> Any:
    """Return ``1 / sqrt(x + epsilon)``."""
    return reciprocal(sqrt(x + epsilon))


def rescale(x: Any, mean: Any, variance: Any, epsilon: float, scale: Any = None) -> Any:
    """Return ``scale · (x - mean) / sqrt(variance + epsilon)``; no ``scale`` is 1."""
    factor = inverse_root(variance, epsilon)
    return (x - mean) * (factor if scale is None else factor * scale)


def standardize(x: Any, axes: Sequence[int], epsilon: float, scale: Any = None) -> tuple[Any, Any, Any]:
    """Return ``rescale(x, mean, variance, epsilon, scale)`` with the mean and the variance of ``x``, and these two.

    Args:
        x: floats.
        axes: what mean and (population) variance are taken over, counted from the front.
        epsilon: keeps a variance of 0 from dividing, 0 or more.
        scale: a factor that is one number along ``axes``; None for 1.

    Shapes:
        ``x: (...)``; mean and variance lack ``axes`` if these are its first ones, else they keep them with
        size 1: both broadcast to ``x``, as ``scale`` does.

    Example:
        >>> values, center, variance = standardize(np.array([[1.0], [3.0]]), (0,), 0.0)
        >>> values.tolist(), center.tolist(), variance.tolist()
        ([[-1.0], [1.0]], [2.0], [1.0])
    """
    axes = tuple(axes)
    keepdims = axes != tuple(range(len(axes)))
    center = mean(x, axes, keepdims)
    centered = x - center
    variance = mean(square(centered), axes, keepdims)
    inverse = inverse_root(variance, epsilon)
    scale = np.ones((), inverse.dtype) if scale is None else scale
    values = _standardized(centered * (inverse * scale), x, centered, inverse, scale, axes=axes)
    return values, center, variance


def masked_moments(x: Any, mask: Any, axes: Sequence[int]) -> tuple[Any, Any]:
    """Return mean and variance over ``axes`` of the entries of ``x`` that count.

    Args:
        x: floats.
        mask: true where an entry counts; it broadcasts to ``x``.
        axes: what is averaged over. Where nothing counts, both are 0.
    """
    counts = np.broadcast_to(mask, x.shape)
    count = sum_over(cast(counts, x.dtype), axes, keepdims=True) + config.epsilon()
    center = sum_over(where(counts, x, 0.0), axes, keepdims=True) / count
    return center, sum_over(square(where(counts, x - center, 0.0)), axes, keepdims=True) / count
