"""Sequences of different lengths made one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from denselite.errors import ArgumentError, DataError

__all__ = ["pad_sequences"]

End = Literal["pre", "post"]


def pad_sequences(
    sequences: Sequence[Sequence[Any]],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: End = "pre",
    truncating: End = "pre",
    value: Any = 0.0,
) -> np.ndarray[Any, Any]:
    """Return sequences in an array, the short ones filled up and the long ones cut.

    Args:
        sequences: a list of lists or arrays, one a sample.
        maxlen: the length that each gets; that of the longest when None.
        dtype: the dtype of the result; ``object`` for strings.
        padding: ``"pre"`` fills up before a sequence, ``"post"`` after it.
        truncating: ``"pre"`` cuts off the start of a sequence, ``"post"`` its end.
        value: what it is filled up with.

    Shapes:
        sequences of ``(steps, ...)`` -> ``(samples, maxlen, ...)``.

    Raises:
        ArgumentError: ``padding`` or ``truncating`` is neither end, or ``value`` is no value of ``dtype``.
        DataError: something is no sequence, or steps of different shapes.

    Example:
        >>> pad_sequences([[1], [2, 3], [4, 5, 6]], maxlen=2).tolist()
        [[0, 1], [2, 3], [5, 6]]
    """
    for name, end in (("padding", padding), ("truncating", truncating)):
        if end not in ("pre", "post"):
            raise ArgumentError(f"pad_sequences() expects {name} to be 'pre' or 'post', got {end!r}.")
    found = np.dtype(dtype)
    if isinstance(value, str) and found.kind not in "OSU":
        raise ArgumentError(
            f"pad_sequences() got the string {value!r} to fill up with and dtype {found}. Use dtype=object."
        )
    lengths = _lengths(sequences)
    if maxlen is None:
        if not lengths:
            raise DataError("pad_sequences() got no sequences whose length could be told. Give maxlen.")
        maxlen = max(lengths)
    shape = next((np.shape(sequence)[1:] for sequence in sequences if len(sequence)), ())
    padded = np.full((len(lengths), maxlen, *shape), value, found)
    for number, (sequence, length) in enumerate(zip(sequences, lengths, strict=True)):
        kept = min(length, maxlen)
        cut = sequence[length - kept :] if truncating == "pre" else sequence[:kept]
        steps = np.asarray(cut, found)
        if not kept:
            continue
        if steps.shape[1:] != shape:
            raise DataError(
                f"pad_sequences() expects steps of shape {shape}, as in the first sequence; "
                f"sequence {number} has steps of shape {steps.shape[1:]}."
            )
        start = maxlen - kept if padding == "pre" else 0
        padded[number, start : start + kept] = steps
    return padded


def _lengths(sequences: Any) -> list[int]:
    if not hasattr(sequences, "__len__"):
        raise DataError(f"pad_sequences() expects a list of sequences, got {sequences!r}.")
    without = [entry for entry in sequences if not hasattr(entry, "__len__")]
    if without:
        raise DataError(f"pad_sequences() expects a list of sequences, got one that holds {without[0]!r}.")
    return [len(sequence) for sequence in sequences]
