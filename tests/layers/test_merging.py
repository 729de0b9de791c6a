from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, layers
from denselite.errors import ArgumentError, ShapeError
from denselite.layers import Add, Average, Subtract, add, average, concatenate, subtract

A, B = np.array([[1.0, 2.0]], "float32"), np.array([[10.0, 20.0]], "float32")


def test_add_sums_any_number_of_inputs() -> None:
    assert Add()([A]).tolist() == [[1.0, 2.0]]
    assert Add()([A, B, B]).tolist() == [[21.0, 42.0]]
    assert Add()((A, B)).tolist() == add([A, B]).tolist() == [[11.0, 22.0]]


def test_add_puts_missing_axes_after_the_batch() -> None:
    x = np.zeros((1, 3, 2), "float32")
    np.testing.assert_array_equal(Add()([x, A]), np.broadcast_to(A[:, None], (1, 3, 2)))


def test_average_is_the_sum_by_the_number_of_inputs() -> None:
    assert Average()([A]).tolist() == [[1.0, 2.0]]
    assert Average()([A, B, B]).tolist() == average([A, B, B]).tolist() == [[7.0, 14.0]]
    assert Average()([np.array([[1]]), np.array([[2]])]).tolist() == [[1.5]]


def test_subtract_takes_the_second_from_the_first() -> None:
    assert Subtract()([B, A]).tolist() == subtract([B, A]).tolist() == [[9.0, 18.0]]


def test_inputs_that_are_one_symbol_are_both_used() -> None:
    x = Input((2,))
    assert Model(x, add([x, x])).predict(A, verbose=0).tolist() == [[2.0, 4.0]]


def test_name_reaches_the_layer() -> None:
    x = Input((2,))
    model = Model(x, concatenate([add([x, x], name="sum"), x], name="join"))
    assert [layer.name for layer in model.layers[1:]] == ["sum", "join"]


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "one array": (lambda: Add(name="s")(A), ShapeError, r"^Add 's' expects a list of inputs, got one of shape \(1, 2\)\. Write \[a, b\]\.$"),
    "one symbol": (lambda: Add(name="s")(Input((2,))), ShapeError, r"got one of shape \(None, 2\)"),
    "number among them": (lambda: Add(name="s")([A, 5]), ShapeError, r"^Add 's' expects a list of arrays with a batch axis, got 5 at place 1"),
    "sum of other shapes": (lambda: Add(name="s")([A, np.zeros((1, 3))]), ShapeError, r"^Add 's' expects shapes that broadcast, got \[\(1, 2\), \(1, 3\)\]"),
    "declared sum": (lambda: Add(name="s")([Input((2,)), Input((3,))]), ShapeError, r"got \[\(None, 2\), \(None, 3\)\]"),
    "build for one shape": (lambda: Add(name="s").build((None, 2)), ShapeError, r"^Add 's' expects a list of inputs, got one of shape \(None, 2\)"),
    "three to subtract": (lambda: Subtract(name="s")([A, A, A]), ShapeError, r"^Subtract 's' expects a list of 2 inputs, got 3\.$"),
    "one to subtract": (lambda: subtract([A]), ShapeError, "expects a list of 2 inputs, got 1"),
    "arguments to Add": (lambda: Add([A, B]), ArgumentError, r"^Add\(\) takes no positional arguments, got 1\."),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", ["LSTM", "Conv3D", "MultiHeadAttention"])
def test_layer_that_keras_has_and_we_do_not_says_so(name: str) -> None:
    with pytest.raises(
        NotImplementedError, match=rf"^denselite\.layers\.{name} exists in Keras and not yet in denselite\.$"
    ):
        getattr(layers, name)
    with pytest.raises(ImportError, match="exists in Keras and not yet in denselite"):
        exec(f"from denselite.layers import {name}")


def test_layer_that_nobody_has_is_an_attribute_error_with_the_near_name() -> None:
    with pytest.raises(AttributeError, match=r"has no attribute 'Dens'\. Did you mean 'Dense'"):
        layers.Dens  # noqa: B018
