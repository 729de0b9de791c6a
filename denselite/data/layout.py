"""Inputs, targets and weights laid out flat: the leaves of x, then of y, then of the sample weights."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from denselite.data.arrays import as_arrays, num_rows
from denselite.data.source import Structures
from denselite.data.weights import match_weights
from denselite.tree import Structure

__all__ = ["Layout", "lay_out"]


class Layout(NamedTuple):
    """The leaves of a data set or of one batch."""

    structure: Structures
    arrays: list[np.ndarray]
    names: list[str]  # what errors call each array
    dtypes: list[np.dtype[Any]]  # what its values are in a batch
    rows: int


def lay_out(x: Any, y: Any, sample_weight: Any, floatx: np.dtype[Any], prefix: str = "") -> Layout:
    """Flatten and check what was handed in; no array is copied.

    Args:
        x: inputs, nested as the model takes them.
        y: targets, or ``None``.
        sample_weight: one weight a sample, nested like ``y`` or one array for all outputs, or ``None``.
        floatx: what floats are cast to.
        prefix: goes before every name in an error (``"batch 3: "``).

    Raises:
        DTypeError: a leaf holds no numbers.
        DataError: the lengths differ, or there is no data, or the weights do not go with the targets.
    """
    arrays, x_structure = as_arrays(x, f"{prefix}x")
    names = x_structure.paths(f"{prefix}x")
    dtypes = [batch_dtype(array.dtype, floatx) for array in arrays]
    y_structure: Structure | None = None
    weight_structure: Structure | None = None
    if y is not None:
        targets, y_structure = as_arrays(y, f"{prefix}y")
        arrays += targets
        names += y_structure.paths(f"{prefix}y")
        dtypes += [batch_dtype(array.dtype, floatx) for array in targets]
    if sample_weight is not None:
        given, given_structure = as_arrays(sample_weight, f"{prefix}sample_weight")
        weights, weight_structure = match_weights(given, given_structure, y_structure, prefix)
        arrays += weights
        names += weight_structure.paths(f"{prefix}sample_weight")
        dtypes += [floatx] * len(weights)
    structure = Structures(x_structure, y_structure, weight_structure)
    return Layout(structure, arrays, names, dtypes, num_rows(arrays, names))


def batch_dtype(dtype: np.dtype[Any], floatx: np.dtype[Any]) -> np.dtype[Any]:
    """Return what values of ``dtype`` are in a batch: floats become floatx, integers and bools stay."""
    return floatx if dtype.kind == "f" else dtype.newbyteorder("=")
