"""Metrics beside their numbers: arguments, names, strings, functions, mistakes, and their place in training."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from tests.parity.metric_cases import (
    ARGUMENTS,
    BITS,
    CLASSES,
    COUNTS,
    LABELS,
    MAPS,
    ONE_HOT,
    OTHER,
    REAL,
    SCORES,
    SHARES,
    SIGNS,
    WEIGHTS,
    plain,
)


def test_every_public_name_of_keras_is_here(twins: Any) -> None:
    keras, denselite = twins.libs
    assert {name for name in dir(keras.metrics) if not name.startswith("_")} - set(dir(denselite.metrics)) == set()


@pytest.mark.parametrize("name", [*CLASSES, "Mean", "Sum", "BinaryAccuracy", "MeanMetricWrapper"])
def test_arguments_their_order_and_defaults_are_keras(twins: Any, name: str) -> None:
    def recipe(lib: Any) -> Any:
        parameters = inspect.signature(getattr(lib.metrics, name)).parameters.values()
        shown = [(p.name, "required" if p.default is inspect.Parameter.empty else p.default) for p in parameters]
        return [(key, list(value) if isinstance(value, tuple) else value) for key, value in shown]

    twins.same(recipe)


POSITIONAL: dict[str, tuple[Any, ...]] = {
    "Mean": ("m", "float32"),
    "MeanSquaredError": ("m", "float32"),
    "BinaryAccuracy": ("m", None, 0.3),
    "BinaryCrossentropy": ("m", None, True, 0.1),
    "CosineSimilarity": ("m", None),
    "PearsonCorrelation": ("m", None, 1),
    "TopKCategoricalAccuracy": (3, "m"),
    "SparseTopKCategoricalAccuracy": (3, "m", None, True),
    "Precision": (0.3, 2, 1, "m", "float32"),
    "TruePositives": ([0.1, 0.2], "m"),
    "PrecisionAtRecall": (0.3, 50, 1, "m"),
    "AUC": (50, "PR", "minoring", "m", None, [0.5], True, 3),
    "F1Score": ("micro", 0.5, "m"),
    "FBetaScore": ("macro", 2.0, 0.5, "m"),
    "IoU": (3, [0, 1], "m", None, 2, True, False, 1),
    "BinaryIoU": ([1], 0.3, "m"),
    "MeanIoU": (3, "m", None, 1, False),
    "OneHotIoU": (3, [0], "m", None, 1, True),
    "OneHotMeanIoU": (3, "m", None, 1, True, 1),
    "R2Score": (None, 2, "m"),
}


@pytest.mark.parametrize("name", POSITIONAL)
def test_arguments_given_by_position_are_keras(twins: Any, name: str) -> None:
    twins.same(lambda lib: plain(getattr(lib.metrics, name)(*POSITIONAL[name]).get_config()))


STRINGS = [
    name for name in CLASSES if not {"IoU", "At"} & set(name.replace("At", " At ").replace("IoU", " IoU").split())
]


@pytest.mark.parametrize("name", STRINGS)
def test_class_name_and_snake_case_are_strings(twins: Any, name: str) -> None:
    def snake(lib: Any) -> str:
        known = {"AUC": "auc", "R2Score": "r2_score", "F1Score": "f1_score", "KLDivergence": "kl_divergence"}
        return known.get(name) or "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")

    def recipe(lib: Any) -> Any:
        return [type(lib.metrics.get(string)).__name__ for string in (name, snake(lib))]

    twins.same(recipe)


@pytest.mark.parametrize("string", ["mape", "MAPE", "msle", "MSLE", "bce", "BCE", "f_beta_score", "log_cosh_error"])
def test_short_strings_are_keras(twins: Any, string: str) -> None:
    twins.same(lambda lib: [type(lib.metrics.get(string)).__name__, lib.metrics.get(string).name])


@pytest.mark.parametrize("string", ["rmse", "kld", "huber", "log_cosh", "f1", "iou", "cosine", "acc"])
def test_what_is_no_string_of_keras_is_refused(twins: Any, string: str) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match=string):
            lib.metrics.get(string)


UNNAMED = ["AUC", "Precision", "Recall", "TruePositives", "FalseNegatives", "BinaryIoU"]


def steps(names: list[str]) -> list[Any]:
    """The first name without its number, and how many numbers each name is after the first: 0, 1, 2 if counted."""
    stem = names[0].rstrip("0123456789").rstrip("_")
    numbers = [int(name.removeprefix(stem).lstrip("_") or 0) for name in names]
    return [stem, *(number - numbers[0] for number in numbers)]


@pytest.mark.parametrize("name", [*UNNAMED, "MeanSquaredError", "FBetaScore", "LogCoshError"])
def test_names_are_counted_over_the_process_where_keras_counts(twins: Any, name: str) -> None:
    twins.same(lambda lib: steps([getattr(lib.metrics, name)().name for _ in range(3)]))


def test_own_metric_is_named_after_its_class_and_counted(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        class TwoThings(lib.metrics.Metric):  # type: ignore[name-defined,misc]
            pass

        return [*steps([TwoThings().name, TwoThings().name]), TwoThings(name="mine").name]

    twins.same(recipe)


def test_metrics_named_by_strings_are_counted_once_a_model(twins: Any) -> None:
    """A string's own log name stays; the object behind it takes a number, so the next one has another."""

    def recipe(lib: Any) -> Any:
        before = lib.metrics.Recall().name
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(4, activation="sigmoid")])
        twins.compile(lib, model, metrics=["Recall", lib.metrics.Precision])
        logs = model.evaluate(SCORES[:6], BITS[:6], verbose=0, return_dict=True)
        return [steps([before, lib.metrics.Recall().name]), [name.rstrip("_0123456789") for name in logs]]

    twins.same(recipe)


