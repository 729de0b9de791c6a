"""Layers that put zeros around sequences and images: ``ZeroPadding1D`` and ``ZeroPadding2D``."""

from __future__ import annotations

from typing import Annotated, Any

from denselite import ops
from denselite.declared import Resolves
from denselite.layers.spatial import DataFormat, Spatial, pair_of, pairs_of

__all__ = ["ZeroPadding1D", "ZeroPadding2D"]


class _ZeroPadding(Spatial):
    padding: Any

    def call(self, inputs: Any) -> Any:
        pads = dict(zip(self._places, self.padding if self._axes > 1 else [self.padding], strict=True))
        return ops.pad(inputs, [pads.get(axis, (0, 0)) for axis in range(len(inputs.shape))])


class ZeroPadding1D(_ZeroPadding):
    """Put zeros before and behind sequences.

    Args:
        padding: how many before and how many behind; one integer counts for both.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.

    Shapes:
        ``(batch, length, channels)`` (or with the channels first) -> one of more length.

    Raises:
        ArgumentError: ``padding`` is not one or two integers of at least 0, ``data_format`` is another.
        ShapeError: the input has another number of axes.

    Example:
        >>> import numpy as np
        >>> ZeroPadding1D((1, 0))(np.array([[[1.0], [2.0]]], "float32")).tolist()
        [[[0.0], [1.0], [2.0]]]
    """

    _axes = 1

    padding: Annotated[Any, Resolves(pair_of)] = 1
    data_format: DataFormat = None


class ZeroPadding2D(_ZeroPadding):
    """Put zeros around images.

    Args:
        padding: ``((top, bottom), (left, right))``, or ``(height, width)`` of what is added on both sides, or one
            integer for all four.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> one of more height and width.

    Raises:
        ArgumentError: ``padding`` holds something else than integers of at least 0, ``data_format`` is another.
        ShapeError: the input has another number of axes.

    Example:
        >>> import numpy as np
        >>> ZeroPadding2D(((0, 1), (1, 0)))(np.ones((1, 1, 1, 1), "float32"))[0, :, :, 0].tolist()
        [[0.0, 1.0], [0.0, 0.0]]
    """

    _axes = 2

    padding: Annotated[Any, Resolves(pairs_of)] = (1, 1)
    data_format: DataFormat = None
