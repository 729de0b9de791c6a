"""A sample of everything in float32, the default: close to Keras within its rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(61)
X = RNG.normal(size=(20, 4))
LABELS = RNG.integers(0, 3, 20)
ONE_HOT = np.eye(3)[LABELS]

LOSSES: dict[str, tuple[str | None, Any]] = {
    "mse": ("sigmoid", ONE_HOT),
    "mae": ("tanh", ONE_HOT),
    "binary_crossentropy": ("sigmoid", ONE_HOT),
    "categorical_crossentropy": ("softmax", ONE_HOT),
    "sparse_categorical_crossentropy": ("softmax", LABELS),
}


PAIRS = [
    pytest.param(loss, optimizer, marks=() if optimizer == "adam" or loss == "mse" else pytest.mark.slow)
    for loss in LOSSES
    for optimizer in ("sgd", "rmsprop", "adam", "adamw")
]


@pytest.mark.parametrize(("loss", "optimizer"), PAIRS)
def test_float32_training_is_keras_within_rounding(twins32: Any, loss: str, optimizer: str) -> None:
    activation, y = LOSSES[loss]

    def build(lib: Any) -> Any:
        layers = [lib.Input((4,)), lib.layers.Dense(3, "relu"), lib.layers.Dense(3, activation=activation)]
        return twins32.compile(lib, lib.Sequential(layers), optimizer=optimizer, loss=loss, metrics=["accuracy"])

    def run(model: Any) -> Any:
        history = model.fit(X, y, epochs=2, batch_size=5, shuffle=False, verbose=0).history
        predicted = model.predict(X, verbose=0)
        return [history, str(predicted.dtype), predicted, [str(weight.dtype) for weight in model.weights]]

    twins32.train(build, run)


@pytest.mark.parametrize("name", ["bce", "cce", "scce"])
def test_float32_extreme_logits_are_finite_and_keras(twins32: Any, name: str) -> None:
    names = {"bce": "BinaryCrossentropy", "cce": "CategoricalCrossentropy", "scce": "SparseCategoricalCrossentropy"}
    scale = np.logspace(0, 4, 20)[:, None]

    def build(lib: Any) -> Any:
        loss = getattr(lib.losses, names[name])(from_logits=True)
        return twins32.compile(lib, lib.Sequential([lib.Input((4,)), lib.layers.Dense(3)]), loss=loss)

    y = LABELS if name == "scce" else ONE_HOT
    # Gradients are sums of terms up to 1e4: float32 leaves 1e-4 of that at most 1e-2 absolute.
    ours = twins32.train(build, lambda model: model.train_on_batch(X * scale, y), atol=1e-2)
    assert all(np.isfinite(weight).all() for weight in ours.get_weights())


def test_float32_learning_rate_is_read_back_as_keras_does(twins32: Any) -> None:
    twins32.same(lambda lib: float(lib.optimizers.Adam().get_config()["learning_rate"]))
