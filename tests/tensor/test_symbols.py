from __future__ import annotations

import numpy as np

from denselite.tensor.context import Trace, scope
from denselite.tensor.symbols import KerasTensor


def test_a_tensor_tells_its_op_shape_and_layer() -> None:
    trace = Trace()
    with trace.active(), scope("dense"):
        x = trace.add_input("x", (2, 3), np.dtype("f4"))
        y = np.tanh(x)
    assert repr(y) == "Tensor(tanh, shape=(2, 3), dtype=float32 in dense)"
    assert (y.ndim, y.size, y.inputs) == (2, 6, (x,))


def test_later_tensors_have_larger_places() -> None:
    x = Trace().add_input("x", (2,), np.dtype("f4"))
    y = np.tanh(x)
    assert y.index > x.index
    assert y.op.name == "tanh"


def test_a_keras_tensor_tells_its_name_and_open_shape() -> None:
    tensor = KerasTensor((None, 3), np.dtype("f4"), "keras_tensor_1")
    assert repr(tensor) == "<KerasTensor shape=(None, 3), dtype=float32, name=keras_tensor_1>"
    assert (tensor.ndim, tensor.history) == (2, None)
