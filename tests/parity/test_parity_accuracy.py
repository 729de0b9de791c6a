"""`metrics=["accuracy"]`: which accuracy Keras picks from the shapes, and what it logs it as."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(13)
X = RNG.normal(size=(10, 4))
SEQUENCE = RNG.normal(size=(10, 2, 4))
LABELS = RNG.integers(0, 3, 10)
STEP_LABELS = RNG.integers(0, 3, (10, 2))
BITS = (RNG.random(10) > 0.5).astype(int)

# name -> x, units, activation, loss, y
CASES: dict[str, tuple[Any, int, str, str, Any]] = {
    "binary-vector": (X, 1, "sigmoid", "binary_crossentropy", BITS),
    "binary-column": (X, 1, "sigmoid", "binary_crossentropy", BITS[:, None]),
    "one-output-regression": (X, 1, "linear", "mse", X[:, 0]),
    "sparse-vector": (X, 3, "softmax", "sparse_categorical_crossentropy", LABELS),
    "sparse-column": (X, 3, "softmax", "sparse_categorical_crossentropy", LABELS[:, None]),
    "one-hot": (X, 3, "softmax", "categorical_crossentropy", np.eye(3)[LABELS]),
    "multi-label-counts-as-categorical": (X, 3, "sigmoid", "binary_crossentropy", np.eye(3)[LABELS]),
    "sequence-sparse": (SEQUENCE, 3, "softmax", "sparse_categorical_crossentropy", STEP_LABELS),
    "sequence-one-hot": (SEQUENCE, 3, "softmax", "categorical_crossentropy", np.eye(3)[STEP_LABELS]),
    "sequence-binary": (SEQUENCE, 1, "sigmoid", "binary_crossentropy", BITS.repeat(2).reshape(10, 2, 1)),
}

COMMON = {"binary-vector", "binary-column", "sparse-vector", "one-hot", "multi-label-counts-as-categorical"}


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if case in COMMON else pytest.mark.slow) for case in CASES]
)
def test_accuracy_is_resolved_from_the_shapes(twins: Any, case: str) -> None:
    x, units, activation, loss, y = CASES[case]

    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input(x.shape[1:]), lib.layers.Dense(units, activation=activation)])
        return twins.compile(lib, model, loss=loss, metrics=["accuracy"])

    def run(model: Any) -> Any:
        history = model.fit(x, y, batch_size=5, shuffle=False, verbose=0).history
        return [history, model.evaluate(x, y, batch_size=5, verbose=0)]

    twins.train(build, run)


@pytest.mark.parametrize("string", ["accuracy", "acc", "Accuracy", "ACC"])
def test_accuracy_is_logged_under_the_string_given(twins: Any, string: str) -> None:
    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="softmax")])
        return twins.compile(lib, model, loss="sparse_categorical_crossentropy", metrics=[string])

    twins.train(build, lambda model: model.evaluate(X, LABELS, batch_size=5, verbose=0, return_dict=True))
