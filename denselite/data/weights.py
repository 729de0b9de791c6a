"""Sample weights: matched to the targets, or made from class weights."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np

from denselite.data.arrays import as_arrays
from denselite.data.blocks import row_blocks
from denselite.data.labels import check_finite
from denselite.errors import ArgumentError, DataError
from denselite.tree import LEAF, Structure

__all__ = ["match_weights", "weigh_classes"]


def match_weights(
    weights: list[np.ndarray], structure: Structure, y_structure: Structure | None, prefix: str = ""
) -> tuple[list[np.ndarray], Structure]:
    """Give every output its weights: one array serves all outputs, a structure must be that of y.

    An entry of ``None`` leaves an output without weights.

    Raises:
        DataError: there are no targets, the structures differ, or one array for several outputs is
            not one number a sample.
    """
    if y_structure is None:
        raise DataError(
            f"{prefix}sample_weight weighs the loss of targets, but y is None. Give y too, or leave sample_weight out."
        )
    if _goes_with(structure, y_structure):
        return weights, structure
    if structure != LEAF:
        raise DataError(
            f"{prefix}sample_weight expects one array for each output, nested like y ({y_structure!r}) "
            f"with None where an output has no weights; got {structure!r}."
        )
    if weights[0].shape[1:] not in ((), (1,)):
        raise DataError(
            f"{prefix}sample_weight expects shape (num_samples,) when one array serves several outputs, "
            f"got {weights[0].shape}. Give one array for each output, nested like y: {y_structure!r}."
        )
    return weights * y_structure.num_leaves, y_structure


def _goes_with(weights: Structure, targets: Structure) -> bool:
    if weights.kind == "none" or weights == targets:
        return True
    alike = (weights.kind, weights.keys, len(weights.children)) == (targets.kind, targets.keys, len(targets.children))
    return alike and all(map(_goes_with, weights.children, targets.children))


def weigh_classes(y: Any, class_weight: Mapping[int, float], dtype: np.dtype[Any]) -> np.ndarray:
    """Return the weight of each sample's class.

    Args:
        y: labels of shape ``(n,)`` or ``(n, 1)``, rounded to integers, or one-hot rows ``(n, classes)``.
        class_weight: weight by class; a class that it does not name weighs 1.
        dtype: of the result.

    Raises:
        ArgumentError: ``class_weight`` is no such dict.
        DataError: there are several outputs, or y has more than two axes, or NaN.

    Example:
        >>> weigh_classes([0, 2, 1], {2: 5.0}, np.dtype("float32"))
        array([1., 5., 1.], dtype=float32)
    """
    _check_class_weight(class_weight)
    arrays, structure = as_arrays(y, "y")
    if structure != LEAF:
        raise DataError(
            f"class_weight expects a model with one output, got y nested as {structure!r}. Give sample_weight instead."
        )
    labels = arrays[0]
    if labels.ndim > 2:
        raise DataError(
            f"class_weight expects y of shape (n,), (n, 1) or (n, classes), got {labels.shape}. "
            "Give sample_weight instead."
        )
    check_finite(labels, "class_weight")
    weights = np.empty(len(labels), dtype)
    for start, block in row_blocks(labels):
        classes, which = np.unique(_class_of(block), return_inverse=True)
        table = np.array([class_weight.get(int(label), 1.0) for label in classes], dtype)
        weights[start : start + len(block)] = table[which]
    return weights


def _class_of(labels: np.ndarray) -> np.ndarray:
    one_hot = labels.ndim == 2 and labels.shape[1] != 1
    classes: np.ndarray = np.argmax(labels, axis=1) if one_hot else np.rint(labels).astype(np.int64).reshape(-1)
    return classes


def _check_class_weight(class_weight: Any) -> None:
    expected = "class_weight expects a dict from class (an integer) to weight (0 or more), such as {0: 1.0, 1: 5.0}"
    if not isinstance(class_weight, Mapping):
        raise ArgumentError(f"{expected}; got {class_weight!r}.")
    for label, weight in class_weight.items():
        if not (isinstance(label, Integral) and isinstance(weight, Real) and 0 <= float(weight) < float("inf")):
            raise ArgumentError(f"{expected}; got the entry {label!r}: {weight!r}.")
