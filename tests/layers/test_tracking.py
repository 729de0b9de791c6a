"""What is assigned to a layer's attributes, or appended to a list there, is part of the layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Layer
from denselite.errors import ShapeError
from denselite.layers import Dense


class Blocks(Layer):
    def __init__(self, depth: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.blocks: list[Dense] = []
        for _ in range(depth):
            self.blocks.append(Dense(4))

    def call(self, inputs: Any) -> Any:
        for block in self.blocks:
            inputs = block(inputs)
        return inputs


class Twice(Layer):
    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
        if input_shape[-1] != 4:
            raise ShapeError(f"Twice {self.name!r} expects 4 features, got {input_shape[-1]}.")

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale


def test_layers_appended_to_a_list_are_sub_layers() -> None:
    layer = Blocks(3)
    layer(np.ones((2, 4), "float32"))
    assert len(layer.trainable_weights) == 6


def test_layer_whose_attribute_is_set_to_something_else_is_no_sub_layer_any_more() -> None:
    layer = Blocks(1)
    layer.blocks = []
    assert layer.weights == []


def test_weight_of_a_build_that_failed_is_none() -> None:
    layer = Twice()
    with pytest.raises(ShapeError, match="expects 4 features, got 3"):
        layer(np.ones((1, 3), "float32"))
    layer(np.ones((1, 4), "float32"))
    assert [w.shape for w in layer.weights] == [(4,)]
