"""From the arguments of fit, evaluate and predict to a source of batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

import numpy as np

from denselite.data.array_source import ArraySource
from denselite.data.arrays import is_array_data
from denselite.data.iterable_source import IterableSource
from denselite.data.layout import lay_out
from denselite.data.sequence_source import SequenceSource
from denselite.data.source import Source
from denselite.data.weights import weigh_classes
from denselite.errors import ArgumentError, DTypeError
from denselite.tensor.dtypes import is_integer

__all__ = ["make_source"]

DEFAULT_BATCH_SIZE = 32


def make_source(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    batch_size: int | None = None,
    class_weight: Mapping[int, float] | None = None,
    floatx: str = "float32",
    steps: int | None = None,
) -> Source:
    """Return the batches of what was handed to fit, evaluate or predict.

    Args:
        x: arrays (or anything with ``__array__``, or lists of numbers, which Keras refuses), nested in
            lists, tuples and dicts; or an iterable, or an indexable data set, of batches
            ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``.
        y: targets, nested likewise; only with arrays.
        sample_weight: one weight a sample; only with arrays.
        batch_size: samples in a batch, 1 or more. Default: 32, or what ``steps`` batches need. Not
            looked at where batches come ready-made.
        class_weight: weight by class, for one output; only with arrays and without ``sample_weight``.
        floatx: what floats are cast to; integers and bools stay what they are.
        steps: batches in an epoch, 1 or more. ``None``: an epoch is one pass over the data.

    Raises:
        ArgumentError: an argument is out of range or does not go with another.
        DataError: the data is empty, its lengths differ, or it does not fit together.
        DTypeError: it is not numbers.

    Example:
        >>> source = make_source(np.arange(6.0).reshape(3, 2), [0, 1, 1], batch_size=2)
        >>> source.num_samples, source.num_batches, source.structure
        (3, 2, (*, *))
        >>> [batch.size for batch in source.batches()]
        [2, 1]
    """
    _check_count("batch_size", batch_size)
    _check_count("steps", steps)
    dtype = np.dtype(floatx)
    if x is None:
        raise ArgumentError("x is None. Give the inputs: arrays, or something that yields batches.")
    if is_array_data(x):
        if class_weight is not None:
            sample_weight = _class_weights(y, sample_weight, class_weight, dtype)
        layout = lay_out(x, y, sample_weight, dtype)
        return ArraySource(layout, batch_size or (ceil(layout.rows / steps) if steps else DEFAULT_BATCH_SIZE), steps)
    _check_alone(x, y=y, sample_weight=sample_weight, class_weight=class_weight)
    if _is_indexable(x):
        return SequenceSource(x, dtype, steps)
    return IterableSource(_iterable(x), dtype, steps)


def _check_count(name: str, value: Any) -> None:
    if value is not None and (not is_integer(value) or value < 1):
        raise ArgumentError(f"{name} expects an integer of 1 or more, or None, got {value!r}.")


def _class_weights(y: Any, sample_weight: Any, class_weight: Mapping[int, float], dtype: np.dtype[Any]) -> np.ndarray:
    if sample_weight is not None:
        raise ArgumentError(
            "class_weight and sample_weight cannot be given together. Multiply the class weights into sample_weight."
        )
    if y is None:
        raise ArgumentError("class_weight weighs the classes in y, but y is None.")
    return weigh_classes(y, class_weight, dtype)


def _check_alone(x: Any, **others: Any) -> None:
    given = [name for name, value in others.items() if value is not None]
    if given:
        raise ArgumentError(
            f"x is a {type(x).__name__}, which yields whole batches: {' and '.join(given)} cannot be given with it. "
            "Let it yield (x, y) or (x, y, sample_weight)."
        )


def _is_indexable(x: Any) -> bool:
    if not hasattr(x, "__getitem__"):
        return False
    try:
        len(x)
    except (TypeError, NotImplementedError):  # a data set without end: it can still be gone through
        return False
    return True


def _iterable(x: Any) -> Iterable[Any]:
    try:
        iter(x)
    except TypeError:
        raise DTypeError(
            "x expects arrays (nested in lists, tuples and dicts), or a generator, iterable or data set of batches; "
            f"got {x!r} of type {type(x).__name__}.{' Call it first?' if callable(x) else ''}"
        ) from None
    iterable: Iterable[Any] = x
    return iterable
