"""Targets are looked at once before they are trained on: a label out of range would be clipped, silently."""

from __future__ import annotations

import numpy as np

from denselite.data.blocks import row_blocks
from denselite.errors import DataError

__all__ = ["check_finite", "check_labels"]


def check_labels(
    labels: np.ndarray, num_classes: int, who: str, name: str = "y", ignore_class: int | None = None
) -> None:
    """Make sure that every label numbers a class.

    Args:
        labels: class numbers, of any shape; whole numbers where they are floats.
        num_classes: labels go from 0 to ``num_classes - 1``.
        who: the loss or metric that reads them.
        name: what the error calls the array.
        ignore_class: one more value that is allowed.

    Raises:
        DataError: a label is out of range, NaN or no whole number; the first such row is named.

    Example:
        >>> check_labels(np.array([0, 3]), 3, "The loss")
        Traceback (most recent call last):
            ...
        denselite.errors.DataError: The loss expects class labels from 0 to 2 in y, got 3 in row 1. Number the classes \
from 0, and give the last layer one unit a class.
    """
    for start, block in row_blocks(labels):
        good = (block >= 0) & (block < num_classes)
        if block.dtype.kind == "f":
            good &= block == np.floor(block)
        if ignore_class is not None:
            good |= block == ignore_class
        if not good.all():
            row, value = _first(~good, block)
            also = "" if ignore_class is None else f" or {ignore_class}"
            raise DataError(
                f"{who} expects class labels from 0 to {num_classes - 1}{also} in {name}, got {value} in row "
                f"{start + row}. Number the classes from 0, and give the last layer one unit a class."
            )


def check_finite(values: np.ndarray, who: str, name: str = "y") -> None:
    """Make sure that no target is NaN or infinite; integers are not read.

    Args:
        values: targets of any shape.
        who: what reads them.
        name: what the error calls the array.

    Raises:
        DataError: a value is not finite; the first such row is named.
    """
    if values.dtype.kind != "f":
        return
    for start, block in row_blocks(values):
        finite = np.isfinite(block)
        if not finite.all():
            row, value = _first(~finite, block)
            raise DataError(
                f"{who} expects finite numbers in {name}, got {value} in row {start + row}. "
                "Drop or repair such rows first."
            )


def _first(bad: np.ndarray, block: np.ndarray) -> tuple[int, float | int | bool]:
    """Return the row and the value of the first bad element."""
    where = np.unravel_index(int(bad.argmax()), bad.shape)
    return int(where[0]), block[where].item()
