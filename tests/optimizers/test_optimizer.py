from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers, optimizers
from denselite.errors import ArgumentError, ScheduledRateError, StateError, UncoveredError, UnknownNameError
from denselite.optimizers import SGD, Adam, Ftrl, Lion, Muon, Optimizer, RMSprop
from denselite.optimizers.optimizer import Rate, Slot
from denselite.tensor.variable import Variable


class SignSGD(Optimizer):
    learning_rate: Rate = 0.125

    def update(self, w: Any, g: Any, lr: Any, step: Any) -> Any:
        return {"w": w - lr * np.sign(g)}


class Averaging(Optimizer):
    """A rule with a slot, a scalar that follows from the step, and a branch-free limit."""

    learning_rate: float = 1.0

    def slots(self) -> dict[str, float]:
        return {"mean": 2.0}

    def update(self, w: Any, g: Any, lr: Any, step: Any, mean: Any) -> Any:
        mean = mean + (g - mean) / step
        return {"w": w - lr * np.clip(mean, -1.0, 1.0), "mean": mean}


class Normalized(Optimizer):
    """A rule that needs a whole weight, with a slot of its own shape, one that not all have, and a counter."""

    elementwise = False
    interleaved = ("rows",)
    learning_rate: Rate = 1.0

    def slots(self) -> Mapping[str, Slot]:
        return {"rows": lambda v: np.ones(v.shape[:1]), "seen": lambda v: np.zeros(()) if v.ndim > 1 else None}

    def counters(self) -> Mapping[str, float]:
        return {"halved": 8.0}

    def count(self, step: Any, **counters: Any) -> Mapping[str, Any]:
        return {"halved": counters["halved"] / 2 + step}

    def decay_of(self, variable: Variable) -> float | None:
        return self.weight_decay if variable.ndim > 1 else None

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Any:
        new = {"w": w - lr * slots["halved"] * g / np.max(np.abs(g))}
        if "seen" in slots:
            new["rows"] = slots["rows"] + np.sum(g, axis=1)
            new["seen"] = slots["seen"] + step
        return new


def weight(*values: float, name: str = "w") -> Variable:
    return Variable(np.array(values, "float64"), name=name)


def test_rule_of_three_lines_is_an_optimizer() -> None:
    w = weight(1.0, 2.0)
    SignSGD().apply([np.array([3.0, -0.1])], [w])
    assert w.numpy().tolist() == [0.875, 2.125]


