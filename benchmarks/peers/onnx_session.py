"""ONNX Runtime: the net as ``Gemm`` and ``Relu`` nodes, for inference alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.workloads import Floats, Predict, in_chunks
from benchmarks.workloads.net import Net

OPSET, IR_VERSION = 17, 8  # old enough for every runtime of the last years


def predict(net: Net) -> Predict:
    """Return a session's run, from an array to an array."""
    session = onnxruntime.InferenceSession(model_of(net), providers=["CPUExecutionProvider"])

    @in_chunks
    def forward(x: Floats) -> Any:
        return session.run(None, {"x": x})[0]

    return forward


def model_of(net: Net) -> bytes:
    """Return a relu net as an ONNX file."""
    nodes, weights, value = [], [], "x"
    for k, kernel in enumerate(net.kernels()):
        weights.append(numpy_helper.from_array(kernel, f"w{k}"))
        weights.append(numpy_helper.from_array(np.zeros(kernel.shape[1], np.float32), f"b{k}"))
        nodes.append(helper.make_node("Gemm", [value, f"w{k}", f"b{k}"], [f"z{k}"]))
        nodes.append(helper.make_node("Relu", [f"z{k}"], [f"a{k}"]))
        value = f"a{k}"
    last = nodes.pop().input[0]  # logits are not rectified
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
        for name, width in (("x", net.sizes[0]), (last, net.sizes[-1]))
    ]
    graph = helper.make_graph(nodes, "net", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    content: bytes = model.SerializeToString()
    return content
