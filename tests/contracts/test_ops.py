"""The laws that every operation keeps. An op enters by being written: the registry is the list of cases."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from denselite.graph.autodiff import gradients
from denselite.ops.op import Op
from denselite.tensor.context import Trace
from tests.contracts.op_laws import (
    ALL,
    NULLARY,
    assert_gradient,
    compute_into,
    frozen,
    gradient,
    is_float,
    leaves,
    names_used,
    planned,
    sample,
)

# Steps and draws: their gradient is zero, and said to be.
FLAT = {
    "ceil", "clip_slope", "dropout_mask", "floor", "floor_divide", "one_hot", "random_beta",
    "random_binomial", "random_gamma", "random_integers", "random_normal", "random_order", "random_truncated_normal",
    "random_uniform", "rint", "side", "sign", "stop_gradient",
}  # fmt: skip


def every(ops: Any = ALL) -> Any:
    return pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in ops])


def gives_floats(op: Op) -> bool:
    arrays, attrs = sample(op)
    return op.infer(*arrays, **attrs)[1].kind == "f"


# Views whose rule is that of the whole computation that leads to them: tests/ops has their gradients.
CLOSED = {"standardized"}
DIFFERENTIABLE = [op for op in ALL if op.vjp is not None and op.name not in FLAT | CLOSED]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_ops_without_operands_are_the_ones_named_here() -> None:
    assert NULLARY == ["count"]  # made by comparing traces, never called: see tests/graph


def test_every_op_with_float_results_has_a_gradient_rule() -> None:
    assert [op.name for op in ALL if gives_floats(op) and op.vjp is None] == []


def test_rules_of_zero_are_the_ones_named_here() -> None:
    flat = set()
    for op in ALL:
        if op.vjp is not None:
            arrays, attrs = sample(op)
            parts = op.vjp(np.ones(op.infer(*arrays, **attrs)[0]), op.compute(arrays, attrs), *arrays, **attrs)
            flat |= {op.name} if all(part is None for part in parts) else set()
    assert flat == FLAT


def test_ops_whose_instructions_have_a_python_frame_are_counted() -> None:
    assert [op.name for op in ALL if op.python] == [
        "argsort", "by_value", "checked_ids", "dropout_mask", "random_beta", "random_binomial", "random_gamma", "random_integers",
        "random_normal", "random_order", "random_truncated_normal", "random_uniform", "searchsorted",
    ]  # fmt: skip


@every()
def test_instructions_are_numpy_calls_unless_the_op_says_python(op: Op) -> None:
    arrays, attrs = sample(op)
    if op.kernel is None:
        pytest.skip("a view has no instructions")
    bound: list[Any] = []
    shape, dtype = op.infer(*arrays, **attrs)
    scratch = [np.empty(*spec) for spec in op.scratch(*arrays, **attrs)] if op.scratch else []
    op.kernel(lambda f, *a, **k: bound.append(f), np.empty(shape, dtype), *arrays, *scratch, **attrs)
    assert any(map(_has_frame, bound)) == op.python


def _has_frame(function: Any) -> bool:
    """A Python function, a method of a Python class, or an object with a Python ``__call__``."""
    written = (types.FunctionType, types.MethodType)
    return isinstance(function, written) or isinstance(vars(type(function)).get("__call__"), written)


@every()
def test_kernel_and_shape_rule_agree(op: Op) -> None:
    arrays, attrs = sample(op)
    shape, dtype = op.infer(*arrays, **attrs)
    result = np.asarray(op.compute(frozen(arrays), attrs))
    assert (result.shape, result.dtype) == (tuple(shape), dtype)


@every()
def test_float32_gives_float32_and_float64_float64(op: Op) -> None:
    arrays, attrs = sample(op)
    if "dtype" in attrs or not any(map(is_float, arrays)) or not gives_floats(op):
        pytest.skip("the dtype of the result does not come from a float operand")
    single = np.asarray(op.compute([a.astype("f4") if is_float(a) else a for a in arrays], attrs))
    double = np.asarray(op.compute(arrays, attrs))
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-5)


@every()
def test_planned_is_eager_bit_for_bit(op: Op) -> None:
    arrays, attrs = sample(op)
    (result,) = planned(lambda *tensors: op(*tensors, **attrs), *arrays)
    np.testing.assert_array_equal(result, op.compute(arrays, attrs))


@every()
def test_planned_on_views_is_eager(op: Op) -> None:
    arrays, attrs = sample(op)
    turned = [a.T.copy() for a in arrays]
    (result,) = planned(lambda *tensors: op(*(t.T for t in tensors), **attrs), *turned)
    np.testing.assert_allclose(result, op.compute(arrays, attrs), rtol=1e-12, atol=1e-14)


@every()
def test_operands_of_any_memory_order_give_the_same(op: Op) -> None:
    arrays, attrs = sample(op)
    expected = op.compute(arrays, attrs)
    for arrange in (_column_major, _every_second, _backwards):
        other = [arrange(a) for a in arrays]
        np.testing.assert_allclose(op.compute(other, attrs), expected, rtol=1e-12, atol=1e-14)


def _column_major(a: np.ndarray) -> np.ndarray:
    return np.asarray(a, order="F")


def _every_second(a: np.ndarray) -> np.ndarray:
    wide = np.zeros(tuple(2 * size for size in a.shape), a.dtype)
    view = wide[(..., *(slice(None, None, 2),) * a.ndim)]
    view[...] = a
    return view


def _backwards(a: np.ndarray) -> np.ndarray:
    reverse = (..., *(slice(None, None, -1),) * a.ndim)
    return a[reverse].copy()[reverse]


@every([op for op in ALL if op.inplace])
def test_writing_over_an_operand_gives_the_same(op: Op) -> None:
    arrays, attrs = sample(op)
    shape, dtype = op.infer(*arrays, **attrs)
    tried = 0
    for place in op.inplace:
        operands = frozen(arrays)
        operands[place] = np.broadcast_to(arrays[place], shape).astype(dtype)
        if op.infer(*operands, **attrs) != (tuple(shape), dtype):
            continue  # this op never finds an operand like its result
        expected = op.compute(operands, attrs)
        tried += 1
        with np.errstate(all="ignore"):
            compute_into(op, operands[place], operands, attrs)
        np.testing.assert_array_equal(operands[place], expected)
    assert tried or dtype == np.bool_


@every([op for op in ALL if len(op.inplace) == 2])
def test_writing_over_both_operands_at_once_gives_the_same(op: Op) -> None:
    arrays, attrs = sample(op)
    dtype = op.infer(*arrays, **attrs)[1]
    both = arrays[0].astype(dtype)
    expected = op.compute([both, both], attrs)
    with np.errstate(all="ignore"):
        compute_into(op, both, [both, both], attrs)
    np.testing.assert_array_equal(both, expected)


@every(DIFFERENTIABLE)
def test_gradient_is_the_numeric_one(op: Op, rng: np.random.Generator) -> None:
    arrays, attrs = sample(op)
    assert_gradient(lambda *xs: op(*xs, **attrs), arrays, rng)


@every(DIFFERENTIABLE)
def test_gradient_of_the_gradient_is_the_numeric_one(op: Op, rng: np.random.Generator) -> None:
    arrays, attrs = sample(op)
    cotangent = rng.normal(size=op.infer(*arrays, **attrs)[0])
    along = [rng.normal(size=a.shape) for a in arrays if is_float(a)]

    def slope(*xs: Any) -> Any:
        """The derivative along ``along``: a function whose gradient is the second derivative."""
        if isinstance(xs[0], np.ndarray):
            found = gradient(lambda *ys: op(*ys, **attrs), xs, cotangent)
        else:
            sources = [x for x in xs if x.dtype.kind == "f"]
            found = gradients(np.sum(op(*xs, **attrs) * cotangent), sources)
        return sum(np.sum(g * v) for g, v in zip(found, along, strict=True) if g is not None) + 0.0 * np.sum(xs[-1])

    assert_gradient(slope, arrays, rng)


@every([op for op in ALL if op.name in FLAT])
def test_gradient_of_a_flat_op_is_zero(op: Op, rng: np.random.Generator) -> None:
    arrays, attrs = sample(op)
    cotangent = rng.normal(size=op.infer(*arrays, **attrs)[0])
    for found in gradient(lambda *xs: op(*xs, **attrs), arrays, cotangent):
        assert not found.any()


@every([op for op in ALL if op.vjp])
def test_reads_are_the_values_that_the_rule_is_written_with(op: Op) -> None:
    arrays, attrs = sample(op)
    trace = Trace()
    with trace.active():
        g, out, inputs = leaves(op, trace, arrays, attrs)
        parts = op.vjp(g, out, *inputs, **attrs)
    assert len(parts) == len(inputs)
    assert names_used(parts, out, inputs) == set(op.reads)


@every(DIFFERENTIABLE)
def test_rule_is_untouched_by_nan_in_what_it_does_not_read(op: Op, rng: np.random.Generator) -> None:
    arrays, attrs = sample(op)
    out = np.asarray(op.compute(arrays, attrs))
    g = rng.normal(size=out.shape)
    expected = op.vjp(g, out, *arrays, **attrs)
    spoiled = [a if str(i) in op.reads else _spoil(a) for i, a in enumerate(arrays)]
    found = op.vjp(g, out if "out" in op.reads else _spoil(out), *spoiled, **attrs)
    for a, b in zip(found, expected, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_array_equal(a, b)


def _spoil(a: np.ndarray) -> np.ndarray:
    return np.full_like(a, np.nan if is_float(a) else 1)


@every()
def test_program_never_writes_a_constant(op: Op) -> None:
    arrays, attrs = sample(op)
    constants = frozen(arrays)
    (result,) = planned(lambda first: op(first, *constants[1:], **attrs), arrays[0])
    np.testing.assert_array_equal(result, op.compute(arrays, attrs))
