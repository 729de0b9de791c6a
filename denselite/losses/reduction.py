"""From one value a sample to one number: weights, masks and reductions, with Keras' divisors."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from denselite import ops
from denselite.errors import ShapeError
from denselite.losses.ranks import as_values, described, same_rank

__all__ = ["divide_no_nan", "masked_weight", "reduce_weighted"]


def divide_no_nan(x: Any, divisor: Any) -> Any:
    """Return ``x / divisor``, and 0 where the divisor is 0.

    Example:
        >>> float(divide_no_nan(np.array(3.0), np.array(0.0)))
        0.0
    """
    empty = ops.equal(divisor, 0.0)
    return ops.where(empty, 0.0, x / ops.where(empty, 1.0, divisor))


def reduce_weighted(values: Any, weight: Any, mask: Any, reduction: str | None) -> Any:
    """Return the reduced loss.

    Args:
        values: one value a sample, or more axes.
        weight: factors that broadcast to ``values``, or None.
        mask: booleans that broadcast to the values and say which count, or None. A mean is over those.
        reduction: as in ``Loss``.

    Raises:
        ShapeError: weights do not broadcast to the values.
    """
    weight = masked_weight(weight, mask, values.dtype)
    if weight is not None:
        values, weight = same_rank(values, weight)
        _expect_broadcast(weight, values)
        values = values * weight
    if reduction in (None, "none") or values.shape in ((), (0,)):
        return values
    if reduction == "sum":
        return ops.sum(values)
    if reduction == "mean_with_sample_weight" and weight is not None:
        return divide_no_nan(ops.sum(values), ops.sum(weight))
    if mask is not None:
        each = prod(values.shape) / max(prod(mask.shape), 1)  # values that an entry of the mask is about
        counted = ops.sum(ops.cast(mask, values.dtype))
        return divide_no_nan(ops.sum(values), counted if each == 1 else counted * each)
    return ops.mean(values) if prod(values.shape) else ops.sum(values)


def masked_weight(weight: Any, mask: Any, dtype: Any) -> Any:
    """Return weights that are 0 where the mask is False; None where there is neither.

    Raises:
        ShapeError: weights and mask do not broadcast.

    Example:
        >>> masked_weight(np.array([2.0, 3.0]), np.array([True, False]), "float64").tolist()
        [2.0, 0.0]
    """
    if mask is None:
        return weight
    counted = ops.cast(mask, dtype)
    if weight is None:
        return counted
    counted, weight = same_rank(counted, as_values(weight, dtype))
    try:
        np.broadcast_shapes(counted.shape, weight.shape)
    except ValueError:
        given, expected = described(weight.shape, counted.shape)
        raise ShapeError(f"sample_weight of shape {given} does not fit a mask of shape {expected}.") from None
    return counted * weight


def _expect_broadcast(weight: Any, values: Any) -> None:
    try:
        fits = np.broadcast_shapes(weight.shape, values.shape) == tuple(values.shape)
        fits = fits or values.shape == ()  # a loss with one value for the whole batch takes any weights, as in Keras
    except ValueError:
        fits = False
    if not fits:
        given, expected = described(weight.shape, values.shape)
        raise ShapeError(f"sample_weight of shape {given} does not fit a loss that has values of shape {expected}.")
