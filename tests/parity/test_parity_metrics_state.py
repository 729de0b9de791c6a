"""Metrics over several updates: results, variables and configs are Keras'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.parity.metric_cases import BITS, CASES, WEIGHTS, WHOLE, plain


def numbers(metric: Any) -> list[Any]:
    return [np.asarray(metric.result()), *[np.asarray(variable.numpy()) for variable in metric.variables]]


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("case", CASES)
def test_result_and_state_after_each_update_are_keras(twins: Any, case: str, weighted: bool) -> None:
    name, options, y_true, y_pred = CASES[case]
    weights = WHOLE if "IoU" in name else WEIGHTS

    def recipe(lib: Any) -> Any:
        metric = getattr(lib.metrics, name)(**{"name": "m", **options})
        states = []
        for rows in (slice(0, 6), slice(6, 12)):  # of one size: Keras compiles for each
            metric.update_state(y_true[rows], y_pred[rows], sample_weight=weights[rows] if weighted else None)
            states.append(numbers(metric))
        named = [(variable.name, variable.path, list(variable.shape)) for variable in metric.variables]
        metric.reset_state()
        return [states, named, [np.asarray(variable.numpy()) for variable in metric.variables]]

    twins.same(recipe)


@pytest.mark.parametrize("case", CASES)
def test_config_is_keras_and_goes_round(twins: Any, case: str) -> None:
    name, options, *_ = CASES[case]
    if "label_weights" in options:
        pytest.skip("Keras writes an array, which its own JSON cannot take")

    def recipe(lib: Any) -> Any:
        metric = getattr(lib.metrics, name)(**{"name": "m", **options})
        config = metric.get_config()
        if name == "CosineSimilarity":
            config.pop("axis", None)  # Keras loses it
        again = lib.metrics.deserialize(lib.metrics.serialize(metric))
        return [plain(config), type(again).__name__, again.name]

    twins.same(recipe)


@pytest.mark.parametrize("case", ["auc", "auc-pr-Minoring", "precision-uneven", "recall-even", "sensitivity"])
def test_scores_on_a_threshold_fall_on_the_same_side_in_float32(twins32: Any, case: str) -> None:
    name, options, *_ = CASES[case]
    scores = (np.arange(404).reshape(101, 4) % 101 / 100).astype("float32")
    true = np.tile(BITS, (9, 1))[:101]
    even = {"num_thresholds": 101} if case in ("auc", "sensitivity") else {}  # the scores are the thresholds

    def recipe(lib: Any) -> Any:
        metric = getattr(lib.metrics, name)(**{**options, **even})
        metric.update_state(true, scores)
        return numbers(metric)

    twins32.same(recipe)
