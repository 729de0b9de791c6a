"""``track_nans``: find the operation that makes the first NaN."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["track_nans"]


@contextmanager
def track_nans(model: Any) -> Iterator[None]:
    """Stop a model's steps inside the block where the first NaN or infinity comes up, and say what made it.

    Each operation of a step is followed by a look at its result, which takes about as long as the step; outside
    the block nothing is looked at. In ``fit`` the callback ``NaNTracker`` does the same.

    Args:
        model: the model; ``fit``, ``evaluate`` and ``predict`` are watched.

    Raises:
        DivergenceError: (in a step) layer, operation, phase (forward, backward or update) and step are named.
            Weights are as before the step, unless it was the update that made them NaN.

    Example:
        >>> import numpy as np
        >>> from denselite import Input, Sequential, layers, ops
        >>> model = Sequential([Input((1,)), layers.Lambda(ops.log, name="logarithm")], name="m")
        >>> with track_nans(model):
        ...     model.predict(np.array([[-1.0]]), verbose=0)
        Traceback (most recent call last):
        ...
        denselite.errors.DivergenceError: Step 1: 'log' in layer 'm/logarithm' (forward) made NaN, 1 of 1...
    """
    before = model._tracks_nans
    model._track_nans(True)
    try:
        yield
    finally:
        model._track_nans(before)
