"""Quantiles of data that comes batch by batch: a sorted summary of what was seen, a value and its weight a column.

Source: the summaries of Keras' ``Discretization``, whose numbers these are.
"""

from __future__ import annotations

import numpy as np

from denselite.ops.op import Array

__all__ = ["boundaries", "merged", "summary"]


def summary(values: Array, epsilon: float) -> Array:
    """Return every so many-th of the sorted values, such that about ``1 / epsilon`` are left."""
    ordered = np.sort(values, axis=None)
    step = max(ordered.size * epsilon, 1.0)
    kept = ordered[int(step - 1) :: int(step)]
    return np.stack([kept, np.full_like(kept, step)])


def merged(one: Array, other: Array, epsilon: float) -> Array:
    """Return the summary of what two summaries stand for."""
    both = np.concatenate([one, other], axis=1)
    return _compressed(both[:, np.argsort(both[0])], epsilon)


def boundaries(found: Array, bins: int) -> list[float]:
    """Return the values that part what a summary stands for into bins of equal weight."""
    parted: list[float] = _compressed(found, 1.0 / bins)[0, :-1].tolist()
    return parted


def _compressed(found: Array, epsilon: float) -> Array:
    if found.shape[1] * epsilon < 1:
        return found
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    heights = found[1].cumsum()
    values = np.interp(shares, heights / heights[-1], found[0])
    weights = np.diff(np.interp(shares, heights / heights[-1], heights), prepend=0)
    return np.stack([values, weights]).astype(np.float32)