def test_rule_of_three_lines_trains_a_model() -> None:
    x = np.random.default_rng(1).normal(size=(64, 2))
    model = Sequential([Input((2,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(SignSGD(0.0625), "mse")
    history = model.fit(x, x[:, :1], epochs=40, verbose=0)
    assert history.history["loss"][-1] < 0.1 * history.history["loss"][0]


def test_slots_and_the_step_are_the_rules_to_use() -> None:
    w, optimizer = weight(0.0), Averaging()
    # mean = 2 + (0.5 - 2)/1 = 0.5, w = -0.5; mean = 0.5 + (3.5 - 0.5)/2 = 2, limited to 1: w = -1.5
    optimizer.apply([np.array([0.5])], [w])
    optimizer.apply([np.array([3.5])], [w])
    assert w.numpy().tolist() == [-1.5]
    assert [(v.name, v.numpy().tolist()) for v in optimizer.variables] == [
        ("iteration", 2), ("learning_rate", 1.0), ("w_mean", [2.0]),
    ]  # fmt: skip


def test_rule_on_whole_weights_sees_their_shape_their_slots_and_the_counters() -> None:
    matrix, vector = Variable(np.array([[2.0, 4.0]]), name="m"), weight(1.0, name="v")
    optimizer = Normalized(weight_decay=0.5)
    # halved = 8/2 + 1 = 5: m = 0.5·(2, 4) - 5·(1, 2)/2, v without decay 1 - 5·3/3; then 5/2 + 2 = 4.5, with no change
    optimizer.apply([np.array([[1.0, 2.0]]), np.array([3.0])], [matrix, vector])
    assert (matrix.numpy().tolist(), vector.numpy().tolist()) == ([[-1.5, -3.0]], [-4.0])
    optimizer.apply([np.array([[-4.0, 0.0]]), np.array([1.0])], [matrix, vector])
    assert (matrix.numpy().tolist(), vector.numpy().tolist()) == ([[3.75, -1.5]], [-8.5])
    assert [(v.name, v.numpy().tolist()) for v in optimizer.variables[2:]] == [
        ("m_rows", [0.0]), ("v_rows", [1.0]), ("m_seen", 3.0), ("halved", 4.5),
    ]  # fmt: skip


def test_counters_are_counted_once_a_step_whatever_the_dtypes() -> None:
    single, double = Variable(np.ones((1, 1), "f4"), name="s"), Variable(np.ones((1, 1), "f8"), name="d")
    optimizer = Normalized()
    optimizer.apply([np.ones((1, 1)), np.ones((1, 1))], [single, double])
    assert (float(single.numpy()[0, 0]), float(double.numpy()[0, 0])) == (-4.0, -4.0)
    assert (optimizer.variables[-1].dtype.name, float(optimizer.variables[-1])) == ("float32", 5.0)


def test_rate_is_read_and_assigned_as_a_variable() -> None:
    optimizer, w = SGD(0.5), weight(1.0)
    assert float(optimizer.learning_rate) == 0.5
    optimizer.apply([np.ones(1)], [w])
    optimizer.learning_rate = 0.25
    optimizer.apply([np.ones(1)], [w])
    optimizer.learning_rate.assign(0.125)
    optimizer.apply([np.ones(1)], [w])
    assert w.numpy().tolist() == [0.125]
    assert optimizer.get_config()["learning_rate"] == 0.125


def test_assigned_rate_reaches_a_planned_step() -> None:
    model = Sequential([Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(SGD(0.5), "mae")
    steps = []
    for rate in (0.5, 0.25, 0.0):
        model.optimizer.learning_rate = rate
        before = model.get_weights()[0][0, 0]
        model.train_on_batch(np.ones((1, 1)), np.full((1, 1), 100.0))  # the gradient is -1
        steps.append(float(model.get_weights()[0][0, 0] - before))
    assert steps == [0.5, 0.25, 0.0]


def test_scheduled_rate_is_read_and_cannot_be_assigned() -> None:
    optimizer, w = SGD(optimizers.schedules.ExponentialDecay(0.5, 1, 0.5)), weight(1.0)
    assert optimizer.learning_rate == 0.5
    optimizer.apply([np.ones(1)], [w])
    assert optimizer.learning_rate == 0.25
    message = (
        r"^SGD has the schedule ExponentialDecay as its learning rate, which cannot be set to 0\.1\. Compile with a num"
    )
    for error in (ScheduledRateError, TypeError, StateError):
        with pytest.raises(error, match=message):
            optimizer.learning_rate = 0.1


def test_schedule_goes_round_in_the_config() -> None:
    again = optimizers.deserialize(optimizers.serialize(SGD(optimizers.schedules.ExponentialDecay(0.5, 1, 0.5))))
    assert again.get_config()["learning_rate"]["class_name"] == "ExponentialDecay"
    assert again.learning_rate == 0.5


def test_schedule_that_raises_leaves_weights_and_count_as_they_were() -> None:
    def broken() -> float:
        raise RuntimeError("no rate today")

    optimizer, w = SGD(broken), weight(1.0)
    with pytest.raises(RuntimeError, match="no rate today"):
        optimizer.apply([np.ones(1)], [w])
    assert (w.numpy().tolist(), int(optimizer.iterations)) == ([1.0], 0)


def test_variables_of_two_dtypes_are_each_updated_in_their_own() -> None:
    a, b = Variable(np.ones(3, "float32"), name="a"), Variable(np.ones(2, "float64"), name="b")
    optimizer = Adam(0.125, weight_decay=0.5)
    optimizer.apply([np.ones(3), np.ones(2)], [a, b])
    # decay 1 - 0.0625, then a first step of Adam: the learning rate, but for epsilon
    np.testing.assert_allclose(a.numpy(), 0.8125, rtol=5e-6)  # 1 - beta_2 is 0.001 with an error of 6e-8
    np.testing.assert_allclose(b.numpy(), 0.8125, rtol=1e-6)  # epsilon is 1e-7 beside 0.03
    assert {v.dtype.name for v in optimizer.variables[2:]} == {"float32", "float64"}


def test_norm_over_all_gradients_counts_those_of_two_dtypes_together() -> None:
    single, double = Variable(np.array([3.0], "f4")), Variable(np.array([4.0], "f8"))
    SGD(1.0, global_clipnorm=1.0).apply([np.array([3.0]), np.array([4.0])], [single, double])  # the norm is 5
    assert single.numpy().tolist() == pytest.approx([2.4], rel=1e-6)
    assert double.numpy().tolist() == pytest.approx([3.2], rel=1e-12)


def test_variable_that_joins_later_gets_slots_and_the_others_keep_theirs() -> None:
    a, b, optimizer = weight(1.0, name="a"), weight(1.0, name="b"), SGD(0.5, momentum=0.5)
    optimizer.apply([np.ones(1)], [a])
    optimizer.apply([np.ones(1), np.ones(1)], [a, b])
    assert [v.numpy().tolist() for v in optimizer.variables[2:]] == [[-0.75], [-0.5]]


def test_apply_without_variables_means_those_it_knows() -> None:
    w, optimizer = weight(1.0), SGD(0.5)
    optimizer.build([w])
    optimizer.apply([np.ones(1)])
    assert w.numpy().tolist() == [0.5]


def test_name_is_keras_by_default() -> None:
    assert [cls().name for cls in (SGD, RMSprop, Adam, optimizers.AdamW)] == ["sgd", "rm_sprop", "adam", "adam_w"]


X = np.ones(2)
MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "rate of text": (lambda: SGD("a"), ArgumentError, r"^SGD\(\) argument 'learning_rate': a learning rate is a finite number >= 0, a LearningRateSchedule or a callable without arguments, got 'a'"),
    "rate below 0": (lambda: SGD(-1), ArgumentError, "got -1"),
    "rate nan": (lambda: SGD(float("nan")), ArgumentError, "argument 'learning_rate' is NaN"),
    "rate inf": (lambda: SGD(float("inf")), ArgumentError, "got inf"),
    "rate True": (lambda: SGD(True), ArgumentError, "got True"),
    "rate assigned": (lambda: setattr(SGD(), "learning_rate", "fast"), ArgumentError, "got 'fast'"),
    "old name of the rate": (lambda: SGD(lr=0.1), ArgumentError, r"^SGD\(\) does not take an argument 'lr' \(It is called learning_rate\)"),
    "old decay": (lambda: Adam(decay=0.1), ArgumentError, r"'decay' \(Pass a schedule as learning_rate\)"),
    "momentum": (lambda: SGD(momentum=2), ArgumentError, r"^SGD\(\) argument 'momentum' should be less than or equal to 1, got 2"),
    "nesterov": (lambda: SGD(nesterov="a"), ArgumentError, "'nesterov' should be True or False, got 'a'"),
    "beta 1": (lambda: Adam(beta_1=1.0), ArgumentError, r"^Adam\(\) argument 'beta_1' should be less than 1, got 1\.0"),
    "epsilon 0": (lambda: Adam(epsilon=0), ArgumentError, "'epsilon' should be greater than 0, got 0"),
    "Lion as SignSGD": (lambda: Lion(beta_1=0.0), ArgumentError, r"^Lion\(\) argument 'beta_1' should be greater than 0, got 0\.0"),
    "growing power": (lambda: Ftrl(learning_rate_power=0.5), ArgumentError, "'learning_rate_power' should be less than or equal to 0, got 0.5"),
    "one pattern": (lambda: Muon(exclude_layers="logits"), ArgumentError, r"^Muon\(\) argument 'exclude_layers': expected a list of regular expressions, such as \['logits'\], got 'logits'\.$"),
    "bad pattern": (lambda: Muon(exclude_layers=["a", "("]), ArgumentError, r"argument 'exclude_layers': '\(' is no regular expression: missing \)"),
    "half a step": (lambda: Muon(ns_steps=1.5), ArgumentError, "'ns_steps' should be an integer greater than or equal to 0, got 1.5"),
    "decay below 0": (lambda: SGD(weight_decay=-1), ArgumentError, "'weight_decay' should be greater than or equal to 0, got -1"),
    "clip below 0": (lambda: SGD(clipnorm=-1), ArgumentError, "'clipnorm' should be greater than 0, got -1"),
    "two clips": (lambda: SGD(clipnorm=1, clipvalue=2), ArgumentError, r"^SGD\(\) takes one of clipnorm, clipvalue and global_clipnorm, got clipnorm and clipvalue\.$"),
    "too many": (lambda: SGD(0.1, 0.2, True, 3), ArgumentError, r"^SGD\(\) takes at most 3 positional arguments \(learning_rate, momentum, nesterov\), got 4"),
    "another count": (lambda: SGD().apply([X], []), ArgumentError, r"^SGD\.apply\(\) expects gradients of shapes \[\], got \[\(2,\)\]\.$"),
    "another shape": (lambda: SGD().apply([X], [weight(1.0)]), ArgumentError, r"expects gradients of shapes \[\(1,\)\], got \[\(2,\)\]"),
    "no rate": (lambda: Optimizer().apply([np.ones(1)], [weight(1.0)]), StateError, r"^Optimizer has no learning rate\. Declare one in the class"),
    "unknown": (lambda: optimizers.get("adamm"), UnknownNameError, r"^Unknown optimizer 'adamm'\. Did you mean 'adam'\? Known: adadelta, adafactor, adagrad, adam, .*, sgd\.$"),
    "Keras'": (lambda: optimizers.get("LOSSSCALEOPTIMIZER"), UncoveredError, r"^optimizer 'LOSSSCALEOPTIMIZER' exists in Keras and not yet in denselite\."),
    "number": (lambda: optimizers.get(5), ArgumentError, "An optimizer is a name, .*, got 5"),
    "None": (lambda: optimizers.get(None), ArgumentError, "^An optimizer is a name, a config or an Optimizer, got None"),
    "function": (lambda: optimizers.get(len), ArgumentError, "An optimizer is a name, a config or an Optimizer, got <built-in"),
    "layer": (lambda: optimizers.get(layers.Dense), ArgumentError, "An optimizer is a name, a config or an Optimizer, got <class"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()


def test_rule_without_an_update_says_what_to_write() -> None:
    class Lazy(Optimizer):
        learning_rate: Rate = 0.1

    with pytest.raises(
        NotImplementedError, match=r"^Lazy has no update\(\)\. Write its rule: def update\(self, w, g, lr"
    ):
        Lazy().apply([np.ones(1)], [weight(1.0)])


def test_exclusion_after_the_first_update_is_an_error() -> None:
    optimizer = SGD(weight_decay=0.1)
    optimizer.apply([np.ones(1)], [weight(1.0)])
    with pytest.raises(
        StateError, match=r"^SGD\.exclude_from_weight_decay\(\) has to be called before the first update"
    ):
        optimizer.exclude_from_weight_decay(var_names=["bias"])


def test_module_attribute_that_keras_has_says_so() -> None:
    with pytest.raises(
        NotImplementedError, match=r"^denselite\.optimizers\.MultiOptimizer exists in Keras and not yet in denselite"
    ):
        optimizers.MultiOptimizer  # noqa: B018
    with pytest.raises(AttributeError, match=r"no attribute 'Adm'\. Did you mean 'Adam'"):
        optimizers.Adm  # noqa: B018
