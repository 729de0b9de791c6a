"""Pools: numbers, gradients, shapes, configs and what is refused are Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(47)
SEQUENCE = RNG.normal(size=(3, 7, 4))
IMAGE = RNG.normal(size=(3, 6, 5, 4))

Make = Callable[[Any], Any]

CASES: dict[str, tuple[Make, Any]] = {
    "MaxPooling1D": (lambda lib: lib.layers.MaxPooling1D(), SEQUENCE),
    "MaxPooling1D-positional": (lambda lib: lib.layers.MaxPooling1D((3,), 2, "same", "channels_first"), SEQUENCE),
    "MaxPooling2D": (lambda lib: lib.layers.MaxPooling2D(), IMAGE),
    "MaxPooling2D-tiles": (lambda lib: lib.layers.MaxPooling2D((3, 5)), IMAGE),
    "MaxPooling2D-overlapping": (lambda lib: lib.layers.MaxPooling2D((3, 2), 1), IMAGE),
    "MaxPooling2D-apart": (lambda lib: lib.layers.MaxPooling2D(2, (3, 4), "same"), IMAGE),
    "MaxPooling2D-same": (lambda lib: lib.layers.MaxPooling2D((4, 3), (3, 2), padding="same"), IMAGE),
    "MaxPooling2D-first": (lambda lib: lib.layers.MaxPooling2D(2, data_format="channels_first"), IMAGE),
    "AveragePooling1D": (lambda lib: lib.layers.AveragePooling1D(3, 2), SEQUENCE),
    "AveragePooling1D-same": (lambda lib: lib.layers.AveragePooling1D(4, padding="same"), SEQUENCE),
    "AveragePooling2D": (lambda lib: lib.layers.AveragePooling2D((2, 3)), IMAGE),
    "AveragePooling2D-tiles": (lambda lib: lib.layers.AveragePooling2D((2, 5)), IMAGE),
    "AveragePooling2D-same": (lambda lib: lib.layers.AveragePooling2D((4, 3), (3, 1), "same"), IMAGE),
    "AveragePooling2D-first": (lambda lib: lib.layers.AveragePooling2D(2, 1, "same", "channels_first"), IMAGE),
    "GlobalMaxPooling1D": (lambda lib: lib.layers.GlobalMaxPooling1D(), SEQUENCE),
    "GlobalMaxPooling1D-first": (lambda lib: lib.layers.GlobalMaxPooling1D("channels_first", True), SEQUENCE),
    "GlobalMaxPooling2D": (lambda lib: lib.layers.GlobalMaxPooling2D(keepdims=True), IMAGE),
    "GlobalMaxPooling2D-first": (lambda lib: lib.layers.GlobalMaxPooling2D("channels_first"), IMAGE),
    "GlobalAveragePooling1D": (lambda lib: lib.layers.GlobalAveragePooling1D(keepdims=True), SEQUENCE),
    "GlobalAveragePooling1D-first": (lambda lib: lib.layers.GlobalAveragePooling1D("channels_first"), SEQUENCE),
    "GlobalAveragePooling2D": (lambda lib: lib.layers.GlobalAveragePooling2D(), IMAGE),
    "GlobalAveragePooling2D-first": (lambda lib: lib.layers.GlobalAveragePooling2D("channels_first", True), IMAGE),
}

each = pytest.mark.parametrize("case", CASES)


@each
def test_layer_predicts_and_trains_like_keras(twins: Any, case: str) -> None:
    make, x = CASES[case]
    twins.train_layers(x, lambda lib: [lib.layers.Dense(x.shape[-1]), make(lib)])


@pytest.mark.parametrize("case", [case for case in CASES if "Max" in case and "Global" not in case])
def test_gradient_of_equal_entries_goes_where_it_goes_in_keras(twins: Any, case: str) -> None:
    make, x = CASES[case]
    steps = np.sign(x)  # a window of ones and minus ones has its maximum several times

    def recipe(lib: Any) -> Any:
        class Given(lib.layers.Layer):  # type: ignore[misc]
            """An input that is learned: what a step changes is its gradient."""

            def build(self, input_shape: Any) -> None:
                self.shift = self.add_weight(shape=tuple(input_shape[1:]), initializer="zeros")

            def call(self, inputs: Any) -> Any:
                return inputs + self.shift

        model = twins.compile(lib, lib.Sequential([lib.Input(x.shape[1:]), Given(), make(lib)]))
        model.train_on_batch(steps, np.full(model(steps).shape, 3.0))
        return model.get_weights()

    twins.same(recipe)


@each
def test_output_shape_with_unknown_sizes_is_keras(twins: Any, case: str) -> None:
    make, x = CASES[case]

    def recipe(lib: Any) -> list[str]:
        shapes = [
            tuple(size if axis not in (0, unknown) else None for axis, size in enumerate(x.shape))
            for unknown in range(x.ndim)
        ]
        return [str(tuple(make(lib).compute_output_shape(shape))) for shape in shapes]

    twins.same(recipe)


@each
def test_config_is_keras(twins: Any, case: str) -> None:
    twins.same(lambda lib: {**CASES[case][0](lib).get_config(), "name": None})


def test_names_and_aliases_are_keras(twins: Any) -> None:
    names = ["MaxPool1D", "MaxPool2D", "AvgPool1D", "AvgPool2D", "GlobalMaxPool1D", "GlobalMaxPool2D",
             "GlobalAvgPool1D", "GlobalAvgPool2D"]  # fmt: skip
    twins.same(lambda lib: [getattr(lib.layers, name).__name__ for name in names])


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_global_average_leaves_out_what_the_mask_does(twins: Any, data_format: str, keepdims: bool) -> None:
    mask = np.array([[1, 1, 0, 1, 0, 0, 1], [1] * 7, [0, 0, 0, 1, 0, 0, 0]], bool)
    x = SEQUENCE if data_format == "channels_last" else np.moveaxis(SEQUENCE, -1, 1)
    twins.same(lambda lib: np.asarray(lib.layers.GlobalAveragePooling1D(data_format, keepdims)(x, mask=mask)))


def test_global_average_gets_the_mask_of_its_input(twins: Any) -> None:
    x = SEQUENCE.copy()
    x[0, 3:] = x[2, 1] = 0.0

    def build(lib: Any) -> Any:
        layers = [lib.layers.Masking(), lib.layers.Dense(3), lib.layers.GlobalAveragePooling1D(), lib.layers.Dense(1)]
        return twins.compile(lib, lib.Sequential([lib.Input((7, 4)), *layers]))

    twins.train(build, lambda model: [model.predict(x, verbose=0), model.train_on_batch(x, np.ones((3, 1)))])


CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "max": lambda ops, x: ops.max_pool(x, (2, 3), (1, 2), "valid"),
    "max-same-first": lambda ops, x: ops.max_pool(x, 3, 2, "same", "channels_first"),
    "max-whole": lambda ops, x: ops.max_pool(np.arange(6.0).reshape(1, 6, 1), 2, 2),
    "average": lambda ops, x: ops.average_pool(x, 2, 1),
    "average-same": lambda ops, x: ops.average_pool(x, (4, 3), strides=(2, 2), padding="same"),
}


@pytest.mark.parametrize("name", CALLS)
def test_operation_is_keras(twins: Any, name: str) -> None:
    twins.same(lambda lib: np.asarray(CALLS[name](lib.ops, IMAGE)))


BAD: dict[str, Callable[[Any], Any]] = {
    "size of 0": lambda lib: lib.layers.MaxPooling2D(0),
    "one size in a tuple": lambda lib: lib.layers.MaxPooling2D((2,)),
    "no size": lambda lib: lib.layers.AveragePooling2D(),
    "negative strides": lambda lib: lib.layers.MaxPooling1D(2, -1),
    "strides of 0": lambda lib: lib.layers.MaxPooling1D(2, 0)(SEQUENCE),
    "padding": lambda lib: lib.layers.MaxPooling2D(2, padding="causal")(IMAGE),
    "data format": lambda lib: lib.layers.MaxPooling2D(2, data_format="last"),
    "small image": lambda lib: lib.Sequential([lib.Input((2, 5, 1)), lib.layers.MaxPooling2D(3)]),
    "rows": lambda lib: lib.layers.AveragePooling2D(2)(SEQUENCE),
    "global rows": lambda lib: lib.layers.GlobalMaxPooling2D()(SEQUENCE),
    "global data format": lambda lib: lib.layers.GlobalAveragePooling2D("last"),
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


@pytest.mark.parametrize("name", ["Conv2D", "MaxPooling2D", "GlobalAveragePooling2D"])
def test_data_format_that_nobody_gave_is_the_configured_one(twins: Any, name: str) -> None:
    def recipe(lib: Any) -> Any:
        lib.config.set_image_data_format("channels_first")
        try:
            arguments = [2, 2] if name == "Conv2D" else []
            layer = getattr(lib.layers, name)(*arguments)
            return [layer.get_config()["data_format"], list(lib.ops.max_pool(IMAGE, 2, 2).shape)]
        finally:
            lib.config.set_image_data_format("channels_last")

    twins.same(recipe)
