"""Layers that move, cut, pad and repeat: outputs, gradients and shapes are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(37)
FLAT = RNG.normal(size=(5, 4))
SEQUENCE = RNG.normal(size=(5, 6, 3))
IMAGE = RNG.normal(size=(3, 5, 4, 2))

# a layer and what it is fed; one unknown size after the other in the test of the shape
CASES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "Permute": (lambda lib: lib.layers.Permute((2, 1)), SEQUENCE),
    "Permute-list": (lambda lib: lib.layers.Permute([3, 1, 2]), IMAGE),
    "RepeatVector": (lambda lib: lib.layers.RepeatVector(3), FLAT),
    "Cropping1D": (lambda lib: lib.layers.Cropping1D(), SEQUENCE),
    "Cropping1D-one-number": (lambda lib: lib.layers.Cropping1D(2), SEQUENCE),
    "Cropping1D-start": (lambda lib: lib.layers.Cropping1D((2, 0)), SEQUENCE),
    "Cropping1D-end": (lambda lib: lib.layers.Cropping1D([0, 3]), SEQUENCE),
    "Cropping2D": (lambda lib: lib.layers.Cropping2D(), IMAGE),
    "Cropping2D-one-number": (lambda lib: lib.layers.Cropping2D(1), IMAGE),
    "Cropping2D-two-numbers": (lambda lib: lib.layers.Cropping2D((2, 1)), IMAGE),
    "Cropping2D-four-numbers": (lambda lib: lib.layers.Cropping2D(((1, 2), (0, 1))), IMAGE),
    "Cropping2D-mixed": (lambda lib: lib.layers.Cropping2D((1, (0, 1))), IMAGE),
    "Cropping2D-first": (lambda lib: lib.layers.Cropping2D(((0, 1), (1, 0)), "channels_first"), IMAGE),
    "ZeroPadding1D": (lambda lib: lib.layers.ZeroPadding1D(), SEQUENCE),
    "ZeroPadding1D-two-numbers": (lambda lib: lib.layers.ZeroPadding1D((0, 2)), SEQUENCE),
    "ZeroPadding1D-first": (lambda lib: lib.layers.ZeroPadding1D(2, data_format="channels_first"), SEQUENCE),
    "ZeroPadding2D": (lambda lib: lib.layers.ZeroPadding2D(), IMAGE),
    "ZeroPadding2D-one-number": (lambda lib: lib.layers.ZeroPadding2D(2), IMAGE),
    "ZeroPadding2D-two-numbers": (lambda lib: lib.layers.ZeroPadding2D([2, 0]), IMAGE),
    "ZeroPadding2D-four-numbers": (lambda lib: lib.layers.ZeroPadding2D(((1, 2), (0, 1))), IMAGE),
    "ZeroPadding2D-first": (lambda lib: lib.layers.ZeroPadding2D((1, 0), "channels_first"), IMAGE),
    "UpSampling1D": (lambda lib: lib.layers.UpSampling1D(), SEQUENCE),
    "UpSampling1D-3": (lambda lib: lib.layers.UpSampling1D(3), SEQUENCE),
    "UpSampling2D": (lambda lib: lib.layers.UpSampling2D(), IMAGE),
    "UpSampling2D-one-number": (lambda lib: lib.layers.UpSampling2D(3), IMAGE),
    "UpSampling2D-first": (lambda lib: lib.layers.UpSampling2D((1, 2), "channels_first"), IMAGE),
    "UpSampling2D-bilinear": (lambda lib: lib.layers.UpSampling2D((2, 3), interpolation="bilinear"), IMAGE),
    "UpSampling2D-bilinear-first": (lambda lib: lib.layers.UpSampling2D(2, "channels_first", "BILINEAR"), IMAGE),
    "UpSampling2D-bicubic": (lambda lib: lib.layers.UpSampling2D((1, 3), interpolation="bicubic"), IMAGE),
    "UpSampling2D-lanczos3": (lambda lib: lib.layers.UpSampling2D(interpolation="lanczos3"), IMAGE),
    "UpSampling2D-lanczos5": (lambda lib: lib.layers.UpSampling2D(interpolation="lanczos5"), IMAGE),
    "Flatten-first": (lambda lib: lib.layers.Flatten("channels_first"), IMAGE),
}


@pytest.mark.parametrize("case", CASES)
def test_layer_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    make, x = CASES[case]
    twins.train_layers(x, lambda lib: [lib.layers.Dense(x.shape[-1]), make(lib)])


@pytest.mark.parametrize("case", CASES)
def test_output_shape_with_unknown_sizes_is_keras(twins: Any, case: str) -> None:
    make, x = CASES[case]
    for unknown in range(1, x.ndim):
        shape = [None, *x.shape[1:]]
        shape[unknown] = None
        twins.same(lambda lib, shape=shape: str(tuple(make(lib).compute_output_shape(tuple(shape)))))


def test_long_crop_of_an_unknown_length_is_declared_like_in_keras(twins: Any) -> None:
    twins.same(lambda lib: str(lib.layers.Cropping1D(50)(lib.Input((None, 3))).shape))
    twins.same(lambda lib: str(lib.layers.Reshape((-1, 2))(lib.Input((None, 3))).shape))


@pytest.mark.parametrize(
    "name", ["Flatten", "Cropping2D", "ZeroPadding1D", "ZeroPadding2D", "UpSampling2D", "SpatialDropout2D"]
)
def test_data_format_that_nobody_gave_is_the_configured_one(twins: Any, name: str) -> None:
    def recipe(lib: Any) -> Any:
        lib.config.set_image_data_format("channels_first")
        try:
            arguments = [0.5] if name == "SpatialDropout2D" else []
            return getattr(lib.layers, name)(*arguments).get_config()["data_format"]
        finally:
            lib.config.set_image_data_format("channels_last")

    twins.same(recipe)
