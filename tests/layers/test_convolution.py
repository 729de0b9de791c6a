from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.errors import ArgumentError, ShapeError
from denselite.layers import (
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Conv2DTranspose,
    DepthwiseConv2D,
    SeparableConv2D,
)

ONES = {"kernel_initializer": "ones", "bias_initializer": "ones"}
IMAGE = np.arange(16.0).reshape(1, 4, 4, 1)


def test_window_is_summed_and_the_bias_added() -> None:
    out = Conv2D(1, 3, **ONES)(IMAGE)
    assert out[0, ..., 0].tolist() == [[46, 55], [82, 91]]  # nine times the middle, and one


def test_activation_comes_behind_the_bias() -> None:
    out = Conv2D(1, 1, activation="relu", kernel_initializer="ones", bias_initializer=-8.0 * np.ones(1))
    assert out(IMAGE)[0, 2:, 0, 0].tolist() == [0, 4]


def test_causal_convolution_sees_nothing_that_comes_later() -> None:
    x = np.arange(1.0, 6.0).reshape(1, 5, 1)
    assert Conv1D(1, 2, padding="causal", use_bias=False, kernel_initializer="ones")(x).ravel().tolist() == [
        1,
        3,
        5,
        7,
        9,
    ]
    dilated = Conv1D(1, 2, padding="causal", dilation_rate=2, kernel_initializer="ones")
    assert dilated(x).ravel().tolist() == [1, 2, 4, 6, 8]


def test_even_window_is_padded_behind() -> None:
    out = Conv1D(1, 2, padding="same", kernel_initializer="ones")(np.array([[[1.0], [2.0], [3.0]]]))
    assert out.ravel().tolist() == [3, 5, 3]


def test_each_group_sees_its_own_channels() -> None:
    layer = Conv1D(2, 1, groups=2, kernel_initializer="ones")
    assert layer(np.array([[[1.0, 2.0, 30.0, 40.0]]])).tolist() == [[[3, 70]]]
    assert layer.kernel.shape == (1, 2, 2)


def test_entry_is_spread_over_a_window() -> None:
    x = np.array([[[1.0], [10.0]]])
    made = {"kernel_initializer": "ones"}
    assert Conv1DTranspose(1, 3, **made)(x).ravel().tolist() == [1, 11, 11, 10]
    assert Conv1DTranspose(1, 3, padding="same", **made)(x).ravel().tolist() == [11, 11]
    assert Conv1DTranspose(1, 3, strides=2, **made)(x).ravel().tolist() == [1, 1, 11, 10, 10]
    assert Conv1DTranspose(1, 1, strides=3, output_padding=1, **made)(x).ravel().tolist() == [1, 0, 0, 10, 0]


def test_depth_multiplies_channels() -> None:
    layer = DepthwiseConv2D(2, depth_multiplier=3)
    assert layer(np.ones((1, 4, 4, 2))).shape == (1, 3, 3, 6)
    assert [weight.shape for weight in layer.weights] == [(2, 2, 2, 3), (6,)]


def test_separable_kernels_stand_apart() -> None:
    layer = SeparableConv2D(5, (2, 3), depth_multiplier=3)
    layer.build((None, 4, 4, 2))
    told = [(weight.name, weight.shape) for weight in layer.weights]
    assert told == [("depthwise_kernel", (2, 3, 2, 3)), ("pointwise_kernel", (1, 1, 6, 5)), ("bias", (5,))]


@pytest.mark.parametrize("layer", [Conv2D, Conv2DTranspose, SeparableConv2D])
def test_channels_first_is_the_same_turned(layer: Any) -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 6, 3)).astype("float32")
    last, first = layer(4, 3, activation="softmax"), layer(4, 3, data_format="channels_first")
    expected = last(x)
    first.build((None, 3, 5, 6))
    first.set_weights(last.get_weights())
    out = np.exp(np.moveaxis(first(np.moveaxis(x, -1, 1)), 1, -1))
    np.testing.assert_allclose(out / out.sum(-1, keepdims=True), expected, rtol=1e-5)


