"""``Normalizer``: the axes that a normalization looks along, and the factor and offset it learns for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from denselite import ops
from denselite.declared import Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.layer import is_shape
from denselite.layers.single import Single, told_shape
from denselite.tensor.dtypes import is_integer

__all__ = ["Axes", "Normalizer", "sorted_axes"]


def _axes(value: Any) -> int | list[int]:
    given = value if isinstance(value, list | tuple) else [value]
    if not given or not all(map(is_integer, given)):
        raise ArgumentError(f"axis is an integer or a list of them, got {value!r}.")
    axes = [int(axis) for axis in given]
    return axes if isinstance(value, list | tuple) else axes[0]


Axes = Annotated[Any, Resolves(_axes)]


def sorted_axes(axis: int | list[int]) -> list[int]:
    """Return one axis or several as a list, in order."""
    return sorted(axis) if isinstance(axis, list) else [axis]


class Normalizer(Single):
    """A layer whose weights have the sizes of some axes of its input.

    Raises:
        ShapeError: the input lacks an axis, its size is not known, or it is another than when the layer was built.
    """

    supports_masking = True

    def _places(self, shape: Any, axes: Sequence[int]) -> tuple[int, ...]:
        """Return axes of an input counted from the front, in order."""
        rank = len(shape) if is_shape(shape) else 0
        places = sorted({axis % rank for axis in axes if -rank <= axis < rank})
        if len(places) < len(axes):
            raise ShapeError(
                f"{self._who} normalizes with axis={_told(axes)}, which input shape {shape} does not have."
            )
        return tuple(places)

    def _sizes(self, input_shape: Any, axes: Sequence[int]) -> tuple[int, ...]:
        """Return the sizes of an input along axes, for the weights there."""
        self._places(input_shape, axes)
        sizes = tuple(input_shape[axis] for axis in axes)
        if None in sizes:
            raise ShapeError(
                f"{self._who} has weights along axis={_told(axes)} and needs a known size there, "
                f"got input shape {input_shape}."
            )
        return sizes

    def _laid_out(self, weight: Any, inputs: Any, axes: Sequence[int]) -> Any:
        """Return a weight as it broadcasts to the inputs: its sizes in their places, 1 between them."""
        sizes = tuple(inputs.shape[axis] for axis in axes)
        if sizes != weight.shape:
            raise ShapeError(
                f"{self._who} expects {_told(weight.shape)} along axis={_told(axes)}, "
                f"got input shape {told_shape(inputs)}."
            )
        rank = len(inputs.shape)
        places = [axis % rank for axis in axes]
        return ops.reshape(weight, tuple(inputs.shape[k] if k in places else 1 for k in range(min(places), rank)))

    def _add_affine(self, shape: tuple[int, ...], scale: bool, center: bool) -> None:
        """Make ``gamma`` and ``beta``, those of the two that are wanted."""
        self.gamma = self._add("gamma", shape) if scale else None
        self.beta = self._add("beta", shape) if center else None

    def _add(self, name: str, shape: tuple[int, ...]) -> Any:
        initializer, regularizer, constraint = (
            getattr(self, f"{name}_{part}") for part in ("initializer", "regularizer", "constraint")
        )
        return self.add_weight(shape, initializer, regularizer=regularizer, constraint=constraint, name=name)

    def _affine(self, values: Any, inputs: Any, axes: Sequence[int]) -> Any:
        """Return ``values · gamma + beta``."""
        if self.gamma is not None:
            values = values * self._laid_out(self.gamma, inputs, axes)
        return values if self.beta is None else values + self._laid_out(self.beta, inputs, axes)


def _told(numbers: Sequence[int]) -> str:
    return str(numbers[0] if len(numbers) == 1 else list(numbers))
