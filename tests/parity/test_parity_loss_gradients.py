"""Gradients of the losses, read off the weights after SGD steps, also where probabilities and logits saturate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(5)
X = RNG.normal(size=(5, 4))
LABELS = np.array([0, 2, 1, 1, 2])
ONE_HOT = np.eye(3)[LABELS]
BITS = (RNG.random((5, 3)) > 0.5).astype(float)
REAL = RNG.normal(size=(5, 3))
WEIGHTS = np.array([0.0, 0.5, 1.0, 2.0, 0.25])

CASES: dict[str, tuple[str, dict[str, Any], str | None, Any]] = {
    "mse": ("MeanSquaredError", {}, None, REAL),
    "mae": ("MeanAbsoluteError", {}, None, REAL),
    "bce": ("BinaryCrossentropy", {}, "sigmoid", BITS),
    "bce-smooth": ("BinaryCrossentropy", {"label_smoothing": 0.2}, "sigmoid", BITS),
    "bce-logits": ("BinaryCrossentropy", {"from_logits": True}, None, BITS),
    "bce-logits-smooth": ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, None, BITS),
    "cce": ("CategoricalCrossentropy", {}, "softmax", ONE_HOT),
    "cce-sigmoid": ("CategoricalCrossentropy", {}, "sigmoid", ONE_HOT),
    "cce-smooth": ("CategoricalCrossentropy", {"label_smoothing": 0.2}, "softmax", ONE_HOT),
    "cce-logits": ("CategoricalCrossentropy", {"from_logits": True}, None, ONE_HOT),
    "cce-logits-smooth": ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, None, ONE_HOT),
    "scce": ("SparseCategoricalCrossentropy", {}, "softmax", LABELS),
    "scce-sigmoid": ("SparseCategoricalCrossentropy", {}, "sigmoid", LABELS),
    "scce-logits": ("SparseCategoricalCrossentropy", {"from_logits": True}, None, LABELS),
    "scce-ignore": ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "softmax", LABELS),
    "scce-ignore-logits": ("SparseCategoricalCrossentropy", {"ignore_class": 1, "from_logits": True}, None, LABELS),
    "mape": ("MeanAbsolutePercentageError", {}, None, REAL),
    "msle": ("MeanSquaredLogarithmicError", {}, None, REAL),
    "cosine": ("CosineSimilarity", {}, None, REAL),
    "huber": ("Huber", {"delta": 0.5}, None, REAL),
    "log-cosh": ("LogCosh", {}, None, REAL),
    "hinge": ("Hinge", {}, None, BITS),
    "squared-hinge": ("SquaredHinge", {}, "tanh", 2.0 * BITS - 1.0),
    "categorical-hinge": ("CategoricalHinge", {}, None, ONE_HOT),
    "kld": ("KLDivergence", {}, "sigmoid", BITS),
    "poisson": ("Poisson", {}, "softplus", BITS),
    "binary-focal": ("BinaryFocalCrossentropy", {"apply_class_balancing": True}, "sigmoid", BITS),
    "binary-focal-logits": ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, None, BITS),
    "categorical-focal": ("CategoricalFocalCrossentropy", {"alpha": [0.1, 0.5, 2.0]}, "softmax", ONE_HOT),
    "categorical-focal-logits": ("CategoricalFocalCrossentropy", {"from_logits": True, "gamma": 0.0}, None, ONE_HOT),
    "dice": ("Dice", {}, "sigmoid", BITS),
    "tversky": ("Tversky", {"alpha": 0.7, "axis": -1}, "sigmoid", BITS),
    "generalized": ("CategoricalGeneralizedCrossEntropy", {}, "softmax", LABELS),
}


def builder(twins: Any, case: str, **loss_options: Any) -> Any:
    name, options, activation, _ = CASES[case]

    def build(lib: Any) -> Any:
        loss = getattr(lib.losses, name)(**options, **loss_options)
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation=activation)])
        return twins.compile(lib, model, loss=loss)

    return build


@pytest.mark.parametrize("case", CASES)
def test_two_steps_leave_keras_weights(twins: Any, case: str) -> None:
    y = CASES[case][3]

    def run(model: Any) -> Any:
        return [model.train_on_batch(X, y), model.train_on_batch(X, y, sample_weight=WEIGHTS)]

    twins.train(builder(twins, case), run)


@pytest.mark.parametrize("case", CASES)
def test_saturated_outputs_leave_finite_keras_weights(twins: Any, case: str) -> None:
    """Logits reach about ±1e4 (saturated probabilities are exactly 0 and 1)."""
    y = CASES[case][3]
    scale = np.array([1.0, 30.0, 1e2, -1e3, 1e4])[:, None]
    # Weights reach 1e4, and the sums that make them cancel: 1e-9 of the largest term is the floor.
    ours = twins.train(builder(twins, case), lambda model: model.train_on_batch(X * scale, y), atol=1e-5)
    assert all(np.isfinite(weight).all() for weight in ours.get_weights())


@pytest.mark.parametrize("reduction", ["sum", "mean_with_sample_weight"])
@pytest.mark.parametrize("case", ["mse", "bce", "cce-logits", "scce"])
def test_other_reductions_leave_keras_weights(twins: Any, case: str, reduction: str) -> None:
    y = CASES[case][3]
    build = builder(twins, case, reduction=reduction)
    twins.train(build, lambda model: model.train_on_batch(X, y, sample_weight=WEIGHTS))


@pytest.mark.parametrize("target", ["vector", "column"])
@pytest.mark.parametrize("loss", ["mse", "mae", "binary_crossentropy"])
def test_one_output_takes_vector_and_column_targets_alike(twins: Any, loss: str, target: str) -> None:
    y = BITS[:, 0] if target == "vector" else BITS[:, :1]

    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(1, activation="sigmoid")])
        return twins.compile(lib, model, loss=loss)

    twins.train(build, lambda model: model.train_on_batch(X, y))


@pytest.mark.parametrize("loss", ["crossentropy", "ce"])
@pytest.mark.parametrize(
    ("units", "y"), [(1, BITS[:, 0]), (3, LABELS), (3, ONE_HOT)], ids=["binary", "sparse", "one-hot"]
)
@pytest.mark.slow
def test_crossentropy_is_resolved_from_the_shapes(twins: Any, units: int, y: Any, loss: str) -> None:
    def build(lib: Any) -> Any:
        activation = "sigmoid" if units == 1 else "softmax"
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(units, activation=activation)])
        return twins.compile(lib, model, loss=loss)

    twins.train(build, lambda model: model.train_on_batch(X, y))


def test_own_loss_function_leaves_keras_weights(twins: Any) -> None:
    def cubic(y_true: Any, y_pred: Any) -> Any:
        return (y_true - y_pred) ** 2 * 0.5 + y_pred

    def build(lib: Any) -> Any:
        return twins.compile(lib, lib.Sequential([lib.Input((4,)), lib.layers.Dense(3)]), loss=cubic)

    twins.train(build, lambda model: model.train_on_batch(X, REAL))