def test_penalties_and_constraints_reach_the_weights() -> None:
    layer = SeparableConv2D(
        1, 1, depthwise_initializer="ones", pointwise_initializer="ones", depthwise_regularizer="l2",
        pointwise_constraint="non_neg",
    )  # fmt: skip
    layer(IMAGE)
    assert [float(loss) for loss in layer.losses] == pytest.approx([0.01])
    assert layer.pointwise_kernel.constraint is not None
    assert layer.depthwise_kernel.constraint is None


def test_images_of_any_size_are_taken() -> None:
    model = Sequential([Input((None, None, 1)), Conv2D(2, 3, padding="same"), layers.GlobalAveragePooling2D()])
    assert model.layers[0].output.shape == (None, None, None, 2)
    for size in (1, 4, 9):
        assert model.predict(np.ones((2, size, size + 1, 1)), verbose=0).shape == (2, 2)


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "no filters": (lambda: Conv2D(0, 3), ArgumentError, r"^Conv2D\(\) argument 'filters' should be greater than 0, got 0"),
    "sizes": (lambda: Conv2D(2, (3,)), ArgumentError, r"^Conv2D\(\) takes kernel_size of one or 2 integers above 0, got \(3,\)"),
    "float": (lambda: Conv1D(2, 3.0), ArgumentError, r"^Conv1D\(\) takes kernel_size of one or 1 integers above 0, got 3\.0"),
    "strides": (lambda: Conv2D(2, 3, (1, 0)), ArgumentError, r"^Conv2D\(\) takes strides of one or 2 integers above 0, got \(1, 0\)"),
    "padding": (lambda: Conv2D(2, 3, padding="causal"), ArgumentError, r"^Conv2D\(\) takes padding 'valid', 'same', got 'causal'"),
    "causal": (lambda: Conv1D(2, 3, padding="full"), ArgumentError, r"^Conv1D\(\) takes padding 'valid', 'same', 'causal', got 'full'"),
    "groups": (lambda: Conv2D(3, 3, groups=2), ArgumentError, r"^Conv2D\(\) takes filters that are a multiple of groups, got filters=3 and groups=2"),
    "both": (lambda: Conv2D(2, 3, 2, dilation_rate=(1, 2)), ArgumentError, r"^Conv2D\(\) takes strides above 1 or a dilation_rate above 1, not both, got strides=\(2, 2\) and dilation_rate=\(1, 2\)"),
    "both of transpose": (lambda: Conv2DTranspose(2, 3, 2, dilation_rate=2), ArgumentError, r"^Conv2DTranspose\(\) takes strides above 1 or"),
    "output padding": (lambda: Conv2DTranspose(2, 3, 2, output_padding=(1, 2)), ArgumentError, r"^Conv2DTranspose\(\) takes an output_padding of integers less than the strides \(2, 2\), got \(1, 2\)"),
    "channels of groups": (lambda: Conv2D(2, 3, groups=2, name="c")(np.ones((1, 4, 4, 3))), ShapeError, "^Conv2D 'c' expects channels that are a multiple of groups=2, got 3 channels"),
    "unknown channels": (lambda: Conv2D(2, 3, name="c")(Input((4, 4, None))), ShapeError, r"^Conv2D 'c' expects an input of 4 axes, of which axis 3 has a known size \(the channels: data_format is 'channels_last'\), got \(None, 4, 4, None\)"),
    "small": (lambda: Conv2D(2, 5, name="c")(np.ones((1, 4, 4, 3))), ShapeError, "^Conv2D 'c': conv finds no window of 5 × 5 entries in an input of 4 × 4"),
    "rows": (lambda: Conv2D(2, 3, name="c")(np.zeros((2, 3, 3))), ShapeError, "^Conv2D 'c' expects an input of 4 axes"),
    "other channels": (lambda: Sequential([Input((4, 4, 3)), Conv2D(2, 3, name="c")]).layers[0](np.zeros((2, 4, 4, 2))), ShapeError, "^Conv2D 'c' expects an input with size 3 on axis 3"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
