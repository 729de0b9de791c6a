from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential
from denselite.errors import ArgumentError, ShapeError, UnknownNameError
from denselite.layers import Dense


def test_output_is_the_weighted_sum_and_the_bias() -> None:
    layer = Dense(2)
    layer.build((None, 3))
    layer.set_weights([np.array([[1, 2], [3, 4], [5, 6]]), np.array([0.5, -0.5])])
    # 1·1 + 0·3 + 2·5 + 0.5 = 11.5; 1·2 + 0·4 + 2·6 - 0.5 = 13.5
    np.testing.assert_array_equal(layer(np.array([[1.0, 0.0, 2.0]])), [[11.5, 13.5]])


def test_weights_are_kernel_and_bias_with_keras_names_and_paths() -> None:
    layer = Dense(2, name="d")
    layer.build((None, 3))
    assert [(v.name, v.path, v.shape) for v in layer.weights] == [
        ("kernel", "d/kernel", (3, 2)),
        ("bias", "d/bias", (2,)),
    ]


def test_without_a_bias_there_is_none() -> None:
    layer = Dense(2, use_bias=False)
    layer.build((None, 3))
    assert layer.bias is None
    assert len(layer.weights) == 1


@pytest.mark.parametrize("x", [[[1, 2, 3]], [[1.0, 2.0, 3.0]], ((1, 2, 3),), np.array([[1, 2, 3]], "uint8")], ids=repr)
def test_lists_and_integers_are_computed_in_the_layers_dtype(x: Any) -> None:
    out = Dense(1, kernel_initializer="ones")(x)
    assert out.dtype == np.float32
    assert out.tolist() == [[6.0]]


def test_option_is_positional_in_keras_order() -> None:
    layer = Dense(3, "relu", False, "ones", "zeros", "l2", None, "l1")
    assert (layer.use_bias, layer.kernel_regularizer.l2, layer.activity_regularizer.l1) == (False, 0.01, 0.01)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((None,), r"\(batch, \.\.\., features\), got \(None,\)\. Add a last axis: x\[:, None\]\."),
        ((None, None), r"got \(None, None\)\. Say how many features there are\."),
        (5, "got 5"),
        (None, "got None"),
        ("ab", "got ab"),
        ([(None, 3), (None, 3)], r"got \[\(None, 3\), \(None, 3\)\]"),
    ],
)
def test_shape_that_cannot_be_built_for_is_an_error(shape: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=f"^Dense 'd' expects an input of shape .*{message}"):
        Dense(2, name="d").build(shape)


def test_images_without_flatten_are_told_to_be_flattened() -> None:
    layer = Dense(2, name="hidden")
    layer.build((None, 784))
    message = r"^Dense 'hidden' expects last axis 784, got input shape \(2, 28, 28\)\. Add Flatten\(\) before it\.$"
    with pytest.raises(ShapeError, match=message):
        layer(np.zeros((2, 28, 28)))


def test_declared_shape_that_does_not_fit_is_told_as_it_was_declared() -> None:
    layer = Dense(2, name="d")
    Sequential([Input((3,)), layer])
    with pytest.raises(ShapeError, match=r"^Dense 'd' expects last axis 3, got input shape \(None, 4\)\.$"):
        Sequential([Input((4,)), layer])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ArgumentError, r"^Dense\(\) needs the argument 'units'\. Its arguments are: units, activation,"),
        ({"units": 0}, ArgumentError, r"^Dense\(\) argument 'units' should be greater than 0, got 0\.$"),
        ({"units": "3"}, ArgumentError, r"'units' should be an integer greater than 0, got '3'"),
        ({"units": 2.5}, ArgumentError, r"'units' should be an integer greater than 0, got 2\.5"),
        ({"units": True}, ArgumentError, r"'units' should be an integer greater than 0, got True"),
        ({"units": 1, "use_bias": "no"}, ArgumentError, r"'use_bias' should be True or False, got 'no'"),
        ({"units": 1, "activation": "rleu"}, UnknownNameError, r"^Dense\(\) argument 'activation': Unknown activation 'rle"),
        ({"units": 1, "activation": 5}, ArgumentError, r"An activation is a name, an object, a callable or None, got 5"),
        ({"units": 1, "kernel_initializer": "glorot"}, UnknownNameError, "Did you mean 'GlorotNormal'"),
        ({"units": 1, "bias_initializer": 5}, ArgumentError, "argument 'bias_initializer': An initializer is a name"),
        ({"units": 1, "kernel_regularizer": 0.1}, ArgumentError, "A regularizer is a name, an object, .* got 0.1"),
        ({"units": 1, "kernel_constraint": "maxnorm"}, UnknownNameError, r"'kernel_constraint': Unknown constraint 'maxnorm'\. Did"),
    ],
)  # fmt: skip
def test_wrong_argument_is_an_error_that_names_it(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Dense(**arguments)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ArgumentError) as caught:
        Dense("3", use_bias=1, trainable="no")  # type: ignore[arg-type]
    assert all(f"argument {name!r} should be" in str(caught.value) for name in ("units", "use_bias", "trainable"))
