"""Layers that cut off the ends of sequences and the edges of images: ``Cropping1D`` and ``Cropping2D``."""

from __future__ import annotations

from typing import Annotated, Any

from denselite.declared import Resolves
from denselite.errors import ShapeError
from denselite.layers.single import told_shape
from denselite.layers.spatial import DataFormat, Spatial, pair_of, pairs_of

__all__ = ["Cropping1D", "Cropping2D"]


class _Cropping(Spatial):
    cropping: Any

    def call(self, inputs: Any) -> Any:
        cuts = dict(zip(self._places, self.cropping if self._axes > 1 else [self.cropping], strict=True))
        if any(sum(cut) >= inputs.shape[axis] for axis, cut in cuts.items()):
            raise ShapeError(
                f"{self._who} cuts {self.cropping} off, which leaves nothing of an input of shape {told_shape(inputs)}."
            )
        kept = [slice(before, -after or None) for before, after in cuts.values()]
        return inputs[(*(slice(None),) * self._places[0], *kept)]


class Cropping1D(_Cropping):
    """Cut off the first and the last entries of sequences.

    Args:
        cropping: how many at the start and how many at the end; one integer counts for both.

    Shapes:
        ``(batch, length, channels)`` -> ``(batch, shorter, channels)``.

    Raises:
        ArgumentError: ``cropping`` is not one or two integers of at least 0.
        ShapeError: nothing is left, or the input has another number of axes.

    Example:
        >>> import numpy as np
        >>> Cropping1D((1, 0))(np.array([[[1.0], [2.0], [3.0]]], "float32")).tolist()
        [[[2.0], [3.0]]]
    """

    _axes = 1

    cropping: Annotated[Any, Resolves(pair_of)] = (1, 1)


class Cropping2D(_Cropping):
    """Cut off the edges of images.

    Args:
        cropping: ``((top, bottom), (left, right))``, or ``(height, width)`` of what is cut off on both sides, or one
            integer for all four.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> one of less height and width.

    Raises:
        ArgumentError: ``cropping`` holds something else than integers of at least 0, ``data_format`` is another.
        ShapeError: nothing is left, or the input has another number of axes.

    Example:
        >>> import numpy as np
        >>> Cropping2D(((1, 0), (0, 1)))(np.arange(4.0).reshape(1, 2, 2, 1)).tolist()
        [[[[2.0]]]]
    """

    _axes = 2

    cropping: Annotated[Any, Resolves(pairs_of)] = ((0, 0), (0, 0))
    data_format: DataFormat = None
