"""Fitting targets, predictions and weights to each other before they are compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from denselite import ops
from denselite.errors import ShapeError
from denselite.ops.op import as_float
from denselite.tensor.dtypes import is_float, standardize_dtype
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["as_values", "comparable", "described", "expect_same_shape", "paired", "per_sample", "same_rank"]


def as_values(x: Any, dtype: Any = None) -> Any:
    """Return ``x`` as a tensor or array, of ``dtype`` if one is given; Python floats have ``floatx()``."""
    if isinstance(x, Variable):
        x = x.value
    elif not isinstance(x, Tensor | np.ndarray | np.generic):
        made = np.asarray(x)
        x = made if hasattr(x, "__array__") or not is_float(made.dtype) else made.astype(standardize_dtype())
    return x if dtype is None else ops.cast(x, dtype)


def same_rank(x1: Any, x2: Any, expand_rank_1: bool = True) -> tuple[Any, Any]:
    """Return both with equal rank if they differ by one last axis of size 1.

    ``(n,)`` beside ``(n, 1)`` becomes ``(n, 1)``, so that the two never broadcast to ``(n, n)``;
    at other ranks the axis of size 1 goes.

    Args:
        x1: a tensor.
        x2: another.
        expand_rank_1: False lets the axis go at every rank.
    """
    rank1, rank2 = np.ndim(x1), np.ndim(x2)
    if rank1 == rank2 + 1 and np.shape(x1)[-1] == 1:
        return (x1, ops.expand_dims(x2, -1)) if rank2 == 1 and expand_rank_1 else (ops.squeeze(x1, -1), x2)
    if rank2 == rank1 + 1 and np.shape(x2)[-1] == 1:
        return (ops.expand_dims(x1, -1), x2) if rank1 == 1 and expand_rank_1 else (x1, ops.squeeze(x2, -1))
    return x1, x2


def paired(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Return targets and predictions as floats of one dtype, the predictions', and of one rank."""
    y_pred = as_values(y_pred)
    y_pred = ops.cast(y_pred, as_float(y_pred.dtype))
    return same_rank(as_values(y_true, y_pred.dtype), y_pred)


def per_sample(shape: Sequence[int | None]) -> str:
    """Return a shape as people write it, whatever the batch size.

    Example:
        >>> per_sample((32, 10)), per_sample((32,))
        ('(batch, 10)', '(batch,)')
    """
    return f"(batch, {', '.join(map(str, shape[1:]))})" if len(shape) > 1 else "(batch,)"


def described(*shapes: Sequence[int]) -> list[str]:
    """Return shapes as a message about their difference tells them: batch sizes where these differ."""
    one_batch = len({tuple(shape[:1]) for shape in shapes}) == 1
    return [per_sample(shape) if one_batch else str(tuple(shape)) for shape in shapes]


def expect_same_shape(who: str, y_true: Any, y_pred: Any, hint: str = "") -> None:
    """Raise unless targets and predictions have one shape.

    Raises:
        ShapeError: they differ. Broadcasting one to the other would train on nonsense.
    """
    true, pred = tuple(y_true.shape), tuple(y_pred.shape)
    if true != pred:
        given, expected = described(true, pred)
        raise ShapeError(
            f"{who} compares targets with predictions one by one: "
            f"it expects targets of the predictions' shape {expected}, got {given}.{hint}"
        )


def comparable(who: str, y_true: Any, y_pred: Any, hint: str = "") -> tuple[Any, Any]:
    """Return targets and predictions as floats of one dtype, the predictions', and of one shape.

    Args:
        who: the loss, for the error.
        y_true: targets.
        y_pred: predictions.
        hint: what to do, for the error.

    Raises:
        ShapeError: they differ by more than a last axis of size 1.
    """
    y_true, y_pred = paired(y_true, y_pred)
    expect_same_shape(who, y_true, y_pred, hint)
    return y_true, y_pred
