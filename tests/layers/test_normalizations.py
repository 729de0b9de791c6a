"""Layer, group, root mean square and unit normalization."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.errors import ArgumentError, ShapeError

ROW = np.array([[1.0, 3.0, 10.0, 30.0]])


def test_layer_normalization_standardizes_each_row_and_applies_its_weights() -> None:
    layer = layers.LayerNormalization(epsilon=3.0, dtype="float64")
    layer.build((None, 2))
    layer.set_weights([[2.0, 4.0], [0.5, 0.0]])
    # both rows deviate by -1 and 1, which sqrt(1 + 3) makes -0.5 and 0.5
    np.testing.assert_allclose(layer(np.array([[1.0, 3.0], [11.0, 13.0]])), [[-0.5, 2.0], [-0.5, 2.0]], rtol=1e-15)


def test_layer_normalization_over_several_axes_has_weights_for_each_entry() -> None:
    layer = layers.LayerNormalization(axis=(2, 1), epsilon=0.0, dtype="float64")
    x = np.array([[[1.0, 3.0], [1.0, 3.0], [1.0, 3.0]]])
    np.testing.assert_array_equal(layer(x), [[[-1.0, 1.0]] * 3])
    assert [weight.shape for weight in layer.weights] == [(3, 2), (3, 2)]
    assert layer.axis == [1, 2]


def test_group_normalization_standardizes_each_group_of_channels() -> None:
    layer = layers.GroupNormalization(2, epsilon=0.0, dtype="float64")
    layer.build((None, 4))
    layer.set_weights([[1.0, 1.0, 2.0, 2.0], [0.0, 0.0, 0.0, 5.0]])
    np.testing.assert_allclose(layer(ROW), [[-1.0, 1.0, -2.0, 7.0]], rtol=1e-15)


def test_group_normalization_with_a_group_a_channel_standardizes_over_places() -> None:
    layer = layers.GroupNormalization(-1, epsilon=0.0, dtype="float64")
    np.testing.assert_array_equal(layer(np.array([[[1.0, 10.0], [3.0, 30.0]]])), [[[-1.0, -1.0], [1.0, 1.0]]])
    assert layer.groups == 2


def test_rms_normalization_divides_by_the_root_mean_square() -> None:
    layer = layers.RMSNormalization(epsilon=4.0, dtype="float64")
    # mean square (25 + 49 + 1 + 9) / 4 = 21, root of 21 + 4 = 5
    np.testing.assert_allclose(layer(np.array([[5.0, -7.0, 1.0, 3.0]])), [[1.0, -1.4, 0.2, 0.6]], rtol=1e-15)


def test_unit_normalization_gives_each_row_the_length_1() -> None:
    layer = layers.UnitNormalization(axis=[1, 2], dtype="float64")
    np.testing.assert_allclose(layer(np.array([[[3.0], [4.0]]])), [[[0.6], [0.8]]], rtol=1e-15)


def test_unit_normalization_of_zeros_has_a_finite_gradient() -> None:
    model = Sequential([Input((2,)), layers.Dense(2, kernel_initializer="zeros"), layers.UnitNormalization()])
    model.compile("sgd", "mse")
    model.train_on_batch(np.ones((3, 2)), np.ones((3, 2)))
    assert all(np.isfinite(weight).all() for weight in model.get_weights())


NAMED = {"name": "n"}


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.LayerNormalization(axis="last"), ArgumentError,
         r"^LayerNormalization\(\) argument 'axis': axis is an integer or a list of them, got 'last'\.$"),
        (lambda: layers.LayerNormalization(axis=[]), ArgumentError, r"axis is an integer or a list of them, got \[\]"),
        (lambda: layers.LayerNormalization(axis=[1, 1], **NAMED)(ROW), ShapeError,
         r"^LayerNormalization 'n' normalizes with axis=\[1, 1\], which input shape \(None, 4\) does not have\.$"),
        (lambda: layers.LayerNormalization(**NAMED).build((None, None)), ShapeError, r"needs a known size there, got"),
        (lambda: layers.LayerNormalization(**NAMED).build("shape"), ShapeError, r"which input shape shape does not have"),
        (lambda: layers.GroupNormalization(0, **NAMED), ArgumentError,
         r"^GroupNormalization 'n' expects groups greater than 0, or -1 for one a channel, got 0\.$"),
        (lambda: layers.GroupNormalization(3, **NAMED)(ROW), ShapeError,
         r"^GroupNormalization 'n' cannot split 4 channels \(axis -1 of input shape \(None, 4\)\) into 3 groups\. Take a"),
        (lambda: layers.RMSNormalization(axis=3, **NAMED)(ROW), ShapeError, r"^RMSNormalization 'n' normalizes with axis=3,"),
        (lambda: layers.UnitNormalization(axis=3, **NAMED)(ROW), ShapeError, r"^UnitNormalization 'n' normalizes with axis=3,"),
    ],
)  # fmt: skip
def test_wrong_argument_or_shape_is_an_error_that_names_it(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
