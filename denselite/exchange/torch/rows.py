"""Where a row's axes and columns are in torch, which has the channels of images first and knows no other place.

Between two layers of a model pass rows: what is between them in torch are the same numbers, with the axes in another
order where channels stand last here, and columns in another order once such an image is flattened. What a layer does
not care about stays open until one does: an image that meets a convolution has channels, one that is flattened has not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

import numpy as np

from denselite.errors import ArgumentError
from denselite.ops.op import Array

__all__ = ["Rows", "first_rows"]


@dataclass(frozen=True)
class Rows:
    """What passes between two layers, without the batch.

    Attributes:
        sizes: the sizes of the axes, as they are here.
        order: these axes in torch's order; None while any order would do.
        columns: of rows with one axis, the column here for each one in torch; None where they are the same.
    """

    sizes: tuple[int | None, ...]
    order: tuple[int, ...] | None
    columns: Array | None = None

    @property
    def last(self) -> int:
        """The last axis."""
        return len(self.sizes) - 1

    def settled(self) -> Rows:
        """Return the rows with their axes in an order: as they are, if it was open."""
        return self if self.order is not None else replace(self, order=tuple(range(len(self.sizes))))

    def dim(self, axis: int) -> int:
        """Return which of torch's dimensions an axis is, with the batch as 0."""
        order = self.settled().order
        assert order is not None
        return order.index(axis) + 1

    def with_channels(self, axis: int, who: str) -> Rows:
        """Return the rows with an axis as torch's channels: the first one behind the batch.

        Args:
            axis: the axis.
            who: the layer that wants it, for messages.

        Raises:
            ArgumentError: the axes have another order by now.
        """
        wanted = (axis, *(other for other in range(len(self.sizes)) if other != axis))
        if self.order not in (None, wanted):
            raise ArgumentError(
                f"{who} works along axis {axis + 1}, where torch has its channels at axis 1, and the layers before it "
                f"leave that axis at {self.dim(axis)}; no module of torch exchanges axes."
            )
        return replace(self, order=wanted)

    def flat(self, channels_last: bool, who: str) -> Rows:
        """Return what is left of the rows when their axes become one.

        Args:
            channels_last: whether the first axis here is moved behind the others before.
            who: the layer that does it, for messages.

        Raises:
            ArgumentError: the columns change their places, and nobody knows how many there are.
        """
        count = len(self.sizes)
        if count < 2:
            return self
        own = (*range(1, count), 0) if channels_last else tuple(range(count))
        theirs = self.settled().order
        known = [size for size in self.sizes if size is not None]
        if own == theirs:
            return Rows((prod(known) if len(known) == count else None,), (0,))
        if len(known) < count:
            raise ArgumentError(f"{who} has rows of shape {self.sizes}; give the Input a shape without None.")
        places = np.arange(prod(known)).reshape([known[axis] for axis in own])  # of each entry, its column here
        columns = places.transpose([own.index(axis) for axis in theirs or ()]).reshape(-1)
        unmoved = np.array_equal(columns, np.arange(columns.size))
        return Rows((columns.size,), (0,), None if unmoved else columns)


def first_rows(sizes: tuple[int | None, ...]) -> Rows:
    """Return the rows that a model is given."""
    return Rows(sizes, (0,) if len(sizes) == 1 else None)
