"""Inputs, targets and weights as one tuple, and apart again."""

from __future__ import annotations

from typing import Any

from denselite.data.reader import unpack

__all__ = ["pack_x_y_sample_weight", "unpack_x_y_sample_weight"]


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Return ``x``, ``(x, y)`` or ``(x, y, sample_weight)``: what there is, as ``fit`` takes batches.

    Args:
        x: inputs; alone, a list or tuple of them is put in a tuple of its own.
        y: targets, or None.
        sample_weight: weights, or None; without targets they are left out.

    Example:
        >>> pack_x_y_sample_weight("x", "y"), pack_x_y_sample_weight("x"), pack_x_y_sample_weight(["a", "b"])
        (('x', 'y'), 'x', (['a', 'b'],))
    """
    if y is None:
        return (x,) if isinstance(x, list | tuple) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Return ``(x, y, sample_weight)`` of ``x``, ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``, None for the rest.

    Args:
        data: a batch; a list counts as a tuple, unless it spells out one array of numbers.

    Raises:
        DataError: a tuple of nothing, or of more than three.

    Example:
        >>> unpack_x_y_sample_weight(("x", "y"))
        ('x', 'y', None)
    """
    return unpack(data, "data")
