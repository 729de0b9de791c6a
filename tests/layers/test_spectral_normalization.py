from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import layers
from denselite.errors import ArgumentError
from denselite.layers import SpectralNormalization


def test_many_turns_divide_the_kernel_by_its_largest_singular_value() -> None:
    layer = SpectralNormalization(layers.Dense(2, dtype="float64"), power_iterations=30, dtype="float64")
    layer.build((None, 2))
    layer.set_weights([np.diag([4.0, 1.0]), np.array([[0.6, 0.8]]), np.zeros(2)])
    np.testing.assert_allclose(layer(np.eye(2), training=True), np.diag([1.0, 0.25]), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.get_weights()[1], [[1.0, 0.0]], atol=1e-12)


def test_inference_runs_the_layer_as_it_is() -> None:
    inner = layers.Dense(2)
    layer = SpectralNormalization(inner)
    x = np.eye(3, dtype="float32")
    np.testing.assert_array_equal(layer(x), inner(x))


def test_embeddings_are_normalized_too() -> None:
    layer = SpectralNormalization(layers.Embedding(3, 2, "ones"))
    # a table of ones has the singular value sqrt(6)
    np.testing.assert_allclose(layer(np.array([[0, 2]]), training=True), np.full((1, 2, 2), 6**-0.5), rtol=1e-6)


def test_layer_without_a_kernel_is_an_error_that_names_both() -> None:
    layer: Any = SpectralNormalization(layers.Flatten(name="f"), name="s")
    with pytest.raises(
        ArgumentError, match=r"^SpectralNormalization 's' normalizes the kernel .*; Flatten 'f' has neither"
    ):
        layer.build((None, 4))
