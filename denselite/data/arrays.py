"""What users hand in becomes NumPy arrays: one array a leaf, checked, with the name it goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from denselite.errors import DataError, DTypeError
from denselite.tree import LEAF, Structure, flatten

__all__ = ["as_array", "as_arrays", "is_array_data", "is_literal", "is_mapped", "num_rows"]


def as_arrays(tree: Any, root: str) -> tuple[list[np.ndarray], Structure]:
    """Flatten ``tree`` into arrays that can be batched; nothing is copied that is an array already.

    Args:
        tree: an array, anything with ``__array__``, a list of numbers, or lists, tuples and dicts of those.
        root: what errors call it (``"x"``).

    Raises:
        DTypeError: a leaf holds no numbers, or is ragged.
        DataError: a leaf has no batch axis or cannot be read, or there is no leaf.
    """
    if type(tree) is np.ndarray:
        return [as_array(tree, root)], LEAF
    leaves, structure = flatten(tree, is_leaf=is_literal)
    if not leaves:
        raise DataError(f"{root} holds no arrays: {tree!r}.")
    return [as_array(leaf, name) for leaf, name in zip(leaves, structure.paths(root), strict=True)], structure


def as_array(value: Any, name: str) -> np.ndarray:
    """Return one leaf as an array with a batch axis; a memmap stays one."""
    array = value if isinstance(value, np.ndarray) else _converted(value, name)
    if array.dtype.kind not in "fiub":
        raise DTypeError(
            f"{name} expects numbers (float, integer or bool), got dtype {array.dtype}"
            f"{_example(array)}. Convert it first, for example with {name}.astype('float32')."
        )
    if array.ndim == 0:
        raise DataError(
            f"{name} expects an array whose first axis counts the samples, got the single number {array[()]}."
        )
    return array


def _converted(value: Any, name: str) -> np.ndarray:
    if not (hasattr(value, "__array__") or isinstance(value, list | tuple | int | float | str | bytes)):
        advice = " Convert it with .toarray()." if hasattr(value, "toarray") else ""
        raise DTypeError(
            f"{name} expects an array, an object with __array__, a list of numbers, or lists and dicts of those; "
            f"got a {type(value).__name__}.{advice}"
        )
    try:
        return np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:  # a PyTorch tensor that needs its gradient: RuntimeError
        if hasattr(value, "__array__"):
            raise DataError(f"{name} is a {type(value).__name__} that gave no array: {error}") from error
        raise DTypeError(f"{name} is ragged: its rows differ in length. Pad them to one length first.") from None


def _example(array: np.ndarray) -> str:
    return f", for example {array.flat[0]!r}" if array.size else ""


def is_literal(value: Sequence[Any]) -> bool:
    """Say whether a list or tuple spells out one array, rather than holding several.

    Example:
        >>> is_literal([[1, 2], [3, 4]]), is_literal([np.ones(2), np.ones(2)])
        (True, False)
    """
    return not any(_is_array(entry) for entry in value)


def _is_array(entry: Any) -> bool:
    if isinstance(entry, list | tuple):
        return not is_literal(entry)
    return isinstance(entry, Mapping) or (hasattr(entry, "__array__") and not isinstance(entry, np.generic))


def is_array_data(value: Any) -> bool:
    """Say whether ``value`` is (or should have been) arrays, not something that makes batches of them."""
    if isinstance(value, np.ndarray | list | tuple | Mapping | str | bytes):
        return True
    return hasattr(value, "__array__") or hasattr(value, "toarray")  # the latter: sparse matrices


def is_mapped(array: Any) -> bool:
    """Say whether the data lies in a mapped file, so that reading all of it could exhaust memory."""
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap):
            return True
        array = array.base
    return False


def num_rows(arrays: Sequence[np.ndarray], names: Sequence[str]) -> int:
    """Return the length all ``arrays`` share.

    Raises:
        DataError: they differ, or there are no rows.
    """
    sizes = {len(array) for array in arrays}
    if len(sizes) != 1:
        listed = ", ".join(f"{name}: {len(array)}" for name, array in zip(names, arrays, strict=True))
        raise DataError(
            f"Data cardinality is ambiguous. Make sure all arrays contain the same number of samples. Got {listed}."
        )
    if 0 in sizes:
        raise DataError(f"{names[0]} is empty: it has shape {arrays[0].shape}. At least one sample is needed.")
    return sizes.pop()
