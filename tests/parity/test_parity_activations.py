"""Activations: values, derivatives (also at the kinks) and training are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

ELEMENTWISE = ["celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish"]
ELEMENTWISE += ["hard_tanh", "leaky_relu", "linear", "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu"]
ELEMENTWISE += ["soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "swish", "tanh"]
ELEMENTWISE += ["tanh_shrink"]
OVER_AXIS = ["softmax", "log_softmax", "sparsemax"]
POINTS = np.array([-50.0, -8.0, -6.0, -3.0, -1.0, -0.5, -1e-3, 0.0, 1e-3, 0.5, 1.0, 3.0, 6.0, 8.0, 50.0])
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("celu", {"alpha": 0.5}),
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": True}),
    ("hard_shrink", {"threshold": 1.0}),
    ("leaky_relu", {"negative_slope": 0.1}),
    ("relu", {"negative_slope": 0.1, "max_value": 5.0, "threshold": 0.5}),
    ("relu", {"negative_slope": 0.1, "max_value": 6.0}),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 3.0}),
    ("relu", {"max_value": 6}),
    ("relu", {"threshold": 1.0}),
    ("relu", {"threshold": -1.0, "max_value": 3.0}),
    ("soft_shrink", {"threshold": 1.0}),
    ("squareplus", {"b": 1}),
    ("threshold", {"threshold": 0.5, "default_value": 7.0}),
]
AXES: list[tuple[str, dict[str, Any]]] = [(name, {"axis": 0}) for name in OVER_AXIS]


@pytest.mark.parametrize("name", [*ELEMENTWISE, "softmax", "log_softmax"])
def test_activation_by_string_has_keras_values(twins: Any, name: str) -> None:
    points = POINTS.reshape(5, 3)
    twins.same(lambda lib: lib.activations.get(name)(points))


def test_sparsemax_with_one_winner_is_keras(twins: Any) -> None:
    """With several, the sums of Keras 3.15 are less than 1, an error that later versions do not have."""
    points = np.array([[-3.0, 0.5, 2.0], [5.0, 1.0, -8.0], [0.0, 4.0, 2.5]])
    twins.same(lambda lib: lib.activations.get("sparsemax")(points))


@pytest.mark.parametrize(("name", "options"), OPTIONS + AXES)
def test_activation_options_have_keras_values(twins: Any, name: str, options: dict[str, Any]) -> None:
    points = POINTS.reshape(5, 3)
    twins.same(lambda lib: getattr(lib.activations, name)(points, **options))


@pytest.mark.parametrize("name", sorted({*ELEMENTWISE, *OVER_AXIS} - {"exponential"}))
def test_activation_of_extreme_numbers_stays_finite_and_keras(twins: Any, name: str) -> None:
    points = np.array([[-1e4, 0.0, 1e4], [1e4, 2e4, -1e4]])
    twins.same(lambda lib: lib.activations.get(name)(points))
    assert np.isfinite(np.asarray(twins.libs[1].activations.get(name)(points))).all()


@pytest.mark.parametrize("axis", [-1, 1])
def test_gated_unit_is_keras(twins: Any, axis: int) -> None:
    points = POINTS[:12].reshape(3, 2, 2)
    twins.same(lambda lib: lib.activations.glu(points, axis=axis))
    twins.same(lambda lib: lib.activations.get("glu")(points))


def derivatives(lib: Any, functions: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The slope of each function at each point.

    Row i of an identity input sees weight i alone, so one step moves weight i by the slope there. The learning
    rate takes the mean of the loss back, and leaves a tenth: XLA's tanh is off by 2e-7 even in float64.
    """
    count = len(POINTS)
    x = lib.Input((count,))

    def layer(name: str, options: dict[str, Any]) -> Any:
        function = getattr(lib.activations, name)
        return lib.layers.Dense(1, use_bias=False, activation=lambda x: function(x, **options))(x)

    model = lib.Model(x, lib.layers.Concatenate()([layer(*function) for function in functions]))
    model.compile(lib.optimizers.SGD(0.1 * count * len(functions)), "mae", jit_compile=False)
    model.set_weights([POINTS[:, None]] * len(functions))
    model.train_on_batch(np.eye(count), np.full((count, len(functions)), -100.0))
    return {
        f"{name} {options}": POINTS - np.asarray(weight)[:, 0]
        for (name, options), weight in zip(functions, model.get_weights(), strict=True)
    }


def test_derivative_at_each_point_and_kink_is_keras(twins: Any) -> None:
    functions = [*((name, {}) for name in ELEMENTWISE), *OPTIONS]
    twins.same(lambda lib: derivatives(lib, functions))


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_activation_over_an_axis_trains_like_keras(twins: Any, name: str) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(10, 4)), rng.normal(size=(10, 3))

    def build(lib: Any) -> Any:
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation=name)]))

    twins.train(build, lambda model: model.fit(x, y, epochs=2, batch_size=5, shuffle=False, verbose=0).history)


@pytest.mark.parametrize("name", [*ELEMENTWISE, *OVER_AXIS, "glu", "threshold"])
def test_serialized_activation_is_keras_string(twins: Any, name: str) -> None:
    twins.same(lambda lib: lib.activations.serialize(lib.activations.get(name)))


def test_no_activation_is_linear(twins: Any) -> None:
    twins.same(lambda lib: lib.activations.get(None)(POINTS))
