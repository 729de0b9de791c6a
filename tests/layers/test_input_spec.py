from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, InputSpec
from denselite.errors import ArgumentError, DTypeError, ShapeError
from denselite.layers import Layer

ROWS = np.ones((2, 3), "float32")


class Same(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs


def layer_of(spec: Any) -> Same:
    layer = Same(name="s")
    layer.input_spec = spec
    return layer


@pytest.mark.parametrize(
    ("spec", "given", "message"),
    [
        (InputSpec(ndim=3), ROWS, r"of 3 axes, the batch included, got one of shape \(2, 3\)\.$"),
        (InputSpec(min_ndim=3), ROWS, "of 3 axes or more"),
        (InputSpec(max_ndim=1), ROWS, "of 1 axes at most"),
        (InputSpec(axes={-1: 4}), ROWS, "with size 4 on axis -1"),
        (InputSpec(shape=(None, 4)), ROWS, "with size 4 on axis 1"),
        (InputSpec(shape=(None, 4)), Input((3,)), r"with size 4 on axis 1, got one of shape \(None, 3\)\.$"),
        (InputSpec(ndim=2), 5.0, r"that is an array, got 5\.0\.$"),
    ],
)
def test_input_of_another_shape_is_refused(spec: InputSpec, given: Any, message: str) -> None:
    with pytest.raises(ShapeError, match=f"^Same 's' expects an input {message}"):
        layer_of(spec)(given)


def test_input_of_another_dtype_is_refused() -> None:
    with pytest.raises(DTypeError, match=r"^Same 's' expects an input of dtype int32, got float32, got one of shape"):
        layer_of(InputSpec(dtype="int32"))(ROWS)


def test_number_of_inputs_is_checked() -> None:
    with pytest.raises(ShapeError, match=r"^Same 's' expects 2 inputs, got 1\.$"):
        layer_of([InputSpec(), InputSpec()])([ROWS])


def test_unknown_size_may_be_the_one_wanted() -> None:
    assert layer_of(InputSpec(axes={1: 3}))(Input((None, 2))).shape == (None, None, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ndim": 2, "axes": {2: 3}}, "says 2 axes at most, and the size of axis 2"),
        ({"axes": {"last": 3}}, "argument 'axes': axes is a dict of sizes by axis"),
        ({"shape": 3}, "argument 'shape': a shape holds sizes and None"),
    ],
)
def test_spec_that_makes_no_sense_is_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        InputSpec(**arguments)
