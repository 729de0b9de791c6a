"""ONNX operators, read: each computes what onnxruntime computes, whoever wrote it, in every version it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from denselite.exchange import load_onnx
from denselite.exchange.onnx.contents import OPSETS
from denselite.exchange.onnx.export import OPSET, to_onnx
from denselite.graph.graph import trace_graph
from denselite.tensor.context import Trace
from denselite.tensor.symbols import Tensor
from tests.contracts.op_laws import sample
from tests.exchange import test_onnx_ops as written
from tests.exchange.onnx_runs import run, session_of

TOLERANCE = {"float64": 1e-12, "float32": 2e-6, "float16": 2e-3}
KERNELS = {"conv", "conv_back", "depthwise_conv"}  # a kernel is read where it lies in the file, as layers' do


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.onnx"


def assert_comes_back(path: Path, op: Any, operands: Any, attrs: Any) -> None:
    """Write a call of an op, read it, and compare."""

    def traced(trace: Trace, inputs: dict[str, Tensor]) -> list[Tensor]:
        return [op(*inputs.values(), **attrs)]

    specs: Any = {f"x{k}": (array.shape, array.dtype) for k, array in enumerate(operands)}
    path.write_bytes(to_onnx(trace_graph(traced, specs, batch=1), ["y"], "it", "it").SerializeToString())
    model = load_onnx(path, allow_nonfinite=True)
    with np.errstate(all="ignore"):
        found = np.asarray(model(list(operands) if len(operands) > 1 else operands[0]))
        expected = np.asarray(op.compute(operands, attrs))
    tolerance = max(TOLERANCE.get(array.dtype.name, 0.0) for array in [expected, *operands])
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("op", [op for op in written.WRITTEN if op.name not in KERNELS], ids=lambda op: op.name)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_op_that_is_written_is_read(op: Any, dtype: str, path: Path) -> None:
    arrays, attrs = sample(op)
    assert_comes_back(path, op, [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays], attrs)


@pytest.fixture
def each_call(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests of writing compare what is read."""

    def assert_same(*calls: Any) -> None:
        for op, operands, attrs in calls:
            assert_comes_back(path, op, operands, attrs)

    monkeypatch.setattr(written, "assert_same", assert_same)


@pytest.mark.parametrize("name", written.TWO)
def test_integers_are_computed_as_numpy_does(name: str, each_call: None) -> None:
    written.test_integers_are_computed_as_numpy_does(name)


@pytest.mark.parametrize("name", written.ONE)
def test_integers_are_reduced_and_moved_as_numpy_does(name: str, each_call: None) -> None:
    written.test_integers_are_reduced_and_moved_as_numpy_does(name)


EDGES = written.test_edge_cases_are_what_they_are_here.pytestmark[0].args[1]


@pytest.mark.parametrize(("name", "operands", "attrs"), EDGES)
def test_edge_cases_are_what_they_are_here(name: str, operands: Any, attrs: Any, each_call: None) -> None:
    written.test_edge_cases_are_what_they_are_here(name, operands, attrs)


# Nodes as others write them. Arrays that are given are initializers; ROWS stands for the input.

ROWS = "x"


def ints(*values: int) -> np.ndarray:
    return np.asarray(values, np.int64)


def draw(*shape: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def model_of(
    kind: str,
    shape: tuple[Any, ...],
    operands: Any,
    attrs: dict[str, Any],
    opset: int,
    outputs: int = 1,
    dtype: Any = np.float32,
) -> bytes:
    """A model of one node, whose input has the batch before ``shape``."""
    names = [f"w{k}" if isinstance(value, np.ndarray) else value for k, value in enumerate(operands)]
    weights = [numpy_helper.from_array(v, n) for v, n in zip(operands, names, strict=True) if isinstance(v, np.ndarray)]
    made = [f"y{k}" for k in range(outputs)]
    node = helper.make_node(kind, names, made, **attrs)
    elem = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", elem, ["N", *shape])],
        [helper.make_empty_tensor_value_info(name) for name in made],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8 if opset > 9 else 4)
    model = onnx.shape_inference.infer_shapes(model)
    for told in model.graph.output:
        if not told.type.tensor_type.HasField("shape"):  # what ONNX says nothing of here has the shape of its input
            told.CopyFrom(helper.make_tensor_value_info(told.name, elem, ["N", *shape]))
    return model.SerializeToString()


