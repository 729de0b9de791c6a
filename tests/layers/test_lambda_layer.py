from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, ops
from denselite.errors import ArgumentError, FormatError
from denselite.layers import Dense, Lambda, Masking
from denselite.models import load_model, model_from_json
from denselite.tensor.masks import get_mask

X = np.array([[1.0, -2.0]], "float32")


def shifted(x: Any, by: float = 1.0) -> Any:
    return x + by


def model_with(layer: Lambda) -> Sequential:
    return Sequential([Input((2,)), layer, Dense(1)])


def test_function_gets_the_arguments_given() -> None:
    assert Lambda(shifted)(X).tolist() == [[2.0, -1.0]]
    assert Lambda(shifted, arguments={"by": 3.0})(X).tolist() == [[4.0, 1.0]]
    assert Lambda(np.abs)(X).tolist() == [[1.0, 2.0]]


def test_function_that_takes_training_is_told() -> None:
    layer = Lambda(lambda x, training: x * (10.0 if training else 1.0))
    assert layer(X).tolist() == [[1.0, -2.0]]
    assert layer(X, training=True).tolist() == [[10.0, -20.0]]


def test_function_is_part_of_the_gradient() -> None:
    model = model_with(Lambda(lambda x: np.tanh(x) * x))
    model.compile("sgd", "mse")
    model.fit(X, np.ones((1, 1), "float32"), verbose=0)


def test_mask_is_the_one_given_or_computed() -> None:
    steps = np.array([[[1.0, 1.0], [0.0, 0.0]]], "float32")
    mask = np.array([[False, True]])
    assert get_mask(Lambda(shifted, mask=mask)(steps)) is mask
    assert get_mask(Lambda(shifted, mask=lambda x, mask: ~mask)(Masking()(steps))).tolist() == [[False, True]]


def test_output_shape_is_what_the_function_returns_or_what_is_said() -> None:
    assert Lambda(lambda x: x[:, :1]).compute_output_shape((None, 4)) == (None, 1)
    assert Lambda(shifted, output_shape=(7,)).compute_output_shape((None, 4)) == (None, 7)
    assert Lambda(shifted, output_shape=lambda shape: (*shape, 2)).compute_output_shape((3, 4)) == (3, 4, 2)
    assert Lambda(np.hstack, output_shape=[5]).compute_output_shape([(3, 4), (3, 1)]) == (3, 5)


def test_saved_model_holds_the_name_and_asks_for_the_function(tmp_path: Path) -> None:
    model = model_with(Lambda(shifted, mask=np.array([True]), arguments={"by": 2.0}, name="l"))
    model.save(tmp_path / "m.json")
    with pytest.raises(
        FormatError, match=r"^Lambda 'l' has the function 'shifted'; nothing is run .*custom_objects=\{'shifted': f"
    ):
        load_model(tmp_path / "m.json")
    again = load_model(tmp_path / "m.json", custom_objects={"shifted": shifted})
    assert again.layers[0].mask.tolist() == [True]
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_functions_of_denselite_are_not_guessed_by_name_either() -> None:
    with pytest.raises(FormatError, match="'tanh'"):
        Lambda.from_config(Lambda(ops.tanh).get_config())
    assert Lambda.from_config(Lambda(ops.tanh).get_config(), {"tanh": np.tanh}).function is np.tanh


def test_code_in_a_file_of_keras_is_never_run() -> None:
    description = json.loads(model_with(Lambda(shifted, name="l")).to_json())
    code = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
    description["config"]["layers"][1]["config"]["function"] = code
    with pytest.raises(FormatError, match=r"Lambda 'l' has a function that Keras saved as code; .*\{'l': function\}"):
        model_from_json(json.dumps(description))
    again = model_from_json(json.dumps(description), custom_objects={"l": shifted})
    assert again.layers[0].function is shifted


def test_lambda_without_a_name_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"^The lambda at .*test_lambda_layer\.py:\d+ has no name to be saved by"):
        model_with(Lambda(lambda x: x)).save(tmp_path / "m.json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"function": 5}, "argument 'function'"),
        ({"function": shifted, "arguments": [2.0]}, "argument 'arguments': it takes a dict"),
        ({"function": shifted, "output_shape": "wide"}, "argument 'output_shape': it takes the shape of a row"),
    ],
)
def test_mistake_is_one_clear_error(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        Lambda(**arguments)
