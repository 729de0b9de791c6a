"""Metrics as objects: running state over several updates is Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(11)
LABELS = RNG.integers(0, 3, 12)
ONE_HOT = np.eye(3)[LABELS]
BITS = (RNG.random((12, 1)) > 0.5).astype(float)
SCORES = RNG.random((12, 3))
SCORE = np.round(RNG.random((12, 1)), 1)  # rounded, so that some lie exactly on the threshold
REAL = RNG.normal(size=(12, 3))
WEIGHTS = RNG.random(12)

CASES: dict[str, tuple[str, dict[str, Any], Any, Any]] = {
    "binary-accuracy": ("BinaryAccuracy", {}, BITS, SCORE),
    "binary-accuracy-wide": ("BinaryAccuracy", {}, ONE_HOT, SCORES),
    "binary-accuracy-threshold": ("BinaryAccuracy", {"threshold": 0.3}, BITS, SCORE),
    "categorical-accuracy": ("CategoricalAccuracy", {}, ONE_HOT, SCORES),
    "sparse-accuracy": ("SparseCategoricalAccuracy", {}, LABELS, SCORES),
    "sparse-accuracy-column": ("SparseCategoricalAccuracy", {}, LABELS[:, None], SCORES),
    "sparse-accuracy-float-labels": ("SparseCategoricalAccuracy", {}, LABELS.astype(float), SCORES),
    "mse": ("MeanSquaredError", {}, REAL, SCORES),
    "mae": ("MeanAbsoluteError", {}, REAL, SCORES),
    "mse-vector-column": ("MeanSquaredError", {}, REAL[:, 0], SCORE),
}


def state(metric: Any) -> list[Any]:
    return [float(metric.result()), *[np.asarray(variable.numpy()) for variable in metric.variables]]


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("case", CASES)
def test_state_after_each_update_is_keras(twins: Any, case: str, weighted: bool) -> None:
    name, options, y_true, y_pred = CASES[case]

    def recipe(lib: Any) -> Any:
        metric = getattr(lib.metrics, name)(**options)
        states = []
        for rows in (slice(0, 5), slice(5, 10), slice(10, 12)):
            metric.update_state(y_true[rows], y_pred[rows], sample_weight=WEIGHTS[rows] if weighted else None)
            states.append(state(metric))
        metric.reset_state()
        return [*states, state(metric), metric.name]

    twins.same(recipe)


def test_calling_a_metric_updates_it_and_returns_the_running_result(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        metric = lib.metrics.MeanAbsoluteError(name="m")
        return [float(metric(REAL[:4], SCORES[:4])), float(metric(REAL[4:], SCORES[4:])), metric.name]

    twins.same(recipe)


@pytest.mark.parametrize("y_true", [LABELS % 2, ONE_HOT[:, :2]], ids=["sparse", "one-hot"])
def test_tied_scores_choose_the_first_class(twins: Any, y_true: Any) -> None:
    name = "CategoricalAccuracy" if y_true.ndim == 2 else "SparseCategoricalAccuracy"
    tied = np.full((12, 2), 0.5)

    def recipe(lib: Any) -> float:
        metric = getattr(lib.metrics, name)()
        metric.update_state(y_true, tied)
        return float(metric.result())

    twins.same(recipe)


STRINGS = [
    "mse",
    "MSE",
    "mae",
    "MAE",
    "mean_squared_error",
    "MeanSquaredError",
    "mean_absolute_error",
    "binary_accuracy",
    "BinaryAccuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
]


@pytest.mark.parametrize("string", STRINGS)
def test_metric_string_names_what_keras_names(twins: Any, string: str) -> None:
    y_true = LABELS if "sparse" in string else ONE_HOT

    def recipe(lib: Any) -> Any:
        found = lib.metrics.get(string)
        if isinstance(found, lib.metrics.Metric):
            found.update_state(y_true, SCORES)
            return [found.name, float(found.result())]
        return np.asarray(found(y_true, SCORES))

    twins.same(recipe)
