"""``Dot``: the products of the rows of two inputs."""

from __future__ import annotations

from string import ascii_letters
from typing import Annotated, Any

from denselite import ops
from denselite.declared import Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.merge import Merge
from denselite.layers.single import told_shape
from denselite.tensor.dtypes import is_integer

__all__ = ["Dot", "dot"]


def _axes(value: Any) -> Any:
    pair = value if isinstance(value, list | tuple) else [value, value]
    if len(pair) != 2 or not all(map(is_integer, pair)):
        raise ArgumentError(f"it takes an axis, or one for each of the two inputs, got {value!r}.")
    return value


class Dot(Merge):
    """Sum the products of two inputs along an axis of each, row by row.

    Args:
        axes: the axis of both inputs, or ``(axis of the first, axis of the second)``; not the batch.
        normalize: divide the inputs by their length along the axis first, so that the output is a cosine.

    Shapes:
        ``[(batch, ..., n), (batch, ..., n)]`` -> ``(batch, rest of the first, rest of the second)``, or
        ``(batch, 1)`` where there is no rest.

    Raises:
        ArgumentError: ``axes`` is not one or two integers.
        ShapeError: the input is no list of two, an axis is the batch or does not exist, or their sizes differ.

    Example:
        >>> import numpy as np
        >>> Dot(1)([np.array([[1.0, 2.0]], "float32"), np.array([[3.0, 4.0]], "float32")]).tolist()
        [[11.0]]
    """

    _count = 2

    axes: Annotated[Any, Resolves(_axes)]
    normalize: bool = False

    def call(self, inputs: Any) -> Any:
        summed = self._summed(inputs)
        if self.normalize:
            inputs = [ops.normalize(x, axis) for x, axis in zip(inputs, summed, strict=True)]
        if all(len(x.shape) == 2 for x in inputs):
            return ops.sum(inputs[0] * inputs[1], axis=1, keepdims=True)
        # The batch is "a" in both, what is summed over "b", every other axis a letter of its own.
        spare = iter(ascii_letters[2:])
        terms = [
            "".join("a" if k == 0 else "b" if k == axis else next(spare) for k in range(len(x.shape)))
            for x, axis in zip(inputs, summed, strict=True)
        ]
        rest = "".join(letter for term in terms for letter in term if letter not in "ab")
        return ops.einsum(f"{','.join(terms)}->a{rest}", *inputs)

    def _summed(self, inputs: Any) -> list[int]:
        """The axis of each input that is summed over, counted from the front."""
        pair = self.axes if isinstance(self.axes, list | tuple) else [self.axes] * 2
        shapes = [tuple(x.shape) for x in inputs]
        exist = all(-len(shape) <= axis < len(shape) for axis, shape in zip(pair, shapes, strict=True))
        axes = [axis % len(shape) for axis, shape in zip(pair, shapes, strict=True)]
        if not exist or 0 in axes or shapes[0][axes[0]] != shapes[1][axes[1]]:
            raise ShapeError(
                f"{self._who} expects axes {self.axes} of the same size and not the batch, "
                f"got inputs of shapes {[told_shape(x) for x in inputs]}."
            )
        return axes

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        return None


def dot(inputs: Any, axes: Any = -1, **kwargs: Any) -> Any:
    """Return ``Dot(axes, **kwargs)(inputs)``."""
    return Dot(axes, **kwargs)(inputs)