def assert_as_onnxruntime(path: Path, content: bytes, x: np.ndarray, tolerance: float = 2e-6) -> Any:
    """Read a model and compare it with onnxruntime, on all rows and on one."""
    path.write_bytes(content)
    model = load_onnx(path)
    session = session_of(content)
    for rows in (x, x[:1]):
        expected = run(session, [rows])
        found = model.predict(rows, verbose=0) if expected[0].shape[:1] == rows.shape[:1] else model(rows)
        for ours, theirs in zip(found if len(expected) > 1 else [found], expected, strict=True):
            assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
            np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)
    return model


X = (3, 4)
IMAGE = (2, 6, 5)
Node = tuple[str, tuple[Any, ...], list[Any], dict[str, Any], int]
NODES: list[Node] = [
    *((kind, X, [ROWS], {}, 18) for kind in (
        "Abs", "Ceil", "Cos", "Elu", "Erf", "Exp", "Floor", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "LogSoftmax",
        "Mish", "Neg", "Not", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Sinh", "Softmax", "Softplus", "Softsign", "Tan",
        "Tanh", "ThresholdedRelu", "Celu", "Cosh", "Asinh", "Atan", "IsNaN", "IsInf", "Size",
    ) if kind not in ("Not", "Size")),
    ("Gelu", X, [ROWS], {}, 20),
    ("Gelu", X, [ROWS], {"approximate": "tanh"}, 20),
    ("Elu", X, [ROWS], {"alpha": 0.3}, 7),
    ("Celu", X, [ROWS], {"alpha": 0.3}, 12),
    ("Selu", X, [ROWS], {"alpha": 1.5, "gamma": 2.0}, 18),
    ("LeakyRelu", X, [ROWS], {"alpha": 0.3}, 7),
    ("HardSigmoid", X, [ROWS], {"alpha": 0.1, "beta": 0.4}, 18),
    ("ThresholdedRelu", X, [ROWS], {"alpha": 0.2}, 18),
    ("Shrink", X, [ROWS], {"lambd": 0.4, "bias": 0.1}, 18),
    ("PRelu", X, [ROWS, draw(4)], {}, 9),
    ("PRelu", X, [ROWS, draw(3, 1)], {}, 18),
    ("PRelu", X, [ROWS, draw(1)], {}, 18),
    ("Clip", X, [ROWS], {"min": -0.5, "max": 0.25}, 7),
    ("Clip", X, [ROWS, np.full((), -0.5, "float32"), np.ones((), "float32")], {}, 18),
    ("Clip", X, [ROWS, "", np.zeros((), "float32")], {}, 18),
    ("Clip", X, [ROWS], {}, 18),
    ("Dropout", X, [ROWS], {"ratio": 0.3}, 7),
    ("Dropout", X, [ROWS, np.full((), 0.3, "float32")], {}, 18),
    ("Cast", X, [ROWS], {"to": TensorProto.INT32}, 18),
    ("Sum", X, [ROWS, draw(4), draw(3, 1)], {}, 18),
    ("Mean", X, [ROWS, draw(4), draw(3, 1)], {}, 18),
    ("Max", X, [ROWS, draw(4)], {}, 8),
    ("Pow", X, [ROWS, np.full((), 2, "float32")], {}, 7),
    ("Pow", X, [ROWS, ints(2)], {}, 18),
    ("Mod", X, [ROWS, np.full((), 0.7, "float32")], {"fmod": 1}, 18),
    # products
    ("Gemm", (4,), [ROWS, draw(4, 3), draw(3)], {}, 7),
    ("Gemm", (4,), [ROWS, draw(3, 4), draw(3)], {"transB": 1, "alpha": 0.5, "beta": 2.0}, 18),
    ("Gemm", (4,), [ROWS, draw(4, 3)], {"alpha": 2.0}, 18),
    ("Gemm", (4,), [ROWS, draw(4, 3), draw(1, 3)], {}, 18),
    ("Gemm", (4,), [ROWS, draw(4, 3), draw(1)], {}, 18),
    ("MatMul", X, [ROWS, draw(4, 2)], {}, 7),
    ("MatMul", X, [draw(2, 3), ROWS], {}, 18),
    ("MatMul", X, [ROWS, draw(1, 4, 2)], {}, 18),
    ("Einsum", X, [ROWS, draw(4, 5)], {"equation": "bij,jk->bik"}, 18),
    # windows
    ("Conv", IMAGE, [ROWS, draw(4, 2, 3, 3), draw(4)], {"pads": [1, 1, 1, 1]}, 7),
    ("Conv", IMAGE, [ROWS, draw(4, 2, 3, 2)], {"strides": [2, 1]}, 11),
    ("Conv", IMAGE, [ROWS, draw(4, 2, 3, 3)], {"pads": [1, 0, 2, 1], "strides": [2, 2]}, 18),
    ("Conv", IMAGE, [ROWS, draw(4, 2, 2, 2)], {"strides": [2, 2], "auto_pad": "SAME_UPPER"}, 18),
    ("Conv", IMAGE, [ROWS, draw(4, 2, 2, 2)], {"auto_pad": "SAME_LOWER"}, 18),
    ("Conv", IMAGE, [ROWS, draw(4, 2, 3, 3)], {"auto_pad": "VALID", "kernel_shape": [3, 3]}, 18),
    ("Conv", IMAGE, [ROWS, draw(4, 1, 3, 3), draw(4)], {"group": 2}, 18),
    ("Conv", (2, 6), [ROWS, draw(3, 2, 3), draw(3)], {"pads": [2, 0]}, 18),
    ("Conv", (2, 6), [ROWS, draw(3, 2, 3)], {"pads": [0, 1], "dilations": [2]}, 18),
    ("ConvTranspose", IMAGE, [ROWS, draw(2, 3, 3, 3), draw(3)], {"strides": [2, 2]}, 18),
    ("ConvTranspose", IMAGE, [ROWS, draw(2, 3, 3, 3), draw(3)], {"strides": [2, 2], "pads": [1, 1, 1, 1]}, 18),
    (
        "ConvTranspose", IMAGE, [ROWS, draw(2, 3, 3, 3)],
        {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]}, 18,
    ),
    ("ConvTranspose", IMAGE, [ROWS, draw(2, 3, 4, 4)], {"strides": [2, 2], "pads": [1, 1, 1, 1]}, 18),
    ("ConvTranspose", IMAGE, [ROWS, draw(2, 3, 2, 3)], {"strides": [3, 2], "pads": [0, 1, 0, 0]}, 18),
    ("ConvTranspose", (2, 6), [ROWS, draw(2, 3, 3)], {"dilations": [2]}, 18),
    ("MaxPool", IMAGE, [ROWS], {"kernel_shape": [2, 2], "strides": [2, 2]}, 7),
    ("MaxPool", IMAGE, [ROWS], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}, 18),
    ("MaxPool", IMAGE, [ROWS], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}, 18),
    ("MaxPool", IMAGE, [ROWS], {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1, "pads": [1, 1, 1, 1]}, 18),
    ("MaxPool", (2, 6), [ROWS], {"kernel_shape": [2]}, 18),
    ("MaxPool", IMAGE, [ROWS], {"kernel_shape": [3, 3], "auto_pad": "SAME_UPPER"}, 18),
    ("AveragePool", IMAGE, [ROWS], {"kernel_shape": [2, 2], "strides": [2, 2]}, 7),
    ("AveragePool", IMAGE, [ROWS], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}, 18),
    ("AveragePool", IMAGE, [ROWS], {"kernel_shape": [3, 3], "pads": [1, 0, 1, 0], "strides": [2, 2]}, 18),
    ("AveragePool", IMAGE, [ROWS], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1], "count_include_pad": 1}, 18),
    ("AveragePool", IMAGE, [ROWS], {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}, 19),
    ("GlobalAveragePool", IMAGE, [ROWS], {}, 7),
    ("GlobalMaxPool", (2, 6), [ROWS], {}, 18),
    ("GlobalAveragePool", (2, 3, 4, 2), [ROWS], {}, 18),
    # normalizations
    ("BatchNormalization", IMAGE, [ROWS, draw(2), draw(2), draw(2), np.abs(draw(2))], {"epsilon": 1e-3}, 9),
    ("BatchNormalization", (4,), [ROWS, draw(4), draw(4), draw(4), np.abs(draw(4))], {"momentum": 0.8}, 18),
    ("LayerNormalization", X, [ROWS, draw(4), draw(4)], {}, 17),
    ("LayerNormalization", X, [ROWS, draw(3, 4)], {"axis": 1, "epsilon": 1e-3}, 17),
    ("InstanceNormalization", IMAGE, [ROWS, draw(2), draw(2)], {}, 18),
    ("GroupNormalization", (4, 3), [ROWS, draw(4), draw(4)], {"num_groups": 2}, 21),
    # along axes
    *((f"Reduce{kind}", X, [ROWS], {"axes": [1], "keepdims": 0}, 11) for kind in ("Mean", "L1", "L2", "SumSquare", "LogSumExp")),
    *((f"Reduce{kind}", X, [ROWS, ints(2)], {}, 18) for kind in ("Mean", "L1", "L2", "SumSquare", "LogSumExp", "Max", "Min")),
    ("ReduceSum", X, [ROWS, ints(-1)], {"keepdims": 0}, 13),
    ("ReduceSum", X, [ROWS, ints()], {"noop_with_empty_axes": 1}, 18),
    ("ReduceSum", X, [ROWS], {"axes": [1, 2]}, 11),
    ("ReduceProd", X, [ROWS, ints(1)], {}, 18),
    ("ArgMax", X, [ROWS], {"axis": 2}, 18),
    ("ArgMin", X, [ROWS], {"axis": 1, "keepdims": 0}, 18),
    ("CumSum", X, [ROWS, np.asarray(1, np.int64)], {"exclusive": 1, "reverse": 1}, 18),
    ("Softmax", X, [ROWS], {}, 11),
    ("Softmax", X, [ROWS], {"axis": 1}, 13),
    ("LogSoftmax", X, [ROWS], {"axis": 2}, 9),
    ("LogSoftmax", X, [ROWS], {"axis": -1}, 18),
    # shapes
    ("Flatten", (2, 3, 4), [ROWS], {}, 7),
    ("Flatten", (2, 3, 4), [ROWS], {"axis": 2}, 18),
    ("Flatten", (4,), [ROWS], {"axis": -1}, 18),
    ("Reshape", X, [ROWS, ints(0, -1)], {}, 7),
    ("Reshape", X, [ROWS, ints(-1, 2, 6)], {}, 18),
    ("Reshape", X, [ROWS, ints(0, 0, 2, 2)], {}, 18),
    ("Squeeze", (1, 4, 1), [ROWS], {"axes": [1]}, 7),
    ("Squeeze", (1, 4, 1), [ROWS, ints(1, -1)], {}, 13),
    ("Unsqueeze", X, [ROWS], {"axes": [1]}, 7),
    ("Unsqueeze", X, [ROWS, ints(2, -1)], {}, 13),
    ("Transpose", X, [ROWS], {"perm": [0, 2, 1]}, 7),
    ("Slice", X, [ROWS], {"starts": [1, 0], "ends": [3, 2], "axes": [1, 2]}, 7),
    ("Slice", X, [ROWS, ints(-1), ints(-(2**63)), ints(2), ints(-2)], {}, 13),
    ("Slice", X, [ROWS, ints(1), ints(2**63 - 1), ints(1)], {}, 13),
    ("Concat", X, [ROWS, ROWS], {"axis": -1}, 11),
    ("Tile", X, [ROWS, ints(1, 2, 3)], {}, 7),
    ("Expand", (3, 1), [ROWS, ints(1, 1, 4)], {}, 8),
    ("Expand", (3, 1), [ROWS, ints(3, 4)], {}, 8),
    ("Pad", X, [ROWS], {"pads": [0, 1, 2, 0, 0, 1], "value": 0.5}, 7),
    ("Pad", X, [ROWS, ints(0, 1, -1, 0, 0, 1), np.full((), 2, "float32")], {}, 11),
    ("Pad", X, [ROWS, ints(1, 1), "", ints(2)], {"mode": "reflect"}, 18),
    ("Pad", X, [ROWS, ints(1, 1), "", ints(1)], {"mode": "edge"}, 18),
    ("Gather", X, [ROWS, np.asarray(1, np.int64)], {"axis": 1}, 7),
    ("Gather", X, [ROWS, ints(-1, 0)], {"axis": 2}, 11),
    ("Where", X, [np.asarray([True, False, True, False]), ROWS, np.zeros((), "float32")], {}, 9),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "shape", "operands", "attrs", "opset"), NODES, ids=lambda part: str(part) if isinstance(part, str) else ""
)
def test_node_gives_what_onnxruntime_gives(
    kind: str, shape: Any, operands: Any, attrs: Any, opset: int, path: Path
) -> None:
    assert_as_onnxruntime(path, model_of(kind, shape, operands, attrs, opset), draw(3, *shape, seed=2), 1e-5)


