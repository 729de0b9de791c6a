"""Pools, which make sequences and images smaller: ``MaxPooling1D``, ``AveragePooling2D`` and their like."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.layers.key_order import placed_behind
from denselite.layers.spatial import DataFormat
from denselite.layers.windowed import Windowed

__all__ = [
    "AveragePooling1D", "AveragePooling2D", "AvgPool1D", "AvgPool2D",
    "MaxPool1D", "MaxPool2D", "MaxPooling1D", "MaxPooling2D",
]  # fmt: skip


class _Pooling(Windowed):
    """What is said of pools over any number of axes.

    Args:
        pool_size: size of the window, one integer or one for each axis.
        strides: how far windows lie apart, one integer or one for each axis; ``pool_size`` by default.
        padding: ``"valid"`` for none, ``"same"`` for ``ceil(size / stride)`` windows; what is added never counts.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.
    """

    _per_axis = ("pool_size", "strides")
    _built_at_init = True

    pool_size: Any
    strides: Any = None
    padding: str = "valid"
    data_format: DataFormat = None

    def __post_init__(self) -> None:
        self.strides = self.pool_size if self.strides is None else self.strides
        super().__post_init__()

    def _pool(self, images: Any) -> Any:
        raise NotImplementedError

    def call(self, inputs: Any) -> Any:
        return self._channels_last(self._pool, inputs)

    def get_config(self) -> dict[str, Any]:
        return placed_behind(super().get_config(), "strides", "padding")


class _MaxPooling(_Pooling):
    def _pool(self, images: Any) -> Any:
        return ops.max_pool(images, self.pool_size, self.strides, self.padding, "channels_last")


class _AveragePooling(_Pooling):
    def _pool(self, images: Any) -> Any:
        return ops.average_pool(images, self.pool_size, self.strides, self.padding, "channels_last")


class MaxPooling1D(_MaxPooling):
    """The largest entry of each window of sequences.

    Shapes:
        ``(batch, length, channels)`` (or with the channels first) -> ``(batch, windows, channels)``.

    Raises:
        ArgumentError: an argument is out of range.
        ShapeError: the input has another number of axes, or no window fits.

    Example:
        >>> import numpy as np
        >>> MaxPooling1D()(np.array([[[1.0], [3.0], [2.0], [0.0]]], "float32")).ravel().tolist()
        [3.0, 2.0]
    """

    _axes = 1

    pool_size = 2


class MaxPooling2D(_MaxPooling):
    """The largest entry of each window of images.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> ``(batch, rows, columns, channels)``.

    Raises:
        ArgumentError: an argument is out of range.
        ShapeError: the input has another number of axes, or no window fits.

    Example:
        >>> import numpy as np
        >>> MaxPooling2D()(np.arange(16.0).reshape(1, 4, 4, 1)).ravel().tolist()
        [5.0, 7.0, 13.0, 15.0]
    """

    _axes = 2

    pool_size = (2, 2)


class AveragePooling1D(_AveragePooling):
    """The average of each window of sequences.

    Shapes:
        ``(batch, length, channels)`` (or with the channels first) -> ``(batch, windows, channels)``.

    Raises:
        ArgumentError: an argument is out of range.
        ShapeError: the input has another number of axes, or no window fits.

    Example:
        >>> import numpy as np
        >>> AveragePooling1D(2, padding="same")(np.array([[[1.0], [3.0], [5.0]]], "float32")).ravel().tolist()
        [2.0, 5.0]
    """

    _axes = 1


class AveragePooling2D(_AveragePooling):
    """The average of each window of images.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> ``(batch, rows, columns, channels)``.

    Raises:
        ArgumentError: an argument is out of range.
        ShapeError: the input has another number of axes, or no window fits.

    Example:
        >>> import numpy as np
        >>> AveragePooling2D(2)(np.arange(16.0).reshape(1, 4, 4, 1)).ravel().tolist()
        [2.5, 4.5, 10.5, 12.5]
    """

    _axes = 2


AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
