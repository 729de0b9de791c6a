"""Activations: values, derivatives (also at the kinks) and training are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

ELEMENTWISE = ["elu", "exponential", "gelu", "hard_sigmoid", "leaky_relu", "linear", "relu", "relu6", "selu"]
ELEMENTWISE += ["sigmoid", "silu", "softplus", "softsign", "swish", "tanh"]
OVER_AXIS = ["softmax", "log_softmax"]
POINTS = np.array([-50.0, -8.0, -6.0, -3.0, -1.0, -0.5, -1e-3, 0.0, 1e-3, 0.5, 1.0, 3.0, 6.0, 8.0, 50.0])
OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("elu", {"alpha": 0.5}),
    ("gelu", {"approximate": True}),
    ("leaky_relu", {"negative_slope": 0.1}),
    ("relu", {"negative_slope": 0.1, "max_value": 5.0, "threshold": 0.5}),
    ("relu", {"max_value": 3.0}),
    ("relu", {"threshold": 1.0}),
    ("softmax", {"axis": 0}),
    ("log_softmax", {"axis": 0}),
]


@pytest.mark.parametrize("name", [*ELEMENTWISE, *OVER_AXIS])
def test_activation_by_string_has_keras_values(twins: Any, name: str) -> None:
    points = POINTS.reshape(5, 3)
    twins.same(lambda lib: lib.activations.get(name)(points))


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_activation_options_have_keras_values(twins: Any, name: str, options: dict[str, Any]) -> None:
    points = POINTS.reshape(5, 3)
    twins.same(lambda lib: getattr(lib.activations, name)(points, **options))


@pytest.mark.parametrize("name", ["relu", "sigmoid", "softmax", "softplus", "tanh", "log_softmax", "hard_sigmoid"])
def test_activation_of_extreme_numbers_stays_finite_and_keras(twins: Any, name: str) -> None:
    points = np.array([[-1e4, 0.0, 1e4], [1e4, 1e4, -1e4]])
    twins.same(lambda lib: lib.activations.get(name)(points))
    assert np.isfinite(np.asarray(twins.libs[1].activations.get(name)(points))).all()


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_derivative_at_each_point_and_kink_is_keras(twins: Any, name: str) -> None:
    """Row i of an identity input sees weight i alone, so one step moves weight i by the derivative there."""

    def recipe(lib: Any) -> Any:
        layer = lib.layers.Dense(1, use_bias=False, activation=name)
        model = twins.compile(lib, lib.Sequential([lib.Input((len(POINTS),)), layer]), loss="mae")
        model.set_weights([POINTS[:, None]])
        model.train_on_batch(np.eye(len(POINTS)), np.full((len(POINTS), 1), -100.0))
        return POINTS[:, None] - np.asarray(model.get_weights()[0])

    twins.same(recipe)


@pytest.mark.parametrize("name", OVER_AXIS)
def test_activation_over_an_axis_trains_like_keras(twins: Any, name: str) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(10, 4)), rng.normal(size=(10, 3))

    def build(lib: Any) -> Any:
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation=name)]))

    twins.train(build, lambda model: model.fit(x, y, epochs=2, batch_size=5, shuffle=False, verbose=0).history)


@pytest.mark.parametrize("name", [*ELEMENTWISE, *OVER_AXIS])
def test_serialized_activation_is_keras_string(twins: Any, name: str) -> None:
    twins.same(lambda lib: lib.activations.serialize(lib.activations.get(name)))


def test_no_activation_is_linear(twins: Any) -> None:
    twins.same(lambda lib: lib.activations.get(None)(POINTS))