@pytest.mark.parametrize(
    ("kind", "operands", "attrs", "opset", "outputs"),
    [
        ("Split", [ROWS], {"axis": 1, "split": [1, 2]}, 7, 2),
        ("Split", [ROWS, ints(1, 2)], {"axis": 1}, 13, 2),
        ("Split", [ROWS], {"axis": 2}, 13, 2),
        ("Split", [ROWS], {"axis": -2, "num_outputs": 2}, 18, 2),
        ("TopK", [ROWS, ints(2)], {}, 11, 2),
        ("TopK", [ROWS, ints(2)], {"axis": 1, "largest": 0}, 18, 2),
    ],
)
def test_node_of_several_results_gives_what_onnxruntime_gives(
    kind: str, operands: Any, attrs: Any, opset: int, outputs: int, path: Path
) -> None:
    content = model_of(kind, X, operands, attrs, opset, outputs)
    assert_as_onnxruntime(path, content, draw(3, *X, seed=2))


@pytest.mark.parametrize(
    ("kind", "operands", "attrs"),
    [
        ("Gather", [draw(6, 2), ROWS], {}),
        ("Gather", [draw(2, 6), ROWS], {"axis": 1}),
        ("Div", [ROWS, ints(-2)], {}),
        ("Mod", [ROWS, ints(-3)], {}),
        ("OneHot", [ROWS, ints(4), np.asarray([0.5, 2.0], "float32")], {}),
        ("OneHot", [ROWS, ints(4), np.asarray([0, 1], "int64")], {"axis": 1}),
        ("Not", [ROWS], {}),
    ],
)
def test_node_of_integers_gives_what_onnxruntime_gives(kind: str, operands: Any, attrs: Any, path: Path) -> None:
    dtype = bool if kind == "Not" else "int64"
    x = (np.arange(12).reshape(3, 4) % 6 - (3 if kind in ("Div", "Mod") else 0)).astype(dtype)
    assert_as_onnxruntime(path, model_of(kind, (4,), operands, attrs, 18, dtype=dtype), x)


def test_operators_that_are_written_are_of_a_version_that_is_read() -> None:
    assert OPSET in OPSETS
