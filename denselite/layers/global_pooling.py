"""Pools over all places: ``GlobalMaxPooling1D``, ``GlobalAveragePooling2D`` and their like."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.layers.spatial import DataFormat, Spatial

__all__ = [
    "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAvgPool1D", "GlobalAvgPool2D",
    "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
]  # fmt: skip


class _GlobalPooling(Spatial):
    """What is said of pools over all places.

    Args:
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.
        keepdims: whether the axes of the places stay, with size 1.
    """

    _built_at_init = True

    data_format: DataFormat = None
    keepdims: bool = False


class GlobalMaxPooling1D(_GlobalPooling):
    """The largest entry of each channel of sequences.

    Shapes:
        ``(batch, length, channels)`` (or with the channels first) -> ``(batch, channels)``.

    Raises:
        ArgumentError: an argument is not known.
        ShapeError: the input has another number of axes.

    Example:
        >>> import numpy as np
        >>> GlobalMaxPooling1D()(np.array([[[1.0, 4.0], [3.0, 2.0]]], "float32")).tolist()
        [[3.0, 4.0]]
    """

    _axes = 1

    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, tuple(self._places), self.keepdims)


class GlobalMaxPooling2D(GlobalMaxPooling1D):
    """The largest entry of each channel of images.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> ``(batch, channels)``.

    Raises:
        ArgumentError: an argument is not known.
        ShapeError: the input has another number of axes.

    Example:
        >>> import numpy as np
        >>> GlobalMaxPooling2D()(np.arange(8.0).reshape(1, 2, 2, 2)).tolist()
        [[6.0, 7.0]]
    """

    _axes = 2


class GlobalAveragePooling2D(_GlobalPooling):
    """The average of each channel of images.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> ``(batch, channels)``.

    Raises:
        ArgumentError: an argument is not known.
        ShapeError: the input has another number of axes.

    Source: Lin et al., 2013, "Network In Network".

    Example:
        >>> import numpy as np
        >>> GlobalAveragePooling2D()(np.arange(8.0).reshape(1, 2, 2, 2)).tolist()
        [[3.0, 4.0]]
    """

    _axes = 2

    def call(self, inputs: Any) -> Any:
        return ops.mean(inputs, tuple(self._places), self.keepdims)


class GlobalAveragePooling1D(_GlobalPooling):
    """The average of each channel of sequences, over the entries that their mask keeps.

    Shapes:
        ``(batch, length, channels)`` (or with the channels first) -> ``(batch, channels)``; mask ``(batch, length)``.

    Raises:
        ArgumentError: an argument is not known.
        ShapeError: the input has another number of axes.

    Example:
        >>> import numpy as np
        >>> GlobalAveragePooling1D()(np.array([[[1.0, 4.0], [3.0, 2.0]]], "float32")).tolist()
        [[2.0, 3.0]]
    """

    _axes = 1

    def call(self, inputs: Any, mask: Any = None) -> Any:
        (places,) = self._places
        if mask is None:
            return ops.mean(inputs, places, self.keepdims)
        kept = ops.expand_dims(ops.cast(mask, "bool"), 3 - places)
        total = ops.sum(ops.where(kept, inputs, 0.0), places, self.keepdims)
        return total / ops.sum(ops.cast(kept, self.dtype), places, self.keepdims)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return None


GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
