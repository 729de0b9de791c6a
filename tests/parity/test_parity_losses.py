"""Losses as objects and functions: values, reductions, sample weights and rank fixes are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(3)
LOGITS = RNG.normal(0.0, 2.0, (6, 3))
PROBABILITIES = 1.0 / (1.0 + np.exp(-LOGITS))
REAL = RNG.normal(size=(6, 3))
BITS = (RNG.random((6, 3)) > 0.5).astype(float)
LABELS = np.array([0, 2, 1, 1, 0, 2])
ONE_HOT = np.eye(3)[LABELS]
WEIGHTS = np.array([0.0, 0.5, 1.0, 2.0, 0.25, 3.0])

CASES: dict[str, tuple[str, dict[str, Any], Any, Any]] = {
    "mse": ("MeanSquaredError", {}, REAL, LOGITS),
    "mae": ("MeanAbsoluteError", {}, REAL, LOGITS),
    "bce": ("BinaryCrossentropy", {}, BITS, PROBABILITIES),
    "bce-logits": ("BinaryCrossentropy", {"from_logits": True}, BITS, LOGITS),
    "bce-smooth": ("BinaryCrossentropy", {"label_smoothing": 0.2}, BITS, PROBABILITIES),
    "bce-logits-smooth": ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, BITS, LOGITS),
    "cce-unnormalised": ("CategoricalCrossentropy", {}, ONE_HOT, PROBABILITIES),
    "cce-logits": ("CategoricalCrossentropy", {"from_logits": True}, ONE_HOT, LOGITS),
    "cce-smooth": ("CategoricalCrossentropy", {"label_smoothing": 0.3}, ONE_HOT, PROBABILITIES),
    "cce-logits-smooth": ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.3}, ONE_HOT, LOGITS),
    "scce-unnormalised": ("SparseCategoricalCrossentropy", {}, LABELS, PROBABILITIES),
    "scce-logits": ("SparseCategoricalCrossentropy", {"from_logits": True}, LABELS, LOGITS),
    "scce-column": ("SparseCategoricalCrossentropy", {}, LABELS[:, None], PROBABILITIES),
}
FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "mean_squared_error": (REAL, LOGITS),
    "mean_absolute_error": (REAL, LOGITS),
    "binary_crossentropy": (BITS, PROBABILITIES),
    "categorical_crossentropy": (ONE_HOT, PROBABILITIES),
    "sparse_categorical_crossentropy": (LABELS, PROBABILITIES),
}
REDUCTIONS = ["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None]


@pytest.mark.parametrize("case", CASES)
def test_loss_has_keras_value_weighted_and_not(twins: Any, case: str) -> None:
    name, options, y_true, y_pred = CASES[case]

    def recipe(lib: Any) -> Any:
        loss = getattr(lib.losses, name)(**options)
        return [
            loss(y_true, y_pred),
            loss(y_true, y_pred, WEIGHTS),
            loss(y_true, y_pred, sample_weight=WEIGHTS[:, None]),
        ]

    twins.same(recipe)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("case", ["mse", "bce-logits", "cce-smooth", "scce-logits"])
def test_reduction_has_keras_value(twins: Any, case: str, reduction: str | None) -> None:
    name, options, y_true, y_pred = CASES[case]

    def recipe(lib: Any) -> Any:
        loss = getattr(lib.losses, name)(reduction=reduction, **options)
        return [loss(y_true, y_pred), loss(y_true, y_pred, sample_weight=WEIGHTS)]

    twins.same(recipe)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_loss_function_gives_one_value_a_sample(twins: Any, name: str) -> None:
    y_true, y_pred = FUNCTIONS[name]
    twins.same(lambda lib: getattr(lib.losses, name)(y_true, y_pred))
    twins.same(lambda lib: lib.losses.get(name)(y_true, y_pred))


@pytest.mark.parametrize("name", ["mse", "MSE", "mae", "MAE", "bce", "BCE"])
def test_short_loss_name_is_the_function(twins: Any, name: str) -> None:
    twins.same(lambda lib: lib.losses.get(name)(BITS, PROBABILITIES))


@pytest.mark.parametrize("name", ["MeanSquaredError", "BinaryCrossentropy", "MeanAbsoluteError"])
def test_loss_class_name_is_an_instance(twins: Any, name: str) -> None:
    twins.same(lambda lib: [lib.losses.get(name).name, lib.losses.get(name)(BITS, PROBABILITIES)])


@pytest.mark.parametrize("name", ["MeanSquaredError", "MeanAbsoluteError", "BinaryCrossentropy"])
@pytest.mark.parametrize("column", ["y_true", "y_pred", "both"])
def test_vector_against_column_does_not_broadcast(twins: Any, name: str, column: str) -> None:
    y_true, y_pred = BITS[:, 0], PROBABILITIES[:, 1]
    y_true = y_true if column == "y_pred" else y_true[:, None]
    y_pred = y_pred if column == "y_true" else y_pred[:, None]
    twins.same(lambda lib: getattr(lib.losses, name)()(y_true, y_pred))
    twins.same(lambda lib: getattr(lib.losses, name)(reduction=None)(y_true, y_pred, sample_weight=WEIGHTS))


@pytest.mark.parametrize("case", ["mse", "bce", "cce-smooth", "scce-logits"])
def test_sequence_targets_weighted_per_step(twins: Any, case: str) -> None:
    name, options, y_true, y_pred = CASES[case]
    y_true, y_pred = np.reshape(y_true, (2, 3, *y_true.shape[1:])), np.reshape(y_pred, (2, 3, 3))

    def recipe(lib: Any) -> Any:
        loss = getattr(lib.losses, name)(**options)
        per_step = loss(y_true, y_pred, sample_weight=WEIGHTS.reshape(2, 3))
        return [loss(y_true, y_pred), per_step, loss(y_true, y_pred, sample_weight=WEIGHTS[:2, None])]

    twins.same(recipe)


@pytest.mark.parametrize("case", ["bce", "cce-unnormalised", "scce-unnormalised"])
def test_certain_probabilities_are_clipped_like_keras(twins: Any, case: str) -> None:
    name, options, y_true, _ = CASES[case]
    certain = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]] * 3)
    twins.same(lambda lib: getattr(lib.losses, name)(reduction=None, **options)(y_true, certain))


@pytest.mark.parametrize("case", ["bce-logits", "bce-logits-smooth", "cce-logits", "cce-logits-smooth", "scce-logits"])
def test_extreme_logits_give_finite_keras_losses(twins: Any, case: str) -> None:
    name, options, y_true, _ = CASES[case]
    extreme = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, 1e4]] * 3)
    twins.same(lambda lib: getattr(lib.losses, name)(reduction=None, **options)(y_true, extreme))
    ours = getattr(twins.libs[1].losses, name)(reduction=None, **options)(y_true, extreme)
    assert np.isfinite(np.asarray(ours)).all()
