from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import DTypePolicy, Input, Sequential, config, dtype_policies, mixed_precision
from denselite.errors import ArgumentError, DTypeError, UncoveredError, UncoveredNameError
from denselite.layers import Dense, Layer

X = np.array([[1.0, 2.0]], "float32")


@pytest.mark.parametrize(
    "name", ["bfloat16", "mixed_bfloat16", "int8_from_float32", "float8_from_mixed_float16", "gptq/4/128"]
)
def test_policy_that_only_keras_has_is_refused(name: str) -> None:
    with pytest.raises(
        UncoveredError, match=f"^The dtype policy '{name}' exists in Keras and not in denselite. Known: "
    ):
        dtype_policies.get(name)


def test_quantization_of_a_layer_is_refused() -> None:
    with pytest.raises(UncoveredError, match="Quantization to int8 exists in Keras"):
        Dense(1, dtype="int8")
    described = {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8", "source_name": "float32"}}
    with pytest.raises(UncoveredError, match=r"^QuantizedDTypePolicy exists in Keras"):
        dtype_policies.get(described)
    with pytest.raises(UncoveredNameError, match="DTypePolicyMap exists in Keras"):
        _ = dtype_policies.DTypePolicyMap
    with pytest.raises(UncoveredNameError, match="LossScaleOptimizer exists in Keras"):
        _ = mixed_precision.LossScaleOptimizer


@pytest.mark.parametrize(
    ("identifier", "error", "message"),
    [
        ("mixed_float61", DTypeError, r"^'mixed_float61' is not a dtype policy\. Did you mean 'mixed_float16'"),
        (object(), ArgumentError, "^A dtype policy is a name, a dtype or a DTypePolicy, got <object"),
        ({"class_name": "Dense", "config": {}}, ArgumentError, "^A DTypePolicy is described by its class_name"),
        ({"class_name": "DTypePolicy", "config": {"name": 5}}, ArgumentError, "a dtype policy has a name such as"),
    ],
)
def test_what_is_no_policy_is_refused(identifier: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        dtype_policies.get(identifier)


def test_global_policy_is_a_policy() -> None:
    with pytest.raises(
        ArgumentError, match=r"^set_dtype_policy\(\) expects the name of a policy or a DTypePolicy, got 5"
    ):
        config.set_dtype_policy(5)  # type: ignore[arg-type]


def test_global_policy_follows_floatx_unless_it_is_another() -> None:
    try:
        config.set_floatx("float64")
        assert config.dtype_policy() == DTypePolicy("float64")
        config.set_dtype_policy("mixed_float16")
        config.set_floatx("float32")
        assert Dense(1).dtype_policy.name == "mixed_float16"
        assert Input((2,)).dtype == np.float32
        config.set_dtype_policy("float32")
        config.set_floatx("float64")
        assert config.dtype_policy() == DTypePolicy("float64")
    finally:
        config.set_floatx("float32")


def test_policies_are_equal_by_name() -> None:
    assert DTypePolicy("float64") == DTypePolicy("float64") != DTypePolicy("float32")
    assert len({DTypePolicy("float64"), DTypePolicy("float64"), DTypePolicy("mixed_float16")}) == 2
    assert DTypePolicy("float64") != "float64"


def test_mixed_layer_rounds_what_goes_in_and_out_and_computes_in_float32() -> None:
    class Seen(Layer):
        def call(self, inputs: Any) -> Any:
            self.dtypes = inputs.dtype
            return inputs + np.float32(2.0**-12)

    layer = Seen(dtype="mixed_float16")
    outputs = layer(np.array([[1.0 + 2.0**-12, 3.0]], "float32"))  # the first is rounded to 1
    assert layer.dtypes == np.float32
    assert outputs.dtype == np.float16
    assert outputs.tolist() == [[1.0, 3.0]]


def test_product_in_mixed_precision_does_not_overflow_inside_a_layer() -> None:
    class Scaled(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs * 1e5 / 1e5

    assert Scaled(dtype="mixed_float16")(X).tolist() == [[1.0, 2.0]]


def test_loss_metrics_and_gradients_of_mixed_precision_are_float32() -> None:
    model = Sequential([Input((2,)), Dense(1, kernel_initializer="ones", use_bias=False, dtype="mixed_float16")])
    model.compile("sgd", "mse", metrics=["mse"])
    far = np.array([[600.0]], "float32")  # squared: beyond float16
    assert model.evaluate(X, far, verbose=0) == [597.0**2, 597.0**2]
    before = model.get_weights()[0]
    model.compile("sgd", lambda y_true, y_pred: 1e-9 * (y_true - y_pred))
    model.train_on_batch(X, far)
    # The gradient is -1e-9 times the input: too small for float16; a step of 0.01 of it is lost in float32 too.
    assert np.array_equal(model.get_weights()[0], before)
