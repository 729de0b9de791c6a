from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import losses, metrics
from denselite.errors import ArgumentError, ShapeError, StateError, UnknownNameError
from denselite.graph.graph import BATCH, trace_graph
from denselite.layers import Masking
from denselite.program.program import Program

LABELS = np.array([1, 0, 2, 2])
ONE_HOT = np.eye(3)[LABELS]
P = np.array([[0.1, 0.7, 0.2], [0.5, 0.2, 0.4], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]], "float32")
WEIGHTS = np.array([0.5, 1.0, 2.0, 0.0])

# Oracle: keras.metrics on JAX (3.15.1), float32, after two updates of three rows and one; plain and weighted.
CASES: dict[str, tuple[tuple[Any, ...], float, float]] = {
    "Mean": ((P,), 0.341667, 0.342857),
    "Sum": ((P,), 4.1, 3.6),
    "Accuracy": ((LABELS, np.array([1, 1, 2, 0])), 0.5, 0.714286),
    "BinaryAccuracy": ((ONE_HOT, P), 0.666667, 0.52381),
    "CategoricalAccuracy": ((ONE_HOT, P), 0.75, 0.428571),
    "SparseCategoricalAccuracy": ((LABELS, P), 0.75, 0.428571),
    "MeanSquaredError": ((ONE_HOT, P), 0.260833, 0.430476),
    "MeanAbsoluteError": ((ONE_HOT, P), 0.408333, 0.514286),
    "RootMeanSquaredError": ((ONE_HOT, P), 0.510718, 0.656107),
    "BinaryCrossentropy": ((ONE_HOT, P), 2.983535, 6.275302),
    "CategoricalCrossentropy": ((ONE_HOT, P), 4.54488, 9.486567),
    "SparseCategoricalCrossentropy": ((LABELS, P), 4.54488, 9.486567),
}


@pytest.mark.parametrize("name", CASES)
def test_result_over_two_batches_is_keras(name: str) -> None:
    arrays, plain, weighted = CASES[name]
    for weights, expected in ((None, plain), (WEIGHTS, weighted)):
        metric = getattr(metrics, name)()
        for rows in (slice(0, 3), slice(3, 4)):
            cut = [array[rows] for array in arrays]
            metric.update_state(*cut, sample_weight=None if weights is None else weights[rows])
        assert float(metric.result()) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("name", CASES)
def test_names_are_keras(name: str) -> None:
    made = metrics.get(name)
    assert isinstance(metrics.get(made.name), type(made))
    assert metrics.get(type(made)).name == made.name


@pytest.mark.parametrize(
    ("string", "cls"),
    [
        ("mse", "MeanSquaredError"),
        ("MSE", "MeanSquaredError"),
        ("mae", "MeanAbsoluteError"),
        ("bce", "BinaryCrossentropy"),
    ],
)
def test_short_names_are_classes(string: str, cls: str) -> None:
    assert type(metrics.get(string)).__name__ == cls


def test_direction_says_what_is_better() -> None:
    assert metrics.SparseCategoricalAccuracy()._direction == "up"
    assert metrics.MeanSquaredError()._direction == "down"
    assert metrics.Mean()._direction is None
    assert metrics.MeanMetricWrapper(losses.mean_squared_error)._direction == "down"
    assert metrics.MeanMetricWrapper(metrics.binary_accuracy)._direction is None


def test_threshold_itself_is_a_no() -> None:
    assert float(metrics.BinaryAccuracy()([0.0, 1.0], [0.5, 0.5])) == 0.5


def test_tied_scores_choose_the_first_class() -> None:
    assert float(metrics.SparseCategoricalAccuracy()([0, 1], np.full((2, 3), 0.5))) == 0.5


@pytest.mark.parametrize(
    ("y_true", "y_pred", "expected"),
    [
        ((None,), (None, 1), "BinaryAccuracy"),
        ((None, 3), (None, 1), "BinaryAccuracy"),
        ((None,), (None, 3), "SparseCategoricalAccuracy"),
        ((None, 1), (None, 3), "SparseCategoricalAccuracy"),
        ((None, 3), (None, 3), "CategoricalAccuracy"),
        ((None, 5), (None, 5, 3), "SparseCategoricalAccuracy"),
    ],
)
def test_accuracy_follows_from_the_shapes(y_true: Any, y_pred: Any, expected: str) -> None:
    assert metrics.resolve_accuracy(y_true, y_pred).__name__ == expected


def test_total_of_many_small_values_stays_exact() -> None:
    metric = metrics.Sum(dtype="float32")
    metric.update_state(np.float32(1 << 24))
    for _ in range(10):
        metric.update_state(np.float32(1.0))  # a float32 total would not move
    assert float(metric.result()) == (1 << 24) + 10


def test_result_does_not_change_with_later_updates() -> None:
    metric = metrics.Sum()
    first = metric([1.0, 2.0])
    metric.update_state([4.0])
    assert float(first) == 3.0


def test_config_has_keras_keys() -> None:
    assert metrics.BinaryAccuracy(threshold=0.3).get_config() == {
        "name": "binary_accuracy",
        "dtype": "float32",
        "threshold": 0.3,
    }


@pytest.mark.parametrize("function", [metrics.binary_accuracy, losses.mean_absolute_error])
def test_wrapper_of_a_known_function_goes_round(function: Any) -> None:
    again = metrics.deserialize(metrics.serialize(metrics.MeanMetricWrapper(function, name="m")))
    assert (again.fn, again.name) == (function, "m")


