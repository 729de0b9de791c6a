"""``Masking``: rows of nothing but one value are padding."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.layers.single import Single
from denselite.tensor.masks import with_mask

__all__ = ["Masking"]


class Masking(Single):
    """Mark steps whose features all equal a value as padding, and set them to 0.

    The layers behind it that support masking skip these steps, and so do losses and metrics.

    Args:
        mask_value: the value of padding.

    Shapes:
        ``(batch, ..., features)`` -> the same; the mask is ``(batch, ...)``.

    Example:
        >>> import numpy as np
        >>> layer = Masking(-1.0)
        >>> x = np.array([[[1.0, -1.0], [-1.0, -1.0]]], "float32")
        >>> layer(x).tolist(), layer.compute_mask(x).tolist()
        ([[[1.0, -1.0], [0.0, 0.0]]], [[True, False]])
    """

    _built_at_init = True

    mask_value: float = 0.0

    def call(self, inputs: Any) -> Any:
        mask = self.compute_mask(inputs)
        return with_mask(ops.where(ops.expand_dims(mask, -1), inputs, 0), mask)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)
