"""Which rows train, which validate, and in which order."""

from __future__ import annotations

from math import floor
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from denselite.data.arrays import as_arrays, is_array_data, num_rows
from denselite.errors import ArgumentError, DataError
from denselite.tensor.keys import generator
from denselite.tree import unflatten

__all__ = ["shuffled", "split_validation"]

Part: TypeAlias = tuple[Any, Any, Any]


def shuffled(count: int, seed: int, epoch: int) -> np.ndarray:
    """Return ``range(count)`` in the order that belongs to ``(seed, epoch)``.

    Example:
        >>> sorted(shuffled(5, seed=1, epoch=0).tolist())
        [0, 1, 2, 3, 4]
    """
    return generator(seed, epoch).permutation(count)


def split_validation(x: Any, y: Any, sample_weight: Any, validation_split: float) -> tuple[Part, Part]:
    """Split off the last part of the data, before any shuffling; both parts are views.

    Args:
        x: inputs: arrays, nested in lists, tuples and dicts.
        y: targets likewise, or ``None``.
        sample_weight: weights likewise, or ``None``.
        validation_split: the share to validate on, above 0 and below 1. The first ``floor(n * (1 - share))``
            rows train.

    Returns:
        ``(x, y, sample_weight)`` to train on, and the same to validate on.

    Raises:
        ArgumentError: the share is out of range, or x yields batches.
        DataError: a part would be empty, or lengths differ.

    Example:
        >>> split_validation(np.arange(5), None, None, 0.4)
        ((array([0, 1, 2]), None, None), (array([3, 4]), None, None))
    """
    if isinstance(validation_split, bool) or not isinstance(validation_split, Real) or not 0 < validation_split < 1:
        raise ArgumentError(f"validation_split expects a number above 0 and below 1, got {validation_split!r}.")
    if not is_array_data(x):
        raise ArgumentError(f"validation_split needs arrays, got a {type(x).__name__}. Give validation_data instead.")
    given = {"x": x, "y": y, "sample_weight": sample_weight}
    parts = {root: as_arrays(part, root) for root, part in given.items() if part is not None}
    arrays = [array for leaves, _ in parts.values() for array in leaves]
    count = num_rows(arrays, [name for root, (_, structure) in parts.items() for name in structure.paths(root)])
    at = floor(count * (1 - validation_split))
    if at in (0, count):
        raise DataError(
            f"validation_split={validation_split} of {count} samples leaves {at} to train and {count - at} to validate "
            "on. Each needs one at least: give more data or another share."
        )

    def cut(rows: slice) -> Part:
        part = {
            root: unflatten(structure, [leaf[rows] for leaf in leaves]) for root, (leaves, structure) in parts.items()
        }
        return part["x"], part.get("y"), part.get("sample_weight")

    return cut(slice(at)), cut(slice(at, None))
