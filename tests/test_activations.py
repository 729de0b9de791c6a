from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import activations
from denselite.errors import ArgumentError, ShapeError, UnknownNameError
from tests.contracts.part_laws import value_and_gradient

X = np.array([-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 7.0])

# Oracle: keras.activations on JAX (3.15.1), float32, rounded to 6 digits.
VALUES = {
    "celu": [-0.950213, -0.632121, -0.393469, 0.0, 0.5, 1.0, 3.0, 7.0],
    "elu": [-0.950213, -0.632121, -0.393469, 0.0, 0.5, 1.0, 3.0, 7.0],
    "exponential": [0.049787, 0.367879, 0.606531, 1.0, 1.648721, 2.718282, 20.085537, 1096.633158],
    "gelu": [-0.00405, -0.158655, -0.154269, 0.0, 0.345731, 0.841345, 2.99595, 7.0],
    "hard_shrink": [-3.0, -1.0, 0.0, 0.0, 0.0, 1.0, 3.0, 7.0],
    "hard_sigmoid": [0.0, 0.333333, 0.416667, 0.5, 0.583333, 0.666667, 1.0, 1.0],
    "hard_silu": [-0.0, -0.333333, -0.208333, 0.0, 0.291667, 0.666667, 3.0, 7.0],
    "hard_tanh": [-1.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.0, 1.0],
    "leaky_relu": [-0.6, -0.2, -0.1, 0.0, 0.5, 1.0, 3.0, 7.0],
    "linear": [-3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 7.0],
    "log_sigmoid": [-3.048587, -1.313262, -0.974077, -0.693147, -0.474077, -0.313262, -0.048587, -0.000911],
    "log_softmax": [-10.023857, -8.023857, -7.523857, -7.023857, -6.523857, -6.023857, -4.023857, -0.023857],
    "mish": [-0.145647, -0.303401, -0.220744, 0.0, 0.375245, 0.865098, 2.986535, 6.999989],
    "relu": [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 3.0, 7.0],
    "relu6": [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 3.0, 6.0],
    "selu": [-1.670569, -1.111331, -0.691758, 0.0, 0.52535, 1.050701, 3.152103, 7.354907],
    "sigmoid": [0.047426, 0.268941, 0.377541, 0.5, 0.622459, 0.731059, 0.952574, 0.999089],
    "silu": [-0.142278, -0.268941, -0.18877, 0.0, 0.31123, 0.731059, 2.857722, 6.993623],
    "soft_shrink": [-2.5, -0.5, 0.0, 0.0, 0.0, 0.5, 2.5, 6.5],
    "softmax": [0.000044, 0.000328, 0.00054, 0.00089, 0.001468, 0.00242, 0.017884, 0.976426],
    "softplus": [0.048587, 0.313262, 0.474077, 0.693147, 0.974077, 1.313262, 3.048587, 7.000911],
    "softsign": [-0.75, -0.5, -0.333333, 0.0, 0.333333, 0.5, 0.75, 0.875],
    "sparse_plus": [0.0, 0.0, 0.0625, 0.25, 0.5625, 1.0, 3.0, 7.0],
    "sparse_sigmoid": [0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 1.0],
    "squareplus": [0.302776, 0.618034, 0.780776, 1.0, 1.280776, 1.618034, 3.302776, 7.140055],
    "tanh": [-0.995055, -0.761594, -0.462117, 0.0, 0.462117, 0.761594, 0.995055, 0.999998],
    "tanh_shrink": [-2.004945, -0.238406, -0.037883, 0.0, 0.037883, 0.238406, 2.004945, 6.000002],
}


@pytest.mark.parametrize("name", VALUES)
def test_values_by_name_are_keras(name: str) -> None:
    assert activations.get(name)(X).tolist() == pytest.approx(VALUES[name], abs=6e-7, rel=1e-6)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"negative_slope": 0.1}, [-0.3, -0.1, -0.05, 0.0, 0.5, 1.0, 3.0, 7.0]),
        ({"max_value": 2.0}, [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 2.0, 2.0]),
        ({"threshold": 0.5}, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 7.0]),
        ({"threshold": -0.75, "max_value": 2.0}, [0.0, 0.0, 0.0, 0.0, 0.5, 1.0, 2.0, 2.0]),  # a ceiling brings a floor
        # Below the threshold: slope · (x - threshold).
        ({"negative_slope": 0.1, "max_value": 2.0, "threshold": 0.5}, [-0.35, -0.15, -0.1, -0.05, 0.0, 1.0, 2.0, 2.0]),
    ],
)
def test_relu_options(options: dict[str, float], expected: list[float]) -> None:
    assert activations.relu(X, **options).tolist() == pytest.approx(expected)


