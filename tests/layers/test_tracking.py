from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ShapeError
from denselite.layers import Dense, Layer
from denselite.tensor.variable import Variable


class Holder(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs


def names(holder: Layer) -> list[str]:
    return [str(layer.name) for layer in holder._sublayers]


def test_layers_in_attributes_lists_tuples_and_dicts_are_held_in_order() -> None:
    holder = Holder()
    holder.first = Dense(1, name="a")
    holder.several = [Dense(1, name="b"), "no layer", Dense(1, name="c")]
    holder.more = (Dense(1, name="d"),)
    holder.named = {"x": Dense(1, name="e")}
    assert names(holder) == ["a", "b", "c", "d", "e"]


def test_layers_and_variables_are_found_however_nested() -> None:
    holder = Holder()
    holder.blocks = {"a": [Dense(1, name="a"), (Dense(1, name="b"), {"c": Dense(1, name="c")})]}
    holder.factors = {"one": Variable(np.ones(2)), "more": [Variable(np.ones(3))]}
    assert names(holder) == ["a", "b", "c"]
    assert [v.shape for v in holder.weights] == [(2,), (3,)]


def test_layer_held_twice_counts_once() -> None:
    holder, layer = Holder(), Dense(1, name="a")
    holder.one, holder.two = layer, [layer, layer]
    assert names(holder) == ["a"]


def test_attribute_set_anew_lets_the_old_layer_go() -> None:
    holder = Holder()
    holder.part = Dense(1, name="a")
    holder.part = Dense(1, name="b")
    assert names(holder) == ["b"]
    holder.part = None
    assert names(holder) == []


def test_variable_as_an_attribute_is_a_weight_once() -> None:
    holder = Holder()
    holder.factor = Variable(np.ones(2, "float32"), name="factor")
    holder.same = holder.factor
    assert [v.name for v in holder.weights] == ["factor"]
    assert holder.trainable_weights == [holder.factor]


def test_layers_appended_to_a_list_are_held() -> None:
    holder = Holder()
    holder.several = []
    holder.several.append(Dense(1, name="a"))
    assert names(holder) == ["a"]


class Picky(Layer):
    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")
        if input_shape[-1] != 4:
            raise ShapeError(f"Picky {self.name!r} expects 4 features, got {input_shape[-1]}.")

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale


def test_weight_of_a_build_that_failed_is_none() -> None:
    layer = Picky()
    with pytest.raises(ShapeError, match="expects 4 features, got 3"):
        layer(np.ones((1, 3), "float32"))
    layer(np.ones((1, 4), "float32"))
    assert [w.shape for w in layer.weights] == [(4,)]
