"""Dropout of whole channels: ``SpatialDropout1D`` and ``SpatialDropout2D``."""

from __future__ import annotations

from typing import Any

from denselite.declared import Fraction
from denselite.initializers.random import Seed
from denselite.layers.noise import Noise
from denselite.layers.spatial import DataFormat, Spatial
from denselite.ops.random import dropout_mask

__all__ = ["SpatialDropout1D", "SpatialDropout2D"]


class _SpatialDropout(Noise, Spatial):
    rate: Fraction

    def disturb(self, inputs: Any) -> Any:
        shape = tuple(1 if axis in self._places else size for axis, size in enumerate(inputs.shape))
        return inputs * dropout_mask(shape, self.rate, inputs.dtype, self._stream)

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "dtype": self.dtype}  # Keras writes these two another way than for others
        del config["trainable"]
        return config


class SpatialDropout1D(_SpatialDropout):
    """``Dropout`` of whole channels of sequences: a channel is dropped at all places or at none.

    Args:
        rate: share that is dropped, 0 to 1.
        seed: an integer >= 0; None takes one from the library's own sequence.

    Shapes:
        ``(batch, length, channels)`` -> the same.

    Raises:
        ArgumentError: ``rate`` is not between 0 and 1, ``seed`` is negative.
        ShapeError: the input has another number of axes.

    Source: Tompson et al., 2015, "Efficient Object Localization Using Convolutional Networks".

    Example:
        >>> import numpy as np
        >>> SpatialDropout1D(0.5)(np.ones((1, 2, 2), "float32")).tolist()
        [[[1.0, 1.0], [1.0, 1.0]]]
    """

    _axes = 1

    seed: Seed = None


class SpatialDropout2D(_SpatialDropout):
    """``Dropout`` of whole channels of images: a channel is dropped at all places or at none.

    Args:
        rate: share that is dropped, 0 to 1.
        data_format: where the channels stand, ``"channels_last"`` or ``"channels_first"``; None for
            ``config.image_data_format()``.
        seed: an integer >= 0; None takes one from the library's own sequence.

    Shapes:
        ``(batch, height, width, channels)`` (or with the channels first) -> the same.

    Raises:
        ArgumentError: ``rate`` is not between 0 and 1, ``seed`` is negative, ``data_format`` is another.
        ShapeError: the input has another number of axes.

    Source: Tompson et al., 2015, "Efficient Object Localization Using Convolutional Networks".

    Example:
        >>> import numpy as np
        >>> SpatialDropout2D(0.5)(np.ones((1, 1, 1, 2), "float32")).tolist()
        [[[[1.0, 1.0]]]]
    """

    _axes = 2

    data_format: DataFormat = None
    seed: Seed = None
