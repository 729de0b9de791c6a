"""Every op as ONNX: what onnxruntime computes is what the op computes, in every dtype it takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.exchange.onnx.export import SAME, WRITERS, to_onnx
from denselite.graph.graph import trace_graph
from denselite.ops.op import OPS, Op
from denselite.tensor.context import Trace
from denselite.tensor.symbols import Tensor
from tests.contracts.op_laws import ALL, sample
from tests.exchange.onnx_runs import run, session_of

# What follows a gradient back, draws, or calls Python, or what onnxruntime has for float32 only: it is refused by name.
WITHOUT = {
    "arctan", "by_value", "clip_slope", "conv_kernel", "depthwise_conv_back", "depthwise_conv_kernel", "dropout_mask",
    "gradient_token", "max_pool_back", "max_pool_first", "max_pool_pick", "python_call", "python_result", "side", "sum_pool_back",
    "take_along_axis_back", "take_back", "unslice",
}  # fmt: skip
TOLERANCE = {"float64": 1e-12, "float32": 2e-6, "float16": 2e-3}
WRITTEN = [op for op in ALL if op.name in SAME or op.name in WRITERS]


Call = tuple[Op, list[Any], dict[str, Any]]


def assert_same(*calls: Call) -> None:
    """Compare calls of ops, all in one model, with what the ops compute."""
    arrays = [array for _, operands, _ in calls for array in operands]

    def traced(trace: Trace, inputs: dict[str, Tensor]) -> list[Tensor]:
        left = iter(inputs.values())
        return [op(*(next(left) for _ in operands), **attrs) for op, operands, attrs in calls]

    specs: Any = {f"x{k}": (array.shape, array.dtype) for k, array in enumerate(arrays)}
    model = to_onnx(trace_graph(traced, specs, batch=1), [f"y{k}" for k in range(len(calls))], "it", "it")
    for found, (op, operands, attrs) in zip(run(session_of(model.SerializeToString()), arrays), calls, strict=True):
        expected = np.asarray(op.compute(operands, attrs))
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        tolerance = max(TOLERANCE.get(array.dtype.name, 0.0) for array in [expected, *operands])
        tolerance = tolerance if expected.dtype.kind == "f" else 0.0
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def test_every_op_is_written_or_known_to_have_no_form() -> None:
    drawn = {name for name in OPS if name.startswith("random_")}
    assert set(OPS) == set(WRITERS) | SAME | WITHOUT | drawn
    assert not set(WRITERS) & (WITHOUT | drawn)


@pytest.mark.parametrize("op", WRITTEN, ids=lambda op: op.name)
def test_op_gives_what_it_gives_here(op: Op) -> None:
    arrays, attrs = sample(op)
    calls = [[array.astype(dtype) if array.dtype.kind == "f" else array for array in arrays] for dtype in TOLERANCE]
    assert_same(*((op, operands, attrs) for operands in calls))


INTEGERS = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64")
TWO = ("add", "floor_divide", "maximum", "minimum", "multiply", "power", "remainder", "subtract", "equal", "less_equal")
ONE = (
    "absolute", "ceil", "cumsum", "exp", "isfinite", "keep", "log1p", "max", "negative", "prod", "relu", "rint", "sign", "argsort",
    "square", "sum", "take", "where",
)  # fmt: skip
NOT_OF_TRUTH = {  # NumPy has them not of truth values
    "ceil", "floor_divide", "negative", "power", "relu", "remainder", "rint", "sign", "square", "subtract",
}  # fmt: skip


def called(name: str, x: Any) -> tuple[list[Any], dict[str, Any]]:
    along = {"axes": (1,), "keepdims": True}
    truth, places = np.asarray([[True], [False]]), np.asarray([[5, -1, 0]])
    more: dict[str, tuple[list[Any], dict[str, Any]]] = {
        "cumsum": ([x], {"axis": 1}), "max": ([x], along), "prod": ([x], along), "sum": ([x], along),
        "keep": ([truth, x], {}), "where": ([truth, x, x[::-1]], {}), "take": ([x, places], {"axis": 1}),
        "argsort": ([x], {"axis": 1, "descending": True}),
    }  # fmt: skip
    return more.get(name, ([x], {}))


@pytest.mark.parametrize("name", TWO)
def test_integers_are_computed_as_numpy_does(name: str) -> None:
    calls: list[Call] = []
    for dtype in INTEGERS:
        a, b = np.asarray([7, 100, 3, 0, 120, 1]).astype(dtype), np.asarray([2, 100, 1, 3, 4, 0]).astype(dtype)
        if name == "power":
            a, b = a % 7, b % 5
        elif dtype.startswith("int"):
            a = a - 10
        if dtype != "bool" or name not in NOT_OF_TRUTH:
            calls.append((OPS[name], [a, b], {}))
    assert_same(*calls)


@pytest.mark.parametrize("name", ONE)
def test_integers_are_reduced_and_moved_as_numpy_does(name: str) -> None:
    kinds = [dtype for dtype in INTEGERS if dtype != "bool" or name not in NOT_OF_TRUTH]
    assert_same(*((OPS[name], *called(name, np.asarray([[1, 0, 3], [2, 120, 2]]).astype(dtype))) for dtype in kinds))


NAN, INF = np.nan, np.inf


@pytest.mark.parametrize(
    ("name", "operands", "attrs"),
    [
        ("floor_divide", [[7.0, -7.0, 7.0, -7.0, 1.0, 0.3, 5.0], [2.0, 2.0, -2.0, -2.0, 0.1, 0.1, 0.0]], {}),
        ("remainder", [[7.0, -7.0, 7.0, -7.0, 1.0, 6.0, 5.5], [2.0, 2.0, -2.0, -2.0, 0.1, 3.0, -0.5]], {}),
        ("power", [[2.0, -2.0, 0.0, 0.0, 4.0, -8.0], [-1.0, 3.0, 0.0, 2.0, 0.5, 0.5]], {}),
        ("rint", [[0.5, 1.5, 2.5, -0.5, -1.5, 2.4]], {}),
        ("sign", [[-2.0, 0.0, 3.0]], {}),
        ("log1p", [[1e-10, -1e-10, -1.0, 1e10, 0.0, INF]], {}),
        ("expm1", [[1e-10, -1e-10, -1e3, 1.0, 0.0, 1e3]], {}),
        ("softplus", [[-100.0, -15.0, 0.0, 15.0, 100.0]], {}),
        ("sigmoid", [[-100.0, -5.0, 0.0, 5.0, 100.0]], {}),
        ("erf", [[-9.0, -2.0, -1e-4, 0.0, 0.3, 3.0]], {}),
        ("tan", [[-1.0, 0.0, 1.5]], {}),
        ("softmax", [[[1e4, 1e4], [-1e4, 0.0]]], {"axis": 1}),
        ("log_softmax", [[[1e4, 1e4], [-1e4, 0.0]]], {"axis": 0}),
        ("isfinite", [[NAN, INF, -INF, 1.0]], {}),
        ("isinf", [[NAN, INF, -INF, 1.0]], {}),
        ("not_equal", [[NAN, 1.0], [NAN, 1.0]], {}),
        ("maximum", [[NAN, 1.0, 2.0], [0.0, NAN, 3.0]], {}),
        ("relu", [[NAN, 1.0, -2.0]], {}),
        ("clip", [[NAN, 1.0, -2.0]], {"low": None, "high": 0.5}),
        ("clip", [[3.0, 1.0, -2.0]], {"low": 2.0, "high": 0.5}),
        ("cast", [[1.9, -1.9, 0.0, 0.5]], {"dtype": "int32"}),
        ("cast", [[1.9, -1.9, 0.0, 0.5]], {"dtype": "bool"}),
        ("cast", [[1.9, 2049.0, 65504.0, 1e-7]], {"dtype": "float16"}),
        ("argmax", [[[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]]], {"axis": 1}),
        ("argmin", [[[1.0, 1.0, 3.0], [2.0, 0.0, 0.0]]], {"axis": 1}),
        ("argsort", [[[1.0, 3.0, 1.0, 3.0], [2.0, 2.0, 2.0, 0.0]]], {"axis": 1, "descending": False}),
        ("argsort", [[[1.0, 3.0, 1.0, 3.0], [2.0, 2.0, 2.0, 0.0]]], {"axis": 1, "descending": True}),
        ("argsort", [np.arange(200) % 3], {"axis": 0, "descending": True}),
        ("searchsorted", [[0.0, 1.0, 1.0, 2.0], [1.0, -1.0, 5.0, NAN]], {"side": "left"}),
        ("searchsorted", [[0.0, 1.0, 1.0, 2.0], [1.0, -1.0, 5.0, NAN]], {"side": "right"}),
        ("sum", [[[1.0, 2.0]]], {"axes": (), "keepdims": False}),
        ("divide_by_count", [[1.0, 2.0]], {"sizes": (0,)}),
        ("one_hot", [[0.0, 2.0, -1.0, 3.0]], {"num_classes": 3, "dtype": "float32"}),
        ("sparsemax", [[[0.1, 0.2, 5.0], [0.0, 0.0, 0.0]]], {"axis": 0}),
        ("slice", [np.arange(12).reshape(3, 4)], {"key": (slice(None, None, -1), slice(-1, None, -2))}),
        ("slice", [np.arange(12).reshape(3, 4)], {"key": (-1, None, Ellipsis, slice(-3, -1))}),
        ("slice", [np.arange(12).reshape(3, 4)], {"key": (Ellipsis, 1)}),
        ("slice", [np.arange(12).reshape(3, 4)], {"key": (slice(5, 9), slice(0, 0))}),
    ],
)
def test_edge_cases_are_what_they_are_here(name: str, operands: Any, attrs: Any) -> None:
    assert_same(*((OPS[name], [np.asarray(x, dtype) for x in operands], attrs) for dtype in ("float32", "float64")))


@pytest.mark.parametrize("indices", [[[0, 4], [-1, 2]], [[7, -8], [5, 0]]])
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_indices_wrap_around(indices: Any, dtype: str) -> None:
    places = np.asarray(indices).astype(dtype)
    x = np.arange(10.0).reshape(2, 5)
    assert_same(*((OPS[name], [x, places], {"axis": 1}) for name in ("take", "take_along_axis")))