# Oracle: jax.grad of keras.activations at the kink.
@pytest.mark.parametrize(
    ("name", "options", "kink", "slope"),
    [
        ("relu", {}, 0.0, 0.0),
        ("relu", {"max_value": 3.0}, 3.0, 0.5),
        ("relu", {"max_value": 6.0}, 6.0, 0.0),
        ("relu", {"threshold": 1.0}, 1.0, 0.0),
        ("relu", {"negative_slope": 0.1}, 0.0, 1.0),
        ("relu6", {}, 0.0, 0.0),
        ("relu6", {}, 6.0, 0.0),
        ("leaky_relu", {}, 0.0, 1.0),
        ("elu", {"alpha": 0.5}, 0.0, 0.5),
        ("celu", {"alpha": 0.5}, 0.0, 1.0),
        ("selu", {}, 0.0, 1.7580993408473766),
        ("hard_sigmoid", {}, 3.0, 0.0),
        ("hard_tanh", {}, 1.0, 1.0),
        ("hard_shrink", {}, 0.5, 0.0),
        ("soft_shrink", {}, -0.5, 0.0),
        ("softsign", {}, 0.0, 1.0),
        ("sparse_plus", {}, -1.0, 0.0),
        ("sparse_plus", {}, 1.0, 1.0),
        ("sparse_sigmoid", {}, 1.0, 0.25),
    ],
)
def test_derivative_at_a_kink_is_keras(name: str, options: dict[str, Any], kink: float, slope: float) -> None:
    function = getattr(activations, name)
    _, gradient = value_and_gradient(lambda x: function(x, **options), {"x": np.array([kink])}, "x")
    assert gradient[0] == pytest.approx(slope)


def test_none_is_linear() -> None:
    assert activations.get(None) is activations.linear
    assert activations.linear(X) is X


def test_aliases_are_the_same_functions() -> None:
    assert activations.get("swish") is activations.silu is activations.swish
    assert activations.get("hard_swish") is activations.hard_silu
    assert activations.serialize(activations.swish) == "silu"


def test_callable_is_itself() -> None:
    def cube(x: Any) -> Any:
        return x**3

    assert activations.get(cube) is cube
    assert activations.serialize(cube)["config"] == "cube"


def test_function_config_of_keras_is_read() -> None:
    config = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}
    assert activations.deserialize(config) is activations.relu


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown activation 'rleu'\. Did you mean 'relu'\?"):
        activations.get("rleu")


# By hand: the largest entries, less the τ that makes what is left add up to 1.
@pytest.mark.parametrize(
    ("x", "axis", "expected"),
    [
        ([0.0, 0.5, 1.0], -1, [0.0, 0.25, 0.75]),  # τ = (1.5 - 1) / 2
        ([0.1, 0.2, 0.3, 0.4, 0.5], -1, [0.0, 0.1, 0.2, 0.3, 0.4]),  # τ = 0.1
        ([3.0, 3.0, 3.0], -1, [1 / 3, 1 / 3, 1 / 3]),
        ([7.0], -1, [1.0]),
        ([1e4, -1e4, 1e4 - 0.5], -1, [0.75, 0.0, 0.25]),
        ([[0.0, 2.0], [0.5, 0.0]], 0, [[0.25, 1.0], [0.75, 0.0]]),
    ],
)
def test_sparsemax_is_the_nearest_distribution(x: Any, axis: int, expected: Any) -> None:
    found = activations.sparsemax(np.array(x, "float32"), axis)
    np.testing.assert_allclose(found, np.array(expected), rtol=1e-6)
    np.testing.assert_allclose(found.sum(axis), 1.0, rtol=1e-6)


def test_gradient_of_sparsemax_is_shared_by_what_is_not_zero() -> None:
    weights = np.array([3.0, 5.0, 1.0])
    _, gradient = value_and_gradient(
        lambda x: np.sum(activations.sparsemax(x) * weights), {"x": np.array([[0.0, 0.5, 1.0]])}, "x"
    )
    assert gradient.tolist() == [[0.0, 2.0, -2.0]]  # 5 and 1 less their mean


def test_misspelt_attribute_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'rleu'"):
        _ = activations.rleu


def test_what_is_no_activation_is_refused() -> None:
    with pytest.raises(ArgumentError, match="activation is a name, an object, a callable or None, got 3"):
        activations.get(3)


def test_glu_of_an_odd_axis_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"glu halves axis -1, so its size must be even, got shape \(2, 3\)"):
        activations.glu(np.ones((2, 3)))
