from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.config import set_floatx
from denselite.errors import DTypeError
from denselite.ops.op import as_operands
from denselite.tensor.context import Trace
from denselite.tensor.variable import Variable


@pytest.mark.parametrize(
    ("company", "number", "dtype"),
    [
        ("f4", 2, "f4"),
        ("f4", 0.5, "f4"),
        ("f8", 0.5, "f8"),
        ("i8", 2, "i8"),
        ("i8", 0.5, "f4"),
        ("?", 0.5, "f4"),
        ("f2", 1.0, "f2"),
    ],
)
def test_a_python_number_takes_the_dtype_of_its_company(company: str, number: float, dtype: str) -> None:
    _, operand = as_operands("add", (np.ones(2, company), number))
    assert operand.dtype == np.dtype(dtype)


def test_python_floats_among_themselves_are_floatx() -> None:
    assert ops.add(1.0, 2.0).dtype == np.float32
    set_floatx("float64")
    try:
        assert ops.add(1.0, 2.0).dtype == np.float64
    finally:
        set_floatx("float32")


def test_numpy_scalars_keep_their_dtype() -> None:
    assert ops.add(np.float64(1.0), 2.0).dtype == np.float64
    assert ops.multiply(np.ones(2, "f4"), np.float64(2.0)).dtype == np.float64


@pytest.mark.parametrize("operand", [np.array(["a"]), np.array([None]), np.array([1j])])
def test_operands_that_are_no_numbers_are_refused(operand: Any) -> None:
    with pytest.raises(DTypeError, match=r"^exp computes with numbers, got dtype .* \(shape \(1,\)\)\.$"):
        ops.exp(operand)


def test_float_functions_of_integers_give_floatx() -> None:
    for dtype in ("i8", "u1", "?"):
        assert ops.exp(np.ones(2, dtype)).dtype == np.float32
    np.testing.assert_allclose(ops.exp(np.array([10], "u1")), np.exp(10.0), rtol=1e-6)  # not by way of float16
    assert ops.mean(np.array([1, 2])).dtype == np.float32
    assert ops.divide(np.array([1]), np.array([2])).tolist() == [0.5]


def test_an_eager_result_without_axes_is_a_numpy_scalar() -> None:
    assert isinstance(ops.sum(np.ones(3)), np.float64)
    assert isinstance(ops.reshape(np.ones(1), ()), np.float64)


def test_an_eager_call_in_a_trace_on_arrays_computes() -> None:
    with Trace().active():
        assert ops.exp(np.zeros(2)).tolist() == [1.0, 1.0]
        assert ops.exp(Variable(np.zeros(2))).op.name == "exp"  # type: ignore[attr-defined]
    assert ops.exp(Variable(np.zeros(2))).tolist() == [1.0, 1.0]


def test_eager_calls_do_not_warn() -> None:
    assert np.isneginf(ops.log(np.zeros(1)))[0]
    assert ops.exp(np.array([1e4])).tolist() == [np.inf]
