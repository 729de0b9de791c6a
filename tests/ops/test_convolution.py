from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from denselite import config, ops
from denselite.errors import ArgumentError, ShapeError
from tests.contracts.op_laws import assert_gradient

RNG = np.random.default_rng(3)
IMAGES = RNG.normal(size=(2, 5, 6, 4))


def by_hand(x: Any, w: Any, strides: Any, before: Any, out: Any, dilation: Any) -> Any:
    """A convolution as its definition says: every window, every entry."""
    result = np.zeros((len(x), *out, w.shape[-1]))
    for row, column, i, j in itertools.product(*map(range, (*out, *w.shape[:2]))):
        y, z = row * strides[0] + i * dilation[0] - before[0], column * strides[1] + j * dilation[1] - before[1]
        if 0 <= y < x.shape[1] and 0 <= z < x.shape[2]:
            result[:, row, column] += x[:, y, z] @ w[i, j]
    return result


# strides, padding, dilation; then what lies before each axis, and how many windows there are
GEOMETRIES: dict[str, Any] = {
    "plain": (1, "valid", 1, (0, 0), (3, 5)),
    "same": (1, "same", 1, (1, 0), (5, 6)),
    "strides": ((2, 3), "valid", 1, (0, 0), (2, 2)),
    "same strides": (2, "same", 1, (1, 0), (3, 3)),
    "dilated": (1, "valid", (2, 3), (0, 0), (1, 3)),
    "pairs": ((1, 2), ((2, 1), (0, 3)), 1, (2, 0), (6, 4)),
}


@pytest.mark.parametrize("name", GEOMETRIES)
def test_convolution_is_the_sum_over_the_window(name: str) -> None:
    strides, padding, dilation, before, out = GEOMETRIES[name]
    w = RNG.normal(size=(3, 2, 4, 3))
    pair = lambda value: (value, value) if isinstance(value, int) else value  # noqa: E731
    expected = by_hand(IMAGES, w, pair(strides), before, out, pair(dilation))
    np.testing.assert_allclose(ops.conv(IMAGES, w, strides, padding, None, dilation), expected, atol=1e-12)


@pytest.mark.parametrize("name", GEOMETRIES)
def test_depthwise_convolution_is_that_of_each_channel(name: str) -> None:
    strides, padding, dilation, *_ = GEOMETRIES[name]
    w = RNG.normal(size=(3, 2, 4, 2))
    channels = [slice(k, k + 1) for k in range(4)]
    expected = [ops.conv(IMAGES[..., k], w[:, :, k], strides, padding, None, dilation) for k in channels]
    found = ops.depthwise_conv(IMAGES, w, strides, padding, None, dilation)
    np.testing.assert_allclose(found, np.concatenate(expected, -1), atol=1e-12)


