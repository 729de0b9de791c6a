"""Larger batches where it does not matter how rows are grouped: in most predictions and evaluations."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from denselite.data import ArraySource, Source
from denselite.models.steps import Step

if TYPE_CHECKING:
    from denselite.models.stepping import Stepping

__all__ = ["regrouped"]

MOST_ROWS = 1024  # of a batch: products are as fast as they get, and what it costs to begin a batch is hidden
MOST_BYTES = 1 << 23  # that the program's memory takes


def regrouped(model: Stepping, step: Step, source: Source) -> Source:
    """Return the same rows in fewer batches, of about one size, where that is proved to change nothing.

    Args:
        model: the model.
        step: its judging or predicting step.
        source: the data.
    """
    if not isinstance(source, ArraySource) or source.num_batches == 1 or model.run_eagerly or model._tracks_nans:
        return source
    program = step.program(source.usual_size)
    if not program.regroupable or not all(source.within(leaf, classes) for leaf, classes in program.labels):
        return source
    fitting = MOST_BYTES * source.usual_size // max(program.footprint(source.usual_size), 1)
    most = min(MOST_ROWS, fitting)
    if most <= source.usual_size:
        return source
    return source.resized(ceil(source.num_samples / ceil(source.num_samples / most)))
