from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential
from denselite.errors import ArgumentError, FormatError
from denselite.layers import Dense, Layer, TimeDistributed, Wrapper
from denselite.models import load_model

X = np.array([[1.0, 2.0]], "float32")


class Twice(Wrapper):
    def call(self, inputs: Any) -> Any:
        return 2.0 * self.layer(inputs)


class Halve(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs / 2.0


def test_wrapper_has_the_weights_of_the_layer_inside() -> None:
    layer = Twice(Dense(1, kernel_initializer="ones", name="d"), name="w")
    assert layer(X).tolist() == [[6.0]]
    assert [weight.path for weight in layer.weights] == ["w/d/kernel", "w/d/bias"]
    assert layer.weights == layer.layer.weights


def test_layer_that_comes_frozen_stays_so_until_the_wrapper_is_thawed() -> None:
    layer = Twice(Dense(1, trainable=False))
    layer(X)
    assert layer.trainable
    assert layer.trainable_weights == []
    layer.trainable = True
    assert len(layer.trainable_weights) == 2


def test_model_with_wrapped_layers_of_ones_own_is_saved_and_loaded(tmp_path: Path) -> None:
    inner = Sequential([Input((2,)), Dense(3, "tanh"), Dense(2)])
    x = Input((4, 2))
    model = Model(x, TimeDistributed(Twice(Halve()))(TimeDistributed(inner)(x)))
    model.save(tmp_path / "m.json")
    again = load_model(tmp_path / "m.json", custom_objects={"Twice": Twice, "Halve": Halve})
    rows = np.ones((3, 4, 2), "float32")
    np.testing.assert_array_equal(again.predict(rows, verbose=0), model.predict(rows, verbose=0))
    with pytest.raises(FormatError, match=r"Twice.* Pass it when loading: custom_objects=\{'Twice': Twice\}"):
        load_model(tmp_path / "m.json", custom_objects={"Halve": Halve})


@pytest.mark.parametrize("wrong", [5, Dense, None], ids=str)
def test_what_is_no_layer_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^Wrapper\(\) argument 'layer': it takes a layer, got .* Write Dense"):
        Wrapper(wrong)
