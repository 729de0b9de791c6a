"""The table of Keras' names for ops."""

from __future__ import annotations

import numpy as np
import pytest

import denselite as dl
from denselite import Input, Model, ops
from denselite.errors import UnknownNameError
from denselite.graph.dims import Affine
from denselite.layers.operation import CLASSES, Operation, find
from denselite.models import model_from_json


def test_every_op_has_the_name_of_a_class() -> None:
    functions = {
        value.__name__
        for name, value in vars(ops).items()
        if callable(value) and not isinstance(value, type) and value.__module__.startswith("denselite.ops.")
    }
    of_shapes = {
        "arange", "array", "convert_to_numpy", "convert_to_tensor", "dtype", "empty", "eye", "full", "identity",
        "is_tensor", "linspace", "logspace", "ndim", "ones", "shape", "size", "tri", "zeros",
    }  # fmt: skip
    of_functions = {"cond", "custom_gradient", "fori_loop", "map", "scan", "vectorized_map", "while_loop"}
    assert functions - CLASSES.keys() == of_shapes | of_functions


def test_every_name_in_the_table_is_an_op_that_calls_itself_so() -> None:
    assert {name: find(name).__name__ for name in CLASSES} == {name: name for name in CLASSES} | {
        "abs": "absolute", "true_divide": "divide",
    }  # fmt: skip


def test_unknown_function_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"denselite.ops has no function 'summ'. Did you mean 'sum'\?"):
        Operation("summ")


def test_activations_on_keras_tensors_are_the_ops_they_are_made_of() -> None:
    x = dl.Input((2,))
    for activation in (dl.activations.mish, dl.activations.gelu, dl.activations.relu6, dl.activations.celu):
        assert dl.Model(x, activation(x)).output_shape == (None, 2)
    assert dl.activations.linear(x) is x


def test_rows_that_were_made_of_more_axes_are_split_again() -> None:
    # What is open is known to be three times the batch.
    x = Input((3, 4))
    rows = ops.reshape(x, (-1, 4))
    assert (rows.shape, rows.sizes) == ((None, 4), (Affine(3, 0), 4))
    model = Model(x, ops.reshape(rows * 2.0, (-1, 3, 4)))
    assert model.output_shape == (None, 3, 4)
    data = np.arange(24, dtype="float32").reshape(2, 3, 4)
    np.testing.assert_array_equal(model.predict(data, verbose=0), 2.0 * data)
    np.testing.assert_array_equal(model_from_json(model.to_json()).predict(data, verbose=0), 2.0 * data)
