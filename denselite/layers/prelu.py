"""``PReLU``: a rectifier that learns its slope."""

from __future__ import annotations

from typing import Annotated, Any

from denselite import constraints, initializers, ops, regularizers
from denselite.declared import Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.layers.input_spec import InputSpec
from denselite.layers.layer import is_shape
from denselite.layers.single import Single
from denselite.tensor.dtypes import is_integer

__all__ = ["PReLU"]


def _axes(value: Any) -> list[int] | None:
    axes = list(value) if isinstance(value, list | tuple) else [value]
    if value is not None and not all(is_integer(axis) and axis > 0 for axis in axes):
        raise ArgumentError(f"shared axes are counted from 1, the first behind the batch, got {value!r}.")
    return None if value is None else [int(axis) for axis in axes]


class PReLU(Single):
    """``x`` where it is positive and ``alpha * x`` where it is not, with ``alpha`` learned.

    Args:
        alpha_initializer: how the slopes start.
        alpha_regularizer: penalty on the slopes, added to the loss.
        alpha_constraint: what the slopes are set to after every update.
        shared_axes: axes along which one slope serves all, from 1; None for a slope for each entry.

    Shapes:
        ``(batch, ...)`` -> the same; ``alpha`` has the shape of a row, 1 along the shared axes.

    Raises:
        ArgumentError: ``shared_axes`` holds something else than integers above 0.
        ShapeError: an axis that is not shared has no known size, or another one than ``alpha``.

    Source: He et al., 2015, "Delving Deep into Rectifiers".

    Example:
        >>> import numpy as np
        >>> PReLU("ones")(np.array([[-1.0, 2.0]], "float32")).tolist()
        [[-1.0, 2.0]]
    """

    supports_masking = True

    alpha_initializer: initializers.Initialized = "zeros"
    alpha_regularizer: regularizers.Regularized = None
    alpha_constraint: constraints.Constrained = None
    shared_axes: Annotated[Any, Resolves(_axes)] = None

    def build(self, input_shape: Any) -> None:
        shared = self.shared_axes or ()
        row = tuple(input_shape[1:]) if is_shape(input_shape) else ()
        shape = tuple(1 if axis in shared else size for axis, size in enumerate(row, 1))
        if None in shape or len(row) < max(shared, default=1):
            raise ShapeError(
                f"PReLU {self.name!r} expects an input whose axes have known sizes but for the batch and the "
                f"shared_axes {list(shared)}, got {input_shape}."
            )
        self.alpha = self.add_weight(
            shape, self.alpha_initializer, regularizer=self.alpha_regularizer, constraint=self.alpha_constraint,
            name="alpha",
        )  # fmt: skip
        sizes = {axis: size for axis, size in enumerate(row, 1) if axis not in shared}
        self.input_spec = InputSpec(ndim=len(row) + 1, axes=sizes)

    def call(self, inputs: Any) -> Any:
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)
