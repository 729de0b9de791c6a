"""Order: sorting, the largest entries, and where a number stands among sorted ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.errors import ArgumentError
from denselite.ops.apart import along
from denselite.ops.crossentropy import pick_class
from denselite.ops.indexing import take_along_axis
from denselite.ops.logic import greater, isnan, less, where
from denselite.ops.op import Array, Op, Run, public
from denselite.ops.reduction import sum
from denselite.ops.shaping import expand_dims, normalize_axis
from denselite.tensor.dispatch import covers

__all__ = ["argsort", "in_top_k", "searchsorted", "sort", "top_k"]


def _argsort_into(x: Array, axis: int, descending: bool, out: Array) -> None:
    """Equals keep their order, also when the largest come first."""
    if descending:
        backwards = np.flip(x, axis).argsort(axis, kind="stable")
        np.subtract(x.shape[axis] - 1, np.flip(backwards, axis), out)
    else:
        np.copyto(out, x.argsort(axis, kind="stable"))


def _argsort_kernel(run: Run, out: Array, x: Array, *, axis: int, descending: bool) -> None:
    run(_argsort_into, x, axis, descending, out)


_argsort = Op(
    "argsort",
    infer=lambda x, *, axis, descending: (x.shape, np.dtype(np.intp)),
    kernel=_argsort_kernel,
    python=True,
    apart=along,
    sample=lambda rng: ([np.round(rng.normal(size=(3, 4)), 0)], {"axis": 1, "descending": True}),
)


def _order(x: Any, axis: int, descending: bool, who: str) -> Any:
    return _argsort(x, axis=normalize_axis(axis, np.ndim(x), who), descending=descending)


@covers(np.argsort)
@public
def argsort(x: Any, axis: int = -1) -> Any:
    """Return the indices that sort ``x`` along ``axis``; equals keep their order.

    Example:
        >>> argsort(np.array([3.0, 1.0, 2.0, 1.0])).tolist()
        [1, 3, 2, 0]
    """
    return _order(x, axis, False, "argsort")


@covers(np.sort)
@public
def sort(x: Any, axis: int = -1) -> Any:
    """Return ``x`` in ascending order along ``axis``.

    Example:
        >>> sort(np.array([3.0, 1.0, 2.0])).tolist()
        [1.0, 2.0, 3.0]
    """
    return take_along_axis(x, _order(x, axis, False, "sort"), axis)


@public
def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Any, Any]:
    """Return the ``k`` largest entries along the last axis, and their indices; of equals the first.

    Args:
        x: a tensor.
        k: how many, from 1 to the size of the last axis.
        sorted: taken for Keras' sake; the largest always come first.

    Shapes:
        ``(..., n)`` -> ``(..., k)`` and ``(..., k)``.

    Raises:
        ArgumentError: there are not ``k`` entries.

    Example:
        >>> values, indices = top_k(np.array([1.0, 4.0, 2.0, 4.0]), 3)
        >>> values.tolist(), indices.tolist()
        ([4.0, 4.0, 2.0], [1, 3, 2])
    """
    size = np.shape(x)[-1] if np.ndim(x) else 0
    if not 0 < k <= size:
        raise ArgumentError(f"top_k expects k from 1 to the size of the last axis, {size}, got k={k}.")
    indices = _order(x, -1, True, "top_k")[..., :k]
    return take_along_axis(x, indices, -1), indices


@public
def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Return whether the class each row's target names is among its ``k`` largest; ties count as being in.

    Args:
        targets: classes, whole numbers from 0.
        predictions: a number for each class; one that is NaN is never among the largest.
        k: how many; from the number of classes on everything is in.

    Shapes:
        ``targets: (...)``, ``predictions: (..., classes)`` -> ``(...)``.

    Example:
        >>> in_top_k(np.array([0, 2]), np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2]]), 2).tolist()
        [False, False]
    """
    score = pick_class(predictions, targets)
    score = where(isnan(score), -np.inf, score)
    larger = sum(greater(predictions, expand_dims(score, -1)), -1)
    return less(larger, k)


def _search_into(sequence: Array, values: Array, side: Any, out: Array) -> None:
    np.copyto(out, sequence.searchsorted(values, side))


def _search_kernel(run: Run, out: Array, sequence: Array, values: Array, *, side: str) -> None:
    run(_search_into, sequence, values, side, out)


_searchsorted = Op(
    "searchsorted",
    infer=lambda sequence, values, *, side: (values.shape, np.dtype(np.intp)),
    kernel=_search_kernel,
    python=True,
    apart=lambda rows, *_, **__: not rows[0],
    sample=lambda rng: ([np.array([-1.0, 0.0, 0.5]), rng.normal(size=(3, 4))], {"side": "left"}),
)


@covers(np.searchsorted)
@public
def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """Return how many entries of a sorted sequence lie below each value.

    Args:
        sorted_sequence: numbers in ascending order, one axis.
        values: what is looked up.
        side: ``"left"`` counts the entries that are smaller, ``"right"`` those that are not larger.

    Shapes:
        ``sorted_sequence: (n,)``, ``values: (...)`` -> ``(...)``.

    Raises:
        ArgumentError: another ``side``.

    Example:
        >>> searchsorted(np.array([1.0, 2.0, 3.0]), np.array([2.0, 9.0])).tolist()
        [1, 3]
    """
    if side not in ("left", "right"):
        raise ArgumentError(f"searchsorted expects side 'left' or 'right', got {side!r}.")
    return _searchsorted(sorted_sequence, values, side=side)
