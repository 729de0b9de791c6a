"""A data set cut in two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from denselite.data.arrays import as_arrays, is_array_data, num_rows
from denselite.errors import ArgumentError, DataError
from denselite.tensor.dtypes import is_integer
from denselite.tensor.keys import generator, next_seed
from denselite.tree import Structure, flatten, unflatten
from denselite.utils.py_dataset import PyDataset

__all__ = ["split_dataset"]

Array = np.ndarray[Any, Any]
Size = int | float | None


def split_dataset(
    dataset: Any,
    left_size: Size = None,
    right_size: Size = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: Any = None,
) -> tuple[Any, Any]:
    """Return two parts of a data set, each nested like its samples: ``(x, y)`` stays ``(x, y)``, as ``fit`` takes it.

    (Keras returns data sets of TensorFlow's or PyTorch's.) If the sizes leave samples over, they are
    those between the two parts.

    Args:
        dataset: arrays of one length, nested in lists, tuples and dicts; or an iterable of samples; or a
            ``PyDataset`` of batches. A list of arrays becomes a tuple.
        left_size: how many samples go left, a number of them or a share between 0 and 1; all that do
            not go right when None.
        right_size: how many go right, likewise.
        shuffle: take the samples in random order.
        seed: an integer >= 0 that the order follows from; a fresh one when None.
        preferred_backend: accepted for Keras' sake; arrays are returned whatever it is.

    Raises:
        ArgumentError: no size is given, or one that leaves a part empty or is more than there is.
        DataError: arrays of different lengths, samples of different shapes, or nothing.

    Example:
        >>> (x, y), right = split_dataset((np.arange(5), np.arange(5) * 10), left_size=0.6)
        >>> x.tolist(), y.tolist(), [part.tolist() for part in right]
        ([0, 1, 2], [0, 10, 20], [[3, 4], [30, 40]])
    """
    arrays, structure = as_arrays(dataset, "dataset") if is_array_data(dataset) else _gathered(dataset)
    total = num_rows(arrays, structure.paths("dataset"))
    left, right = _counts(left_size, right_size, total)
    if shuffle:
        order = generator(next_seed() if seed is None else seed).permutation(total)
        arrays = [array[order] for array in arrays]
    parts = [array[:left] for array in arrays], [array[total - right :] for array in arrays]
    first, second = (unflatten(structure, part) for part in parts)
    return (tuple(first), tuple(second)) if structure.kind == "list" else (first, second)


def _gathered(dataset: Any) -> tuple[list[Array], Structure]:
    """The samples (or the batches of a ``PyDataset``) of an iterable, in one array a leaf."""
    if not isinstance(dataset, Iterable):
        raise DataError(f"split_dataset() expects arrays or an iterable of samples, got {dataset!r:.200}.")
    rows = [flatten(sample) for sample in dataset]
    if not rows:
        raise DataError("split_dataset() got a dataset without samples.")
    join = np.concatenate if isinstance(dataset, PyDataset) else np.stack
    structure = rows[0][1]
    other = next((found for _, found in rows if found != structure), None)
    if other is not None:
        raise DataError(f"split_dataset() expects samples nested like the first, {structure!r}, got {other!r}.")
    columns = zip(*(leaves for leaves, _ in rows), strict=True)
    try:
        return [join([np.asarray(leaf) for leaf in column]) for column in columns], structure
    except ValueError as error:  # NumPy says what differs
        raise DataError(f"split_dataset() expects samples of one shape: {error}.") from None


def _counts(left_size: Any, right_size: Any, total: int) -> tuple[int, int]:
    if left_size is None and right_size is None:
        raise ArgumentError("split_dataset() needs left_size, right_size or both.")
    left, right = (_count(name, size, total) for name, size in (("left_size", left_size), ("right_size", right_size)))
    left = total - right if left_size is None else left
    right = total - left if right_size is None else right
    if left + right > total or min(left, right) < 1:
        raise ArgumentError(
            f"split_dataset() has {total} samples, of which left_size={left_size} and right_size={right_size} "
            f"would put {left} left and {right} right. Each part gets at least one, both no more than there are."
        )
    return left, right


def _count(name: str, size: Any, total: int) -> int:
    if size is None:
        return 0
    whole = is_integer(size) and 0 < size < total
    if not whole and not (isinstance(size, float) and 0 < size < 1):
        raise ArgumentError(
            f"split_dataset() expects {name} to be an integer from 1 to {total - 1}, or a share between 0 and 1, "
            f"got {size!r}."
        )
    return int(size) if whole else round(size * total)
