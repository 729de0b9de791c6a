"""Gradients before the rule sees them: unscaled and clipped, by calls that write over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from denselite.ops.op import Array
from denselite.program.arena import runs

__all__ = ["bind_clipping", "bind_unscaling"]

Call = Callable[[], Any]


def bind_unscaling(gradients: Sequence[Array], factor: float | None) -> list[Call]:
    """Return the calls that divide gradients, of a loss that was multiplied by ``factor``; None for no factor."""
    if factor is None:
        return []
    return [partial(np.divide, g, np.asarray(factor, g.dtype), g) for (g,) in runs([gradients])]


def bind_clipping(
    gradients: Sequence[Array], clipnorm: float | None, clipvalue: float | None, global_clipnorm: float | None
) -> list[Call]:
    """Return the calls that clip gradients; at most one way of clipping is asked for.

    Args:
        gradients: arrays, written over.
        clipnorm: the largest L2 norm of each.
        clipvalue: the largest absolute value.
        global_clipnorm: the largest L2 norm of all together.
    """
    if clipvalue is not None:
        return [partial(np.clip, g, -clipvalue, clipvalue, g) for (g,) in runs([gradients])]
    if clipnorm is not None:
        return [call for g in gradients for call in _limit_norm([g], clipnorm)]
    return _limit_norm(gradients, global_clipnorm) if global_clipnorm is not None else []


def _limit_norm(gradients: Sequence[Array], limit: float) -> list[Call]:
    """Scale gradients so that their joint L2 norm is at most ``limit``: ``g * limit / max(norm, limit)``."""
    dtype = np.result_type(*{g.dtype for g in gradients})
    norm, bound = np.zeros((), dtype), np.asarray(limit, dtype)
    calls: list[Call] = [partial(norm.fill, 0)]
    for g in gradients:
        flat, part = g.reshape(-1), np.zeros((), g.dtype)
        calls += [partial(np.dot, flat, flat, part), partial(np.add, norm, part, norm)]
    calls += [
        partial(np.sqrt, norm, norm),
        partial(np.maximum, norm, bound, out=norm),
        partial(np.divide, bound, norm, norm),
    ]
    return calls + [partial(np.multiply, g, norm, g) for g in gradients]
