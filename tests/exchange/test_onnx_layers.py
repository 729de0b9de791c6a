"""Every registered layer as ONNX: one file gives at every batch size what the layer gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers, ops
from denselite.dtype_policies import DTypePolicy
from denselite.errors import UncoveredError
from tests.contracts.test_layers import APART, CASES, feed, make, model_of
from tests.exchange.onnx_runs import assert_exported

# The contract's cases reach every registered layer but these, which are below.
BELOW = {
    "CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "InputLayer", "IntegerLookup", "Lambda", "Operation",
    "StringLookup", "Wrapper",
}  # fmt: skip
# float16 rounds what differs by an ulp of float32 to neighbours, and what follows is computed from these.
TOLERANCE = {"float32": 1e-5, "float64": 1e-12, "mixed_float16": 4e-3}


def test_layers_without_a_case_in_the_contract_are_tested_here() -> None:
    assert APART == BELOW


def with_weights(model: Model) -> Model:
    """Give a model weights that are neither 0 nor 1, all positive: some are variances."""
    rng = np.random.default_rng(3)
    model.set_weights([rng.uniform(0.2, 1.0, weight.shape).astype(weight.dtype) for weight in model.get_weights()])
    return model


@pytest.mark.parametrize("policy", TOLERANCE)
@pytest.mark.parametrize("case", CASES)
def test_layer_gives_what_it_gives_here_at_every_batch_size(case: str, policy: str, tmp_path: Path) -> None:
    if policy == "float64" and "layer" in CASES[case][1]:
        pytest.skip("the layer inside has a dtype of its own")
    dtype = "float64" if policy == "float64" else "float32"
    model = with_weights(model_of(case, make(case, dtype=DTypePolicy(policy)), dtype))
    x = feed(case, dtype)
    fewer = [part[:2] for part in x] if isinstance(x, list) else x[:2]
    nothing = [part[:0] for part in x] if isinstance(x, list) else x[:0]
    assert_exported(model, tmp_path / "m.onnx", x, fewer, nothing, tolerance=TOLERANCE[policy])


PREPROCESSING: list[tuple[Any, Any]] = [
    (lambda: layers.CategoryEncoding(4, "one_hot"), [[0], [3], [2]]),
    (lambda: layers.CategoryEncoding(4, "multi_hot"), [[0, 1], [3, 3], [2, 0]]),
    (lambda: layers.CategoryEncoding(4, "count"), [[0, 1], [3, 3], [2, 0]]),
    (lambda: layers.Discretization([-1.0, 0.5, 2.0]), [[-3.0, 0.5], [2.5, 0.0], [1.0, -1.0]]),
    (lambda: layers.Discretization([-1.0, 0.5, 2.0], output_mode="one_hot"), [[-3.0], [2.5], [1.0]]),
    (lambda: layers.Lambda(lambda x: ops.exp(x) - x[:, ::-1]), [[0.0, 1.0], [2.0, 0.5], [1.0, 1.0]]),
]


@pytest.mark.parametrize(("layer", "x"), PREPROCESSING, ids=lambda part: "")
def test_preprocessing_gives_what_it_gives_here(layer: Any, x: Any, tmp_path: Path) -> None:
    array = np.asarray(x, "int64" if isinstance(x[0][0], int) else "float32")
    given = Input(array.shape[1:], dtype=array.dtype.name)
    assert_exported(Model(given, layer()(given)), tmp_path / "m.onnx", array, array[:1])


@pytest.mark.parametrize(
    ("layer", "dtype"),
    [
        (lambda: layers.Hashing(5, name="it"), "int64"),
        (lambda: layers.IntegerLookup(vocabulary=[4, 7], name="it"), "int64"),
    ],
)
def test_layer_that_looks_up_is_refused_by_name(layer: Any, dtype: str, tmp_path: Path) -> None:
    given = Input((2,), dtype=dtype)
    with pytest.raises(
        UncoveredError, match=r"^Functional 'm' cannot be exported to ONNX: by_value in 'm/it' calls Python\.$"
    ):
        Model(given, layer()(given), name="m").export(tmp_path / "m.onnx")
    assert list(tmp_path.iterdir()) == []


def test_operations_on_placeholders_are_exported(tmp_path: Path) -> None:
    a, b = Input((3,)), Input((3,))
    y = ops.where(ops.greater(a, b), a * 2.0 - b, ops.tanh(a) / (b * b + 1.0))
    x = np.random.default_rng(1).normal(size=(2, 4, 3)).astype("float32")
    assert_exported(Model([a, b], [y, a[:, 1:], ops.concatenate([a, b], 1)]), tmp_path / "m.onnx", [*x], [*x[:, :1]])


def test_layer_inside_another_is_exported(tmp_path: Path) -> None:
    model = Sequential(
        [Input((5, 4)), layers.TimeDistributed(layers.Dense(3, "gelu")), layers.Flatten(), layers.Dense(2)]
    )
    x = np.random.default_rng(1).normal(size=(6, 5, 4)).astype("float32")
    assert_exported(with_weights(model), tmp_path / "m.onnx", x, x[:1])
