"""What all optimizers share beside their rule: averages, accumulated gradients, scaled losses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.callbacks import Callback
from denselite.errors import ArgumentError
from denselite.optimizers import SGD, Adam
from denselite.optimizers.schedules import ExponentialDecay
from denselite.tensor.variable import Variable


def weight(*values: float, name: str = "w", dtype: str = "float64") -> Variable:
    return Variable(np.array(values, dtype), name=name)


def steps(optimizer: Any, gradients: list[float], w: Variable) -> list[float]:
    """The weight after each step."""
    path = []
    for g in gradients:
        optimizer.apply([np.array([g])], [w])
        path.append(float(w.numpy()[0]))
    return path


def test_average_starts_as_the_first_updated_weight_and_follows() -> None:
    w, optimizer = weight(1.0), SGD(0.5, use_ema=True, ema_momentum=0.75)
    found = []
    for _ in range(3):  # the weight is 0.5, 0, -0.5
        optimizer.apply([np.ones(1)], [w])
        found.append(float(optimizer.averages[w].numpy()[0]))
    assert found == [0.5, 0.375, 0.15625]
    optimizer.finalize_variable_values([w])
    assert w.numpy().tolist() == [0.15625]


def test_weights_become_their_averages_at_every_second_update() -> None:
    w, optimizer = weight(1.0), SGD(0.5, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=2)
    # updates to 0.5, 0 (average 0.25, taken over), -0.25, -0.75 (averages 0, -0.375, taken over)
    assert steps(optimizer, [1.0] * 4, w) == [0.5, 0.25, -0.25, -0.375]


def test_averages_of_two_dtypes_are_each_kept_in_their_own() -> None:
    a, b = weight(1.0, name="a", dtype="float32"), weight(1.0, 2.0, name="b")
    optimizer = SGD(0.5, use_ema=True, ema_momentum=0.5)
    for _ in range(2):
        optimizer.apply([np.ones(1), np.ones(2)], [a, b])
    assert [v.dtype.name for v in optimizer.averages.values()] == ["float32", "float64"]
    assert [v.numpy().tolist() for v in optimizer.averages.values()] == [[0.25], [0.25, 1.25]]


def test_average_of_a_weight_that_joins_later_starts_as_that_weight() -> None:
    a, b, optimizer = weight(1.0, name="a"), weight(8.0, name="b"), SGD(0.5, use_ema=True, ema_momentum=0.5)
    optimizer.apply([np.ones(1)], [a])
    optimizer.apply([np.ones(1), np.ones(1)], [a, b])
    assert optimizer.averages[b].numpy().tolist() == [7.75]


def test_finalizing_leaves_weights_that_have_no_average() -> None:
    w, other = weight(1.0), weight(3.0, name="other")
    SGD().finalize_variable_values([w])
    optimizer = SGD(use_ema=True)
    optimizer.build([w])
    optimizer.finalize_variable_values([w, other])  # before the first step, an average is the weight
    assert (w.numpy().tolist(), other.numpy().tolist()) == ([1.0], [3.0])


def test_gradients_are_accumulated_to_their_mean() -> None:
    w, optimizer = weight(1.0), SGD(0.5, gradient_accumulation_steps=3)
    assert steps(optimizer, [1.0, 2.0, 3.0, 6.0], w) == [1.0, 1.0, 0.0, 0.0]
    assert int(optimizer.iterations) == 1
    assert [v.numpy().tolist() for v in optimizer.variables] == [4, 0.5, [6.0]]


def test_rule_and_decay_count_updates_and_the_schedule_counts_steps() -> None:
    asked: list[float] = []

    class Noted(ExponentialDecay):
        def __call__(self, step: float) -> float:
            asked.append(step)
            return super().__call__(step)

    accumulated, w = Adam(Noted(0.5, 1, 0.5), weight_decay=0.5, gradient_accumulation_steps=2), weight(1.0)
    plain, v = Adam(ExponentialDecay(0.25, 1, 0.25), weight_decay=0.5), weight(1.0)  # what the odd steps are asked
    assert steps(accumulated, [1.0, 3.0, -2.0, 0.0], w)[1::2] == steps(plain, [2.0, -1.0], v)
    assert asked == [0, 1, 2, 3]


def test_clipping_is_of_the_mean_gradient() -> None:
    w = weight(1.0)
    assert steps(SGD(0.5, clipvalue=1.0, gradient_accumulation_steps=2), [8.0, -6.0], w)[-1] == 0.5
    assert steps(SGD(0.5, clipvalue=1.0, loss_scale_factor=4.0), [8.0, 2.0], weight(1.0)) == [0.5, 0.25]


def test_loss_is_scaled_for_its_gradient_and_logged_as_it_is() -> None:
    models = []
    for factor in (None, 8.0):  # a power of two: the same bits
        model = Sequential([Input((3,)), layers.Dense(2, kernel_initializer="ones")])
        model.compile(SGD(0.1, loss_scale_factor=factor), "mse")
        models.append((model, model.fit(X, Y, batch_size=3, shuffle=False, epochs=2, verbose=0).history))
    (plain, log), (scaled, scaled_log) = models
    assert log == scaled_log
    for ours, theirs in zip(scaled.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert SGD(loss_scale_factor=8.0).scale_loss(0.5) == 4.0


X = np.random.default_rng(3).normal(size=(9, 3)).astype("float32")
Y = X[:, :2] ** 2


def model_of(**options: Any) -> Any:
    model = Sequential([Input((3,)), layers.Dense(2, kernel_initializer="ones")])
    model.compile(Adam(0.1, use_ema=True, ema_momentum=0.8, **options), "mse")
    return model


def averages(model: Any) -> list[Any]:
    return [average.numpy() for average in model.optimizer.averages.values()]


def assert_equal(ours: list[Any], theirs: list[Any]) -> None:
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_fit_ends_with_the_averages() -> None:
    model, by_hand = model_of(), model_of()
    model.fit(X, Y, batch_size=3, shuffle=False, verbose=0)
    for start in (0, 3, 6):
        by_hand.train_on_batch(X[start : start + 3], Y[start : start + 3])
    assert_equal(averages(model), averages(by_hand))
    assert_equal(model.get_weights(), averages(by_hand))
    assert not np.array_equal(by_hand.get_weights()[0], averages(by_hand)[0])


def test_fit_that_is_interrupted_ends_with_the_averages_so_far() -> None:
    class Stop(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 1:
                raise KeyboardInterrupt

    model, by_hand = model_of(), model_of()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=3, shuffle=False, verbose=0, callbacks=[Stop()])
    for start in (0, 3):
        by_hand.train_on_batch(X[start : start + 3], Y[start : start + 3])
    assert_equal(model.get_weights(), averages(by_hand))


def test_fit_without_a_step_leaves_the_weights_it_was_given() -> None:
    model = model_of()
    model.fit(X, Y, verbose=0)
    given = [np.full(w.shape, 7.0) for w in model.get_weights()]
    model.set_weights(given)
    model.fit(X, Y, verbose=0, epochs=0)
    assert_equal(model.get_weights(), given)


def test_options_that_are_set_between_fits_are_followed() -> None:
    model = model_of()
    model.fit(X, Y, verbose=0)
    model.optimizer.gradient_accumulation_steps = 2
    before = model.get_weights()
    model.train_on_batch(X, Y)  # the second step of all: an update
    assert not np.array_equal(model.get_weights()[0], before[0])
    before = model.get_weights()
    model.train_on_batch(X, Y)
    assert_equal(model.get_weights(), before)


def test_weight_without_a_gradient_stays_and_the_others_are_updated() -> None:
    a, b, optimizer = weight(1.0, name="a"), weight(1.0, name="b"), SGD(0.5, weight_decay=0.5, momentum=0.5)
    optimizer.apply([np.ones(1), None], [a, b])
    assert (a.numpy().tolist(), b.numpy().tolist()) == ([0.25], [1.0])  # a decays to 0.75 first
    assert len(optimizer.variables) == 4


MISTAKES: dict[str, tuple[Any, str]] = {
    "one step": (lambda: SGD(gradient_accumulation_steps=1), r"^SGD\(\) argument 'gradient_accumulation_steps' should be greater than or equal to 2, got 1"),
    "momentum": (lambda: SGD(use_ema=True, ema_momentum=1.1), "'ema_momentum' should be less than or equal to 1, got 1.1"),
    "frequency": (lambda: SGD(use_ema=True, ema_overwrite_frequency=0), "'ema_overwrite_frequency' should be greater than 0, got 0"),
    "factor": (lambda: SGD(loss_scale_factor=0), "'loss_scale_factor' should be greater than 0, got 0"),
    "no gradient": (lambda: SGD().apply([None], [weight(1.0)]), r"^SGD\.apply\(\) got None as the gradient of every variable\.$"),
    "stateless": (lambda: SGD().stateless_apply([], [], [np.ones(1)]), r"^SGD\.stateless_apply\(\) takes a value for each of the 0 variables it was built for and of its 2 own, in their shapes"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, message = MISTAKES[case]
    with pytest.raises(ArgumentError, match=message):
        call()


def test_stateless_apply_that_raises_leaves_everything_as_it_was() -> None:
    w, optimizer = weight(1.0), SGD(0.5)
    optimizer.build([w])
    with pytest.raises(ArgumentError, match="expects gradients of shapes"):
        optimizer.stateless_apply([5, 0.25], [np.ones(2)], [np.array([3.0])])
    assert (w.numpy().tolist(), int(optimizer.iterations), float(optimizer.learning_rate)) == ([1.0], 0, 0.5)