def test_wrapper_passes_arguments_on() -> None:
    metric = metrics.MeanMetricWrapper(metrics.binary_accuracy, threshold=0.8)
    assert float(metric([1.0, 1.0], [0.7, 0.9])) == 0.5
    assert metric.get_config()["threshold"] == 0.8


def test_functions_give_a_value_a_sample() -> None:
    assert metrics.binary_accuracy(ONE_HOT, P)[2].tolist() == [1.0, 0.0, 0.0]
    assert metrics.categorical_accuracy(ONE_HOT, P).tolist() == [1.0, 1.0, 0.0, 1.0]
    assert metrics.sparse_categorical_accuracy(LABELS[:, None], P).tolist() == [1.0, 1.0, 0.0, 1.0]
    assert metrics.sparse_categorical_accuracy(LABELS, P).dtype == np.float32


class Extremes(metrics.Metric):
    """A metric written as in Keras, which holds another one."""

    def __init__(self, scale: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.largest = self.add_weight(name="largest")
        self.mean = metrics.Mean()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.largest.assign(np.maximum(self.largest, np.max(y_pred) * self.scale))
        self.mean.update_state(y_pred)

    def result(self) -> Any:
        return {"largest": self.largest * 1.0, "mean": self.mean.result()}


def test_own_metric_tracks_state_and_inner_metrics() -> None:
    metric = Extremes(2.0, name="e")
    assert [variable.path for variable in metric.variables] == ["e/largest", "mean/total", "mean/count"]
    found = metric(np.zeros(2), np.array([1.0, 4.0]))
    assert {name: float(value) for name, value in found.items()} == {"largest": 8.0, "mean": 2.5}
    metric.reset_state()
    assert [float(variable) for variable in metric.variables] == [0.0, 0.0, 0.0]
    assert Extremes.from_config(metric.get_config()).scale == 2.0


def test_own_metric_is_traced_as_it_is_written() -> None:
    metric = Extremes()
    specs = {"y": ((BATCH,), np.dtype("float32"))}
    graph = trace_graph(lambda _, inputs: metric.update_state(inputs["y"], inputs["y"]) or [], specs)
    with Program(graph).lease(3) as step:
        step.inputs["y"][...] = [1.0, 5.0, 3.0]
        step()
        for commit in step.commit:
            commit()
    assert [float(variable) for variable in metric.variables] == [5.0, 9.0, 3.0]


def test_accuracy_in_a_step_is_a_handful_of_calls() -> None:
    metric = metrics.SparseCategoricalAccuracy()
    specs: Any = {"y": ((BATCH,), np.dtype("int64")), "p": ((BATCH, 10), np.dtype("float32"))}
    graph = trace_graph(lambda _, inputs: metric.update_state(inputs["y"], inputs["p"]) or [], specs)
    with Program(graph).lease(32) as step:
        assert len(step.calls) <= 6  # argmax, equal, sum, two additions, the batch size


def test_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown metric 'binary_acuracy'\. Did you mean 'binary_accuracy'\?"):
        metrics.get("binary_acuracy")


def test_misspelt_attribute_gets_the_near_one() -> None:
    with pytest.raises(AttributeError, match=r"no attribute 'Presision'\. Did you mean 'Precision'\?"):
        _ = metrics.Presision


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"sparse_categorical_accuracy expects targets of shape \(batch,\)"):
        metrics.SparseCategoricalAccuracy()(ONE_HOT, P)
    with pytest.raises(ShapeError, match=r"categorical_accuracy .* Use sparse_categorical_accuracy"):
        metrics.CategoricalAccuracy()(LABELS, P)


def test_base_says_what_is_missing() -> None:
    with pytest.raises(StateError, match=r"Metric has no update_state\(\)"):
        metrics.Metric().update_state(ONE_HOT, P)
    with pytest.raises(StateError, match=r"Metric has no result\(\)"):
        metrics.Metric().result()


def test_stateless_calls_want_a_value_for_each_variable() -> None:
    with pytest.raises(ArgumentError, match=r"^Mean has 2 variables and takes a value for each, got 1\.$"):
        metrics.Mean().stateless_result([np.zeros(())])


def test_stateless_update_of_a_metric_without_state_yet_leaves_it_empty() -> None:
    metric = metrics.F1Score()
    values = metric.stateless_update_state([], ONE_HOT, P)
    assert [value.shape for value in values] == [(3,)] * 4
    assert not any(np.any(variable) for variable in metric.variables)


def test_variable_made_in_a_step_lasts() -> None:
    metric = metrics.F1Score(average="micro")
    specs: Any = {"y": ((BATCH, 3), np.dtype("float32")), "p": ((BATCH, 3), np.dtype("float32"))}
    graph = trace_graph(lambda _, inputs: metric.update_state(inputs["y"], inputs["p"]) or [], specs)
    with Program(graph).lease(4) as step:
        step.inputs["y"][...], step.inputs["p"][...] = ONE_HOT, P
        step()
        for commit in step.commit:
            commit()
    assert float(metric.true_positives) == 3.0


def test_aggregation_is_taken_and_changes_nothing() -> None:
    metric = metrics.Metric()
    variable = metric.add_variable((2,), "ones", None, "mean", "v")
    assert (variable.name, variable.numpy().tolist()) == ("v", [1.0, 1.0])


def test_root_mean_squared_error_leaves_out_what_is_masked_like_the_other_metrics() -> None:
    """Keras 3.15 counts it: its square of the error has lost the mask."""
    y_pred = Masking()(np.array([[[3.0], [0.0], [3.0]]]))
    assert float(metrics.RootMeanSquaredError()([[[1.0], [5.0], [1.0]]], y_pred)) == 2.0
