"""Rates by hand: each list is of the rates in which the epochs are trained, the last one that of an epoch to come."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from denselite.callbacks import ReduceLROnPlateau
from denselite.errors import ArgumentError

FLAT = [1.0] * 6


def rates(model, reducer, values, rate=0.8):
    """Run epochs with these losses; a reducer that is used once more starts anew."""
    model.optimizer = SimpleNamespace(learning_rate=rate)
    reducer.set_model(model)
    reducer.on_train_begin()
    logged = []
    for epoch, value in enumerate(values):
        logs = {} if value is None else {"loss": value}
        reducer.on_epoch_end(epoch, logs)
        logged.append(logs["learning_rate"])
    return [*logged, model.optimizer.learning_rate]


@pytest.mark.parametrize(
    ("arguments", "values", "expected"),
    [
        ({"patience": 1}, FLAT, [0.8, 0.8, 0.4, 0.2, 0.1, 0.05, 0.025]),
        ({"patience": 0}, FLAT, [0.8, 0.8, 0.4, 0.2, 0.1, 0.05, 0.025]),
        ({"patience": 2}, FLAT, [0.8, 0.8, 0.8, 0.4, 0.4, 0.2, 0.2]),
        ({"patience": 1, "cooldown": 1}, FLAT, [0.8, 0.8, 0.4, 0.2, 0.1, 0.05, 0.025]),
        ({"patience": 1, "cooldown": 2}, FLAT, [0.8, 0.8, 0.4, 0.4, 0.2, 0.2, 0.1]),
        ({"patience": 1, "min_lr": 0.3}, FLAT, [0.8, 0.8, 0.4, 0.3, 0.3, 0.3, 0.3]),
        ({"patience": 1}, [1.0, 0.5, 0.5, 0.2, 0.2], [0.8, 0.8, 0.8, 0.4, 0.4, 0.2]),
        ({"patience": 1, "min_delta": 0.2}, [1.0, 0.9, 0.79], [0.8, 0.8, 0.4, 0.4]),
        ({"patience": 1, "mode": "max"}, [1.0, 2.0, 1.5], [0.8, 0.8, 0.8, 0.4]),
        ({"patience": 1}, [1.0, math.nan, 0.5], [0.8, 0.8, 0.4, 0.4]),
    ],
)
def test_rate_is_lowered_when_the_loss_stalls(model, arguments, values, expected):
    assert rates(model, ReduceLROnPlateau("loss", factor=0.5, **arguments), values) == pytest.approx(expected)


def test_epoch_without_the_value_is_not_counted(model):
    reducer = ReduceLROnPlateau("loss", factor=0.5, patience=2)
    reducer._expect_logs(["loss"], certain=False)
    assert rates(model, reducer, [1.0, None, 1.0, None, 1.0]) == pytest.approx([0.8, 0.8, 0.8, 0.8, 0.8, 0.4])


def test_rate_that_is_min_lr_in_float32_is_left_alone(model):
    rate = float(np.float32(0.1))  # 0.10000000149
    reducer = ReduceLROnPlateau("loss", patience=1, min_lr=0.1)
    assert rates(model, reducer, FLAT, rate) == [rate] * 7


def test_training_again_starts_anew(model):
    reducer = ReduceLROnPlateau("loss", factor=0.5, patience=2)
    rates(model, reducer, [0.1, 1.0])
    assert (reducer.best, reducer.wait) == (0.1, 1)
    assert rates(model, reducer, [1.0, 1.0]) == pytest.approx([0.8, 0.8, 0.8])


def test_verbose_prints_the_new_rate(model, capsys):
    rates(model, ReduceLROnPlateau("loss", factor=0.5, patience=1, verbose=1), [1.0, 1.0, 0.5])
    assert capsys.readouterr().out == "Epoch 2: ReduceLROnPlateau reducing learning rate to 0.4.\n"


def test_state_goes_through_json_and_training_goes_on_where_it_was(model):
    whole, first, second = (ReduceLROnPlateau("loss", factor=0.5, patience=2, cooldown=3) for _ in range(3))
    expected = rates(model, whole, FLAT)
    early = rates(model, first, FLAT[:4])
    second.set_model(model)
    second.on_train_begin()
    second.set_state(json.loads(json.dumps(first.get_state())))
    assert second.in_cooldown()
    late = []
    for epoch in (4, 5):
        second.on_epoch_end(epoch, logs := {"loss": 1.0})
        late.append(logs["learning_rate"])
    assert [*early[:4], *late] == pytest.approx(expected[:6])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factor": 1.0}, "argument 'factor' should be less than 1, got 1.0"),
        ({"factor": -0.5}, "argument 'factor' should be greater than or equal to 0, got -0.5"),
        ({"cooldown": -1}, "argument 'cooldown' should be greater than or equal to 0, got -1"),
        ({"mode": "up"}, "argument 'mode' should be 'auto', 'min' or 'max', got 'up'"),
        ({"epsilon": 0.1}, r"does not take an argument 'epsilon'"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        ReduceLROnPlateau(**arguments)


def test_log_that_never_comes_is_an_error(model):
    with pytest.raises(ArgumentError, match="ReduceLROnPlateau has monitor='val_loss', which is not logged"):
        rates(model, ReduceLROnPlateau(), [1.0])
