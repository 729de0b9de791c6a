from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from denselite.callbacks import LearningRateScheduler
from denselite.errors import ArgumentError


def run(model, schedule, epochs=3, **arguments):
    """The rates in which the epochs are trained, and what they log."""
    scheduler = LearningRateScheduler(schedule, **arguments)
    model.optimizer = SimpleNamespace(learning_rate=0.8)
    scheduler.set_model(model)
    rates, logged = [], []
    for epoch in range(epochs):
        scheduler.on_epoch_begin(epoch, {})
        rates.append(model.optimizer.learning_rate)
        scheduler.on_epoch_end(epoch, logs := {})
        logged.append(logs["learning_rate"])
    assert rates == logged
    return rates


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        (lambda epoch, rate: rate / 2, [0.4, 0.2, 0.1]),
        (lambda epoch: 1.0 / (epoch + 1), [1.0, 0.5, 1 / 3]),
        (lambda epoch, rate=0.5: rate, [0.8, 0.8, 0.8]),
        (lambda *given: float(len(given)), [2.0, 2.0, 2.0]),
        (lambda epoch, *, base=0.25: base, [0.25, 0.25, 0.25]),
    ],
)
def test_rate_is_what_the_schedule_says(model, schedule, rates):
    assert run(model, schedule) == pytest.approx(rates)


def test_function_written_in_c_is_called_with_both(model):
    assert run(model, np.maximum) == [0.8, 1.0, 2.0]  # epochs 0, 1, 2 and the rate before: 0.8, then 0.8, then 1.0


def test_type_error_within_the_schedule_is_its_own(model):  # in Keras it is taken for a schedule of one argument
    def broken(epoch, rate):
        return epoch + "rate"

    with pytest.raises(TypeError, match="unsupported operand"):
        run(model, broken)


def test_verbose_prints_the_rate(model, capsys):
    run(model, lambda epoch: 0.5, epochs=1, verbose=1)
    assert capsys.readouterr().out == "Epoch 1: LearningRateScheduler setting learning rate to 0.5.\n"


@pytest.mark.parametrize("rate", [1, None, "0.1", np.array([0.1])])
def test_schedule_that_returns_no_float_says_so(model, rate):
    with pytest.raises(
        ArgumentError, match=r"LearningRateScheduler expects its schedule to return a float, got .* for ep"
    ):
        run(model, lambda epoch: rate)


def test_schedule_that_is_no_function_says_so():
    with pytest.raises(
        ArgumentError, match=r"a function \(epoch, learning_rate\) -> learning_rate is expected, got 0\.1"
    ):
        LearningRateScheduler(0.1)
