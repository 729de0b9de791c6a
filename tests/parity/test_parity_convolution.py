"""Convolutions: numbers, gradients, shapes, configs and what is refused are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(41)
SEQUENCE = RNG.normal(size=(3, 7, 4))
IMAGE = RNG.normal(size=(3, 6, 5, 4))
SMALL = IMAGE[:2, :3, :2]

Make = Callable[[Any], Any]

CASES: dict[str, tuple[Make, Any]] = {
    "Conv1D": (lambda lib: lib.layers.Conv1D(3, 2), SEQUENCE),
    "Conv1D-causal": (lambda lib: lib.layers.Conv1D(2, 3, 2, "causal", activation="tanh"), SEQUENCE),
    "Conv1D-causal-dilated": (lambda lib: lib.layers.Conv1D(2, 3, padding="causal", dilation_rate=2), SEQUENCE),
    "Conv1D-causal-first": (lambda lib: lib.layers.Conv1D(2, 3, 1, "causal", "channels_first"), SEQUENCE),
    "Conv1D-positional": (
        lambda lib: lib.layers.Conv1D(4, [2], (1,), "same", None, 2, 2, "relu", False, "ones", "zeros", "l2"),
        SEQUENCE,
    ),
    "Conv2D": (lambda lib: lib.layers.Conv2D(3, (3, 2)), IMAGE),
    "Conv2D-same": (lambda lib: lib.layers.Conv2D(3, (4, 3), padding="SAME", activation="relu"), IMAGE),
    "Conv2D-same-strides": (lambda lib: lib.layers.Conv2D(3, (4, 3), (3, 2), "same"), IMAGE),
    "Conv2D-strides": (lambda lib: lib.layers.Conv2D(3, 2, 2), IMAGE),
    "Conv2D-dilated": (lambda lib: lib.layers.Conv2D(3, 2, dilation_rate=(2, 3)), IMAGE),
    "Conv2D-dilated-same": (lambda lib: lib.layers.Conv2D(3, 3, padding="same", dilation_rate=2), IMAGE),
    "Conv2D-groups": (lambda lib: lib.layers.Conv2D(6, 3, padding="same", groups=2, use_bias=False), IMAGE),
    "Conv2D-1x1": (lambda lib: lib.layers.Conv2D(3, 1, activation="sigmoid"), IMAGE),
    "Conv2D-1x1-strides": (lambda lib: lib.layers.Conv2D(3, 1, 2), IMAGE),
    "Conv2D-first": (lambda lib: lib.layers.Conv2D(3, 2, data_format="channels_first", padding="same"), IMAGE),
    "Conv2D-penalised": (
        lambda lib: lib.layers.Conv2D(
            2, 2, kernel_regularizer="l2", bias_regularizer="l1", activity_regularizer="l2",
            kernel_constraint="unit_norm", bias_constraint="non_neg",
        ),
        IMAGE,
    ),
    "Conv1DTranspose": (lambda lib: lib.layers.Conv1DTranspose(3, 2), SEQUENCE),
    "Conv1DTranspose-first": (lambda lib: lib.layers.Conv1DTranspose(3, 3, 2, data_format="channels_first"), SEQUENCE),
    "Conv2DTranspose": (lambda lib: lib.layers.Conv2DTranspose(3, (3, 2)), SMALL),
    "Conv2DTranspose-strides": (lambda lib: lib.layers.Conv2DTranspose(3, (3, 2), (2, 3)), SMALL),
    "Conv2DTranspose-strides-same": (
        lambda lib: lib.layers.Conv2DTranspose(3, (3, 2), (2, 3), "same", activation="relu"), SMALL,
    ),
    "Conv2DTranspose-same": (lambda lib: lib.layers.Conv2DTranspose(3, (3, 4), padding="same", use_bias=False), SMALL),
    "Conv2DTranspose-dilated": (lambda lib: lib.layers.Conv2DTranspose(2, 2, dilation_rate=2), SMALL),
    "Conv2DTranspose-dilated-same": (lambda lib: lib.layers.Conv2DTranspose(2, 3, 1, "same", None, None, 2), SMALL),
    "Conv2DTranspose-output-padding": (lambda lib: lib.layers.Conv2DTranspose(2, 3, 3, "valid", (1, 2)), SMALL),
    "Conv2DTranspose-output-padding-same": (lambda lib: lib.layers.Conv2DTranspose(2, 4, 2, "same", 1), SMALL),
    "Conv2DTranspose-output-padding-odd": (lambda lib: lib.layers.Conv2DTranspose(2, (3, 5), 3, "same", 2), SMALL),
    "DepthwiseConv1D": (lambda lib: lib.layers.DepthwiseConv1D(3, 2, "same", 2), SEQUENCE),
    "DepthwiseConv2D": (lambda lib: lib.layers.DepthwiseConv2D((3, 2)), IMAGE),
    "DepthwiseConv2D-same": (lambda lib: lib.layers.DepthwiseConv2D(4, padding="same", activation="relu"), IMAGE),
    "DepthwiseConv2D-several": (lambda lib: lib.layers.DepthwiseConv2D(3, 2, "same", 3), IMAGE),
    "DepthwiseConv2D-dilated": (lambda lib: lib.layers.DepthwiseConv2D(2, dilation_rate=2, use_bias=False), IMAGE),
    "DepthwiseConv2D-first": (
        lambda lib: lib.layers.DepthwiseConv2D(2, depth_multiplier=2, data_format="channels_first"), IMAGE,
    ),
    "DepthwiseConv2D-penalised": (
        lambda lib: lib.layers.DepthwiseConv2D(
            2, depthwise_regularizer="l2", bias_regularizer="l1", depthwise_constraint="non_neg",
        ),
        IMAGE,
    ),
    "SeparableConv1D": (lambda lib: lib.layers.SeparableConv1D(3, 2, padding="same"), SEQUENCE),
    "SeparableConv2D": (lambda lib: lib.layers.SeparableConv2D(3, 2, depth_multiplier=2), IMAGE),
    "SeparableConv2D-strides": (lambda lib: lib.layers.SeparableConv2D(3, 3, 2, "same", activation="tanh"), IMAGE),
    "SeparableConv2D-dilated-first": (
        lambda lib: lib.layers.SeparableConv2D(3, 2, 1, "same", "channels_first", 2, use_bias=False), IMAGE,
    ),
    "SeparableConv2D-penalised": (
        lambda lib: lib.layers.SeparableConv2D(
            2, 2, depthwise_regularizer="l2", pointwise_regularizer="l1", pointwise_constraint="non_neg",
        ),
        IMAGE,
    ),
}  # fmt: skip

each = pytest.mark.parametrize("case", CASES)


@each
def test_layer_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    make, x = CASES[case]
    twins.train_layers(x, lambda lib: [lib.layers.Dense(x.shape[-1]), make(lib)])


@each
def test_output_shape_with_unknown_sizes_is_keras(twins: Any, case: str) -> None:
    make, x = CASES[case]
    channels = 1 if "first" in case else x.ndim - 1

    def recipe(lib: Any) -> list[str]:
        shapes = [
            tuple(size if axis not in (0, unknown) else None for axis, size in enumerate(x.shape))
            for unknown in range(x.ndim)
            if unknown != channels
        ]
        return [str(tuple(make(lib).compute_output_shape(shape))) for shape in shapes]

    twins.same(recipe)


@each
def test_config_is_keras(twins: Any, case: str) -> None:
    twins.same(lambda lib: {**CASES[case][0](lib).get_config(), "name": None})


def test_weights_have_keras_names_and_shapes(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        made = [make(lib) for make, _ in CASES.values()]
        for layer, (_, x) in zip(made, CASES.values(), strict=True):
            layer.build((None, *x.shape[1:]))
        return [[[weight.name, list(weight.shape)] for weight in layer.weights] for layer in made]

    twins.same(recipe)


def test_aliases_are_the_same_classes(twins: Any) -> None:
    names = ["Convolution1D", "Convolution2D", "Convolution1DTranspose", "Convolution2DTranspose",
             "SeparableConvolution1D", "SeparableConvolution2D"]  # fmt: skip
    twins.same(lambda lib: [getattr(lib.layers, name).__name__ for name in names])


CALLS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "conv": lambda ops, x, w: ops.conv(x, w),
    "conv-positional": lambda ops, x, w: ops.conv(x, w, (2, 1), "valid", "channels_last", (1, 2)),
    "conv-same": lambda ops, x, w: ops.conv(x, w, 2, padding="same"),
    "conv-groups": lambda ops, x, w: ops.conv(x, w[:, :, :2], padding="same"),
    "conv-whole": lambda ops, x, w: ops.conv(np.ones((1, 3, 3, 1), "int64"), np.ones((2, 2, 1, 1))),
    "conv-first": lambda ops, x, w: ops.conv(np.moveaxis(x, -1, 1), w, data_format="channels_first"),
    "transpose": lambda ops, x, w: ops.conv_transpose(x[:1], w),
    "transpose-positional": lambda ops, x, w: ops.conv_transpose(x[:1], w, 2, "same", 1, "channels_last", 1),
    "transpose-valid": lambda ops, x, w: ops.conv_transpose(x[:1], w, (4, 1), output_padding=None),
    "transpose-first": lambda ops, x, w: ops.conv_transpose(np.moveaxis(x[:1], -1, 1), w, data_format="channels_first"),
    "depthwise": lambda ops, x, w: ops.depthwise_conv(x, w, (1, 2), "same"),
    "depthwise-dilated": lambda ops, x, w: ops.depthwise_conv(x, w, dilation_rate=(2, 1)),
    "depthwise-first": lambda ops, x, w: ops.depthwise_conv(np.moveaxis(x, -1, 1), w, data_format="channels_first"),
    "separable": lambda ops, x, w: ops.separable_conv(x, w[..., :2], np.ones((1, 1, 8, 3)), 2, "same"),
}


@pytest.mark.parametrize("name", CALLS)
def test_operation_is_keras(twins: Any, name: str) -> None:
    kernel = np.random.default_rng(43).normal(size=(3, 2, 4, 4))
    twins.same(lambda lib: np.asarray(CALLS[name](lib.ops, IMAGE, kernel)))


BAD: dict[str, Callable[[Any], Any]] = {
    "no filters": lambda lib: lib.layers.Conv2D(0, 3),
    "three sizes": lambda lib: lib.layers.Conv2D(2, (3, 3, 3)),
    "one size in a tuple": lambda lib: lib.layers.Conv2D(2, (3,)),
    "float size": lambda lib: lib.layers.Conv2D(2, 3.0),
    "size of 0": lambda lib: lib.layers.DepthwiseConv2D(0),
    "negative strides": lambda lib: lib.layers.Conv2D(2, 3, -1),
    "dilation of 0": lambda lib: lib.layers.Conv2D(2, 3, dilation_rate=0),
    "padding": lambda lib: lib.layers.Conv2D(2, 3, padding="full"),
    "causal images": lambda lib: lib.layers.Conv2D(2, 3, padding="causal"),
    "causal transpose": lambda lib: lib.layers.Conv1DTranspose(2, 3, padding="causal"),
    "data format": lambda lib: lib.layers.Conv2D(2, 3, data_format="last"),
    "groups of filters": lambda lib: lib.layers.Conv2D(3, 3, groups=2),
    "groups of channels": lambda lib: lib.layers.Conv2D(4, 3, groups=2)(np.ones((1, 4, 4, 3))),
    "strides and dilation": lambda lib: lib.layers.Conv2D(2, 3, 2, dilation_rate=2),
    "strides and dilation of transpose": lambda lib: lib.layers.Conv2DTranspose(2, 3, 2, dilation_rate=2),
    "large output padding": lambda lib: lib.layers.Conv2DTranspose(2, 3, 2, output_padding=2),
    "no depth": lambda lib: lib.layers.SeparableConv2D(2, 3, depth_multiplier=0),
    "small image": lambda lib: lib.Sequential([lib.Input((2, 5, 1)), lib.layers.Conv2D(2, 3)]),
    "small dilated image": lambda lib: lib.layers.Conv2D(2, 3, dilation_rate=2)(np.ones((1, 4, 5, 1))),
    "rows": lambda lib: lib.layers.Conv2D(2, 3)(np.ones((4, 4, 3))),
    "videos": lambda lib: lib.layers.Conv2D(2, 3)(np.ones((1, 4, 4, 4, 3))),
    "unknown channels": lambda lib: lib.layers.Conv2D(2, 3)(lib.Input((4, 4, None))),
    "other channels": lambda lib: lib.Sequential([lib.Input((4, 4, 3)), lib.layers.Conv2D(2, 3)]).layers[0](
        np.ones((1, 4, 4, 2))
    ),
    "kernel for other channels": lambda lib: lib.ops.conv(np.ones((1, 4, 4, 3)), np.ones((2, 2, 2, 4))),
}


@pytest.mark.parametrize("name", BAD)
def test_what_keras_refuses_is_refused(twins: Any, name: str) -> None:
    def recipe(lib: Any) -> str:
        try:
            BAD[name](lib)
        except (ValueError, TypeError):
            return "refused"
        return "taken"

    twins.same(recipe)