@pytest.mark.parametrize("name", GEOMETRIES)
def test_gradients_are_the_numeric_ones_over_several_chunks(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("denselite.ops.windows.CHUNK", 1)  # an image at a time
    strides, padding, dilation, *_ = GEOMETRIES[name]
    x, w = RNG.normal(size=(3, 5, 6, 2)), RNG.normal(size=(3, 2, 2, 2))
    for function in (ops.conv, ops.depthwise_conv):
        assert_gradient(lambda a, b, f=function: f(a, b, strides, padding, None, dilation), [x, w], RNG)
    assert_gradient(lambda a, b: ops.conv_transpose(a, b, strides), [x, w], RNG)


def test_groups_are_convolutions_side_by_side() -> None:
    w = RNG.normal(size=(2, 2, 2, 6))
    parts = [ops.conv(IMAGES[..., 2 * k : 2 * k + 2], w[..., 3 * k : 3 * k + 3]) for k in range(2)]
    np.testing.assert_allclose(ops.conv(IMAGES, w), np.concatenate(parts, -1), atol=1e-12)


def test_transposed_convolution_is_the_transpose_of_the_convolution() -> None:
    """``<conv(x), y> = <x, conv_transpose(y)>`` for every x and y, wherever the windows of x end with it."""
    x, w = RNG.normal(size=(2, 7, 6, 3)), RNG.normal(size=(3, 2, 3, 4))
    for strides in (1, 2):
        y = RNG.normal(size=ops.conv(x, w, strides).shape)
        back = ops.conv_transpose(y, w, strides)
        assert back.shape == x.shape
        np.testing.assert_allclose(np.sum(ops.conv(x, w, strides) * y), np.sum(x * back), rtol=1e-12)


def test_features_of_a_channel_stand_side_by_side() -> None:
    w = np.array([[[1.0, 10.0], [2.0, 20.0]]])  # a window of 1, 2 channels, 2 features of each
    assert ops.depthwise_conv(np.array([[[3.0, 4.0]]]), w).tolist() == [[[3.0, 30.0, 8.0, 80.0]]]


def test_separable_convolution_is_one_after_the_other() -> None:
    w, mix = RNG.normal(size=(2, 3, 4, 2)), RNG.normal(size=(1, 1, 8, 5))
    expected = ops.depthwise_conv(IMAGES, w, 2, "same") @ mix[0, 0]
    np.testing.assert_allclose(ops.separable_conv(IMAGES, w, mix, 2, "same"), expected, atol=1e-12)


def test_channels_first_is_the_same_turned() -> None:
    first = np.moveaxis(IMAGES, -1, 1)
    w = RNG.normal(size=(2, 2, 4, 4))
    for function in (ops.conv, ops.conv_transpose, ops.depthwise_conv):
        expected = np.moveaxis(function(IMAGES, w, 2), -1, 1)
        np.testing.assert_allclose(function(first, w, 2, data_format="channels_first"), expected, atol=1e-12)


def test_data_format_that_nobody_gave_is_the_configured_one() -> None:
    first, w = np.moveaxis(IMAGES, -1, 1), np.ones((2, 2, 4, 3))
    config.set_image_data_format("channels_first")
    try:
        assert ops.conv(first, w).shape == (2, 3, 4, 5)
    finally:
        config.set_image_data_format("channels_last")


def test_integers_are_computed_in_floats() -> None:
    found = ops.conv(np.arange(4).reshape(1, 4, 1), np.ones((2, 1, 1), "float32"))
    assert found.dtype == np.float32
    assert found.ravel().tolist() == [1.0, 3.0, 5.0]


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "channels": (lambda: ops.conv(IMAGES, np.ones((2, 2, 3, 4))), ShapeError, r"^conv takes a kernel of shape \(\*window, 4 channels or a group of them, features\), with as many features for each group, got one of shape \(2, 2, 3, 4\)"),
    "features of groups": (lambda: ops.conv(IMAGES, np.ones((2, 2, 2, 3))), ShapeError, r"got one of shape \(2, 2, 2, 3\)"),
    "small": (lambda: ops.conv(IMAGES, np.ones((6, 2, 4, 3))), ShapeError, r"^conv finds no window of 6 × 2 entries in an input of 5 × 6\. Set padding='same'"),
    "axes": (lambda: ops.conv(IMAGES, np.ones((2, 4, 3))), ShapeError, "^conv slides a window of 2 over inputs of 3 axes .* got one of 4"),
    "strides": (lambda: ops.conv(IMAGES, np.ones((2, 2, 4, 3)), 0), ArgumentError, "^conv takes strides of one or 2 integers above 0, got 0"),
    "dilation": (lambda: ops.conv(IMAGES, np.ones((2, 2, 4, 3)), dilation_rate=(1,)), ArgumentError, r"^conv takes dilation_rate of one or 2 integers above 0, got \(1,\)"),
    "padding": (lambda: ops.conv(IMAGES, np.ones((2, 2, 4, 3)), padding="full"), ArgumentError, r"^conv takes padding 'valid', 'same' or \(before, after\) for each of 2 axes, got 'full'"),
    "data format": (lambda: ops.conv(IMAGES, np.ones((2, 2, 4, 3)), data_format="last"), ArgumentError, "^conv takes data_format 'channels_last' or 'channels_first', got 'last'"),
    "transposed features": (lambda: ops.conv_transpose(IMAGES, np.ones((2, 2, 4, 3))), ShapeError, r"^conv_transpose takes a kernel of shape \(\*window, channels, 4 features\), got one of shape \(2, 2, 4, 3\)"),
    "transposed padding": (lambda: ops.conv_transpose(IMAGES, np.ones((2, 2, 3, 4)), padding="causal"), ArgumentError, "^conv_transpose takes padding 'valid' or 'same', got 'causal'"),
    "output padding": (lambda: ops.conv_transpose(IMAGES, np.ones((2, 2, 3, 4)), 2, output_padding=2), ArgumentError, r"^conv_transpose takes an output_padding of integers below the strides \(2, 2\), got 2"),
    "nothing left": (lambda: ops.conv_transpose(np.ones((1, 1, 1)), np.ones((2, 1, 1)), 2, "same", 0), ShapeError, "^conv_transpose leaves nothing of an input of 1"),
    "depthwise channels": (lambda: ops.depthwise_conv(IMAGES, np.ones((2, 2, 3, 1))), ShapeError, r"^depthwise_conv takes a kernel of shape \(\*window, 4 channels, multiplier\), got one of shape \(2, 2, 3, 1\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
