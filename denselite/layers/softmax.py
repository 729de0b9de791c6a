"""``Softmax``: shares of a whole along an axis, and of what a mask leaves of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite import activations, ops
from denselite.errors import ShapeError
from denselite.layers.single import Single, told_shape

__all__ = ["Softmax"]


class Softmax(Single):
    """``exp(x) / sum(exp(x))`` along an axis.

    ``call`` takes a ``mask``, which is True (or above 0.5) where an entry counts; the others are 0.

    Args:
        axis: the axis that is summed over, or several of them.

    Shapes:
        any -> the same; the mask broadcasts to it.

    Raises:
        ArgumentError: (when called) there is no such axis.
        ShapeError: (when called) the mask does not broadcast to the input.

    Example:
        >>> import numpy as np
        >>> Softmax()(np.zeros((1, 3), "float32"), mask=np.array([[True, True, False]])).tolist()
        [[0.5, 0.5, 0.0]]
    """

    _built_at_init = True
    supports_masking = True

    axis: int | list[int] | tuple[int, ...] = -1

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None:
            return self._shares(inputs)
        mask = self._fitting(mask, inputs)
        low = -3e4 if inputs.dtype == np.float16 else -1e9
        return ops.where(mask, self._shares(ops.where(mask, inputs, low)), 0.0)

    def _shares(self, x: Any) -> Any:
        if isinstance(self.axis, int):
            return activations.softmax(x, self.axis)
        return ops.exp(x - ops.logsumexp(x, self.axis, keepdims=True))

    def _fitting(self, mask: Any, inputs: Any) -> Any:
        own, whole = tuple(mask.shape)[::-1], tuple(inputs.shape)[::-1]
        if len(own) > len(whole) or any(size not in (1, full) for size, full in zip(own, whole, strict=False)):
            raise ShapeError(
                f"Softmax {self.name!r} expects a mask that broadcasts to the input of shape {told_shape(inputs)}, "
                f"got one of shape {told_shape(mask)}."
            )
        return mask if mask.dtype == np.bool_ else ops.greater(mask, 0.5)
