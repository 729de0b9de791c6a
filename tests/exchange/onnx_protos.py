"""ONNX models by hand, as other frameworks write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def draw(*shape: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def ints(*values: int) -> np.ndarray:
    return np.asarray(values, np.int64)


def info(name: str, *shape: Any, dtype: int = TensorProto.FLOAT) -> Any:
    return helper.make_tensor_value_info(name, dtype, shape)


def proto_of(nodes: Any, weights: dict[str, np.ndarray], inputs: Any, outputs: Any, opset: int = 18) -> Any:
    graph = helper.make_graph(
        [helper.make_node(kind, reads, makes, **attrs) for kind, reads, makes, attrs in nodes],
        "g",
        inputs,
        outputs,
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def saved(proto: Any) -> str:
    Path("m.onnx").write_bytes(proto.SerializeToString())
    return "m.onnx"


def mlp(first: Any = "N") -> Any:
    """What torch writes of ``Sequential(Linear(4, 5), ReLU(), Linear(5, 2))``."""
    nodes = [
        ("Gemm", ["x", "0.weight", "0.bias"], ["/0/Gemm_output_0"], {"name": "/0/Gemm", "transB": 1}),
        ("Relu", ["/0/Gemm_output_0"], ["/1/Relu_output_0"], {"name": "/1/Relu"}),
        ("Gemm", ["/1/Relu_output_0", "2.weight", "2.bias"], ["y"], {"name": "/2/Gemm", "transB": 1}),
    ]
    weights = {"0.weight": draw(5, 4), "0.bias": draw(5), "2.weight": draw(2, 5), "2.bias": draw(2)}
    return proto_of(nodes, weights, [info("x", first, 4)], [info("y", first, 2)])
