"""Losses and metrics as compile takes them, matched to outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, layers, losses, metrics
from denselite.models.objective import Objective
from denselite.regularizers import L2
from denselite.tree import LEAF, flatten

LIST = flatten([0, 0])[1]
ONE = ["out"], LEAF, [(5, 3)], [(5, 3)]
TWO = ["a", "b"], LIST, [(5, 3), (5, 1)], [(5, 3), (5, 1)]


def objective(*matched: Any, loss: Any = "mse", **arguments: Any) -> Objective:
    made = Objective(loss, arguments.get("loss_weights"), arguments.get("metrics"), arguments.get("weighted_metrics"))
    made.match(*(matched or ONE))
    return made


def names_of(made: Objective) -> list[str]:
    return list(made.named_metrics)


@pytest.mark.parametrize(
    ("targets", "outputs", "kind"),
    [
        ((5, 1), (5, 1), metrics.BinaryAccuracy),
        ((5,), (5, 3), metrics.SparseCategoricalAccuracy),
        ((5, 1), (5, 3), metrics.SparseCategoricalAccuracy),
        ((5, 3), (5, 3), metrics.CategoricalAccuracy),
    ],
)
def test_accuracy_is_told_by_the_shapes(targets: Any, outputs: Any, kind: type) -> None:
    made = objective(["out"], LEAF, [targets], [outputs], metrics=["accuracy"])
    assert type(made.named_metrics["accuracy"]) is kind


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["mae"], ["loss", "mae"]),
        (["acc"], ["loss", "acc"]),
        ([metrics.MeanAbsoluteError()], ["loss", "mean_absolute_error"]),
        ([metrics.MeanAbsoluteError(name="mine")], ["loss", "mine"]),
        ([["mae"]], ["loss", "mae"]),
        ({"out": "mae"}, ["loss", "mae"]),
        (["mae", "mae"], ["loss", "mae", "mae_1"]),
        ([["mae"], ["mse"]], ["loss", "mae", "mse"]),
        ({"any": "mae"}, ["loss", "mae"]),  # as in Keras, all metrics are for the one output
        ([losses.MeanSquaredError(name="mine")], ["loss", "mine"]),
        ([lambda y_true, y_pred: y_pred], ["loss", "lambda"]),
    ],
)
def test_log_names_of_one_output(given: Any, names: list[str]) -> None:
    assert names_of(objective(metrics=given)) == names


@pytest.mark.parametrize(
    ("plain", "weighted", "names"),
    [
        (["mae"], ["mae"], ["mae", "weighted_mae"]),
        (["mae"], ["mae", "mae"], ["mae", "weighted_mae", "weighted_mae_1"]),
        (None, ["mae", "mae"], ["mae", "weighted_mae"]),
    ],
)
def test_weighted_metric_whose_name_is_taken_says_so(plain: Any, weighted: Any, names: list[str]) -> None:
    assert names_of(objective(metrics=plain, weighted_metrics=weighted)) == ["loss", *names]


def test_several_outputs_have_their_names_in_front() -> None:
    made = objective(*TWO, loss={"a": "mse", "b": "mae"}, metrics={"b": ["mae"]})
    assert names_of(made) == ["loss", "a_loss", "b_loss", "b_mae"]


@pytest.mark.parametrize("given", [["mse", None], {"a": "mse"}])
def test_output_without_a_loss_has_none(given: Any) -> None:
    made = objective(*TWO, loss=given)
    assert [len(goal.losses) for goal in made.goals] == [1, 0]
    assert names_of(made) == ["loss"]  # as in Keras, one loss has no line of its own


def test_several_losses_of_one_output_are_added_and_logged_by_their_names() -> None:
    made = objective(loss=["mse", losses.MeanAbsoluteError(name="mine")], loss_weights=[1.0, 0.5])
    assert [goal.weight for goal in made.goals[0].losses] == [1.0, 0.5]
    assert names_of(made) == ["loss", "mse_loss", "mine_loss"]


def test_several_losses_of_one_among_outputs_are_logged_under_its_name() -> None:
    made = objective(*TWO, loss=[["mse", "mae"], "mse"])
    assert [len(goal.losses) for goal in made.goals] == [2, 1]
    assert names_of(made) == ["loss", "a_loss", "b_loss"]
    assert made.result_order(dict.fromkeys(names_of(made), 0.0)) == ["loss", "a_loss", "a_loss", "b_loss"]


def test_output_in_a_container_is_logged_under_its_path() -> None:
    nested = flatten({"left": 0, "right": [0, 0]})[1]
    shapes = [(5, 1)] * 3
    made = objective(["a", "b", "c"], nested, shapes, shapes, loss="mse", metrics={"right": [["mae"], []]})
    assert names_of(made) == ["loss", "left_loss", "right/b_loss", "right/c_loss", "b_mae"]


@pytest.mark.parametrize(
    ("given", "found"),
    [(None, [1.0, 1.0]), ([2, 0.5], [2.0, 0.5]), ({"b": 3}, [1.0, 3.0]), (2.0, [2.0, 2.0]), ([[3], 1], [3.0, 1.0])],
)
def test_loss_weights_go_to_their_outputs(given: Any, found: list[float]) -> None:
    assert [goal.losses[0].weight for goal in objective(*TWO, loss_weights=given).goals] == found


def test_shapes_are_matched_once() -> None:
    made = objective(metrics=["accuracy"])
    kept = made.goals
    made.match(["out"], LEAF, [(5,)], [(5, 3)])
    assert made.goals is kept


def test_loss_object_is_used_as_it_is() -> None:
    loss = losses.MeanSquaredError()
    assert objective(loss=loss).goals[0].losses[0].loss is loss


def test_crossentropy_is_told_by_the_shapes() -> None:
    made = objective(["out"], LEAF, [(5,)], [(5, 3)], loss="crossentropy")
    (goal,) = made.goals[0].losses
    assert isinstance(goal.loss, losses.LossFunctionWrapper)
    assert (goal.loss.name, goal.loss.fn) == ("crossentropy", losses.sparse_categorical_crossentropy)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": ["mse"]}, r"loss has 1 entries, the model has 2 outputs: a, b\."),
        ({"loss": {"c": "mse"}}, r"loss names the output 'c', the model has a, b\."),
        ({"metrics": {"c": ["mae"]}}, r"metrics names the output 'c', the model has a, b\."),
        ({"loss_weights": {"c": 1.0}}, r"loss_weights names the output 'c', the model has a, b\."),
        ({"metrics": [["mae"]]}, r"metrics has 1 entries"),
        ({"loss_weights": [[1.0, 2.0], 1.0]}, r"loss_weights has 2 entries for output 'a', loss has 1\."),
    ],
)
def test_what_fits_no_output_is_refused(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        objective(*TWO, **arguments)


def test_output_with_a_goal_needs_a_target_also_when_it_had_one_before() -> None:
    made = objective(*TWO, loss={"a": "mse"})
    made.match(["a", "b"], LIST, [(5, 3), None], [(5, 3), (5, 1)])
    with pytest.raises(ValueError, match=r"gave output 'a' a loss or metrics, and there is no target y"):
        made.match(["a", "b"], LIST, [None, (5, 1)], [(5, 3), (5, 1)])


def test_total_is_the_weighted_sum_with_penalties() -> None:
    """Outputs 3 and 4 for targets 0: 9·2 + 4·0.5, and 0.1·(3² + 4²) of the kernels: 18 + 2 + 2.5 = 22.5."""
    inputs = Input((1,))
    first = layers.Dense(1, use_bias=False, kernel_regularizer=L2(0.1), name="first")
    second = layers.Dense(1, use_bias=False, kernel_regularizer=L2(0.1), name="second")
    model = Model(inputs, [first(inputs), second(inputs)])
    model.compile("sgd", ["mse", "mae"], loss_weights=[2.0, 0.5])
    model.set_weights([np.full((1, 1), 3.0), np.full((1, 1), 4.0)])
    logs = model.evaluate(np.ones((6, 1)), [np.zeros(6), np.zeros(6)], return_dict=True, verbose=0)
    assert logs == pytest.approx({"first_loss": 9.0, "loss": 22.5, "second_loss": 4.0}, rel=1e-6)


def test_metric_of_several_results_logs_each() -> None:
    class Ends(metrics.Metric):
        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None: ...

        def result(self) -> Any:
            return {"low": np.float32(0.25), "high": np.array([1.0, 2.0])}

    logs = objective(metrics=[Ends()]).logs()
    assert list(logs) == ["high", "loss", "low"]
    assert (logs["low"], logs["high"].tolist()) == (0.25, [1.0, 2.0])