FUNCTIONS: dict[str, tuple[Any, Any]] = {
    "mean_absolute_percentage_error": (REAL, OTHER),
    "mean_squared_logarithmic_error": (COUNTS, SCORES),
    "log_cosh": (REAL, OTHER),
    "huber": (REAL, OTHER),
    "kl_divergence": (SHARES, SHARES[::-1].copy()),
    "poisson": (COUNTS, SCORES),
    "hinge": (SIGNS, REAL),
    "squared_hinge": (SIGNS, REAL),
    "categorical_hinge": (ONE_HOT, REAL),
    "binary_focal_crossentropy": (BITS, SCORES),
    "categorical_focal_crossentropy": (ONE_HOT, SHARES),
    "pearson_correlation": (REAL, OTHER),
    "concordance_correlation": (REAL, OTHER),
    "top_k_categorical_accuracy": (np.eye(8)[LABELS], np.tile(SCORES, 2)),
    "sparse_top_k_categorical_accuracy": (LABELS, np.tile(SCORES, 2)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_is_exported_and_gives_keras_values(twins: Any, name: str) -> None:
    twins.same(lambda lib: np.asarray(getattr(lib.metrics, name)(*FUNCTIONS[name])))


def test_functions_on_more_axes_give_a_value_for_each_row(twins: Any) -> None:
    scores = np.round(np.random.default_rng(2).random((2, 3, 6)), 1)
    labels = np.array([[0, 5, 2], [3, 3, 1]])

    def recipe(lib: Any) -> Any:
        return [
            np.asarray(lib.metrics.sparse_top_k_categorical_accuracy(labels, scores, k=2)),
            np.asarray(lib.metrics.top_k_categorical_accuracy(np.eye(6)[labels], scores, k=3)),
            np.asarray(lib.metrics.pearson_correlation(scores, scores[::-1], axis=1)),
        ]

    twins.same(recipe)


@pytest.mark.parametrize("name", ["Mean", "Precision", "AUC", "RootMeanSquaredError"])
def test_stateless_api_is_keras(twins: Any, name: str) -> None:
    def recipe(lib: Any) -> Any:
        metric = getattr(lib.metrics, name)()
        data = (SCORES,) if name == "Mean" else (BITS, SCORES)
        values = metric.stateless_update_state([np.ones(v.shape) for v in metric.variables], *data)
        twice = metric.stateless_update_state(values, *data)
        found = [np.asarray(value) for value in (*values, *twice, *metric.stateless_reset_state())]
        return [found, np.asarray(metric.stateless_result(twice)), np.asarray(metric.result())]

    twins.same(recipe)


def test_wrapper_writes_its_function_as_keras_does(twins: Any) -> None:
    def recipe(lib: Any) -> Any:
        metric = lib.metrics.MeanMetricWrapper(lib.losses.mean_squared_error, name="m")
        return plain(metric.get_config())

    twins.same(recipe)


MISTAKES: dict[str, tuple[str, dict[str, Any], tuple[Any, Any] | None]] = {
    "threshold above 1": ("Precision", {"thresholds": 1.5}, None),
    "one threshold below 0": ("TruePositives", {"thresholds": [0.5, -0.1]}, None),
    "recall above 1": ("PrecisionAtRecall", {"recall": 1.5}, None),
    "no thresholds": ("SensitivityAtSpecificity", {"specificity": 0.5, "num_thresholds": 0}, None),
    "one threshold": ("AUC", {"num_thresholds": 1}, None),
    "labels of one curve": ("AUC", {"num_labels": 3}, None),
    "unknown curve": ("AUC", {"curve": "lift"}, None),
    "unknown method": ("AUC", {"summation_method": "sum"}, None),
    "unknown average": ("F1Score", {"average": "mean"}, None),
    "beta 0": ("FBetaScore", {"beta": 0.0}, None),
    "threshold 0": ("FBetaScore", {"threshold": 0.0}, None),
    "target class beyond": ("IoU", {"num_classes": 2, "target_class_ids": [2]}, None),
    "unknown aggregation": ("R2Score", {"class_aggregation": "median"}, None),
    "negative regressors": ("R2Score", {"num_regressors": -1}, None),
    "one axis for f1": ("F1Score", {}, (BITS[:, 0], SCORES[:, 0])),
    "one axis for r2": ("R2Score", {}, (REAL[:, 0], OTHER[:, 0])),
    "one axis for a class": ("Recall", {"class_id": 0}, (BITS[:, 0], SCORES[:, 0])),
    "three axes for labels": ("AUC", {"multi_label": True}, (MAPS, MAPS)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_keras_refuses_is_refused(twins: Any, mistake: str) -> None:
    name, options, data = MISTAKES[mistake]
    for lib in twins.libs:
        with pytest.raises(ValueError):  # noqa: PT011 (the words are each library's own)
            getattr(lib.metrics, name)(**options).update_state(*(data or ()))


COMPILED: list[tuple[str, dict[str, Any]]] = [
    ("AUC", {"num_thresholds": 9}),
    ("Recall", {"top_k": 2}),
    ("F1Score", {"average": "macro"}),
    ("R2Score", {}),
    ("OneHotMeanIoU", {"num_classes": 4}),
]


def test_metrics_within_fit_and_evaluate_are_keras(twins: Any) -> None:
    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(4, activation="sigmoid")])
        made = [getattr(lib.metrics, name)(**options, name=name) for name, options in COMPILED]
        weighted = [getattr(lib.metrics, name)(**options, name=f"w{name}") for name, options in COMPILED[:3]]
        return twins.compile(lib, model, metrics=[*made, "KLDivergence", "F1Score"], weighted_metrics=weighted)

    def run(model: Any) -> Any:
        history = model.fit(REAL, ONE_HOT, sample_weight=WEIGHTS, batch_size=6, shuffle=False, verbose=0)
        judged = model.evaluate(OTHER, ONE_HOT, batch_size=6, verbose=0)
        return [history.history, [np.asarray(value) for value in judged]]

    twins.train(build, run)


@pytest.mark.parametrize("name", [*CLASSES, "Mean", "Sum"])
def test_direction_is_keras(twins: Any, name: str) -> None:
    twins.same(lambda lib: getattr(getattr(lib.metrics, name)(**ARGUMENTS.get(name, {})), "_direction", None))
