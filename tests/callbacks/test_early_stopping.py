"""The expected numbers are those of Keras 3.15.1 for the same sequences, but where a name says otherwise."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

from denselite.callbacks import EarlyStopping
from denselite.errors import ArgumentError

NAN = math.nan
FALLS_THEN_STALLS = [1, 0.9, 0.95, 0.9, 0.91, 0.92]


def train(model, stopping, values, first=0):
    """Run the epochs whose logs are ``values``; the weight after an epoch is its number."""
    stopping.set_model(model)
    model.stop_training = False
    stopping.on_train_begin()
    last = first - 1
    for last, value in enumerate(values, first):
        model.weight = np.array([float(last)])
        stopping.on_epoch_end(last, {"loss": value})
        if model.stop_training:
            break
    stopping.on_train_end()
    return last


@pytest.mark.parametrize(
    ("values", "arguments", "last", "stopped", "wait", "best", "best_epoch"),
    [
        (FALLS_THEN_STALLS, {"patience": 0}, 2, 2, 1, 0.9, 1),
        (FALLS_THEN_STALLS, {"patience": 1}, 2, 2, 1, 0.9, 1),
        (FALLS_THEN_STALLS, {"patience": 2}, 3, 3, 2, 0.9, 1),
        (FALLS_THEN_STALLS, {"patience": 3}, 4, 4, 3, 0.9, 1),
        ([1, 1, 1], {"patience": 1}, 1, 1, 1, 1, 0),
        ([1, 2, 3], {"patience": 0}, 1, 1, 1, 1, 0),
        ([1, 0.95, 0.92, 0.85, 0.84], {"min_delta": 0.1, "patience": 2}, 2, 2, 2, 1, 0),
        ([1, 0.95, 0.92, 0.85, 0.84], {"min_delta": -0.1, "patience": 2}, 2, 2, 2, 1, 0),
        ([0.5, 0.55, 0.62, 0.7, 0.71], {"min_delta": 0.1, "patience": 2, "mode": "max"}, 4, 4, 2, 0.62, 2),
        ([1, 0.9, 0.8, 0.7], {"baseline": 0.5, "patience": 2}, 3, 0, 4, 0.7, 3),
        ([1, 0.9, 0.4, 0.45, 0.46, 0.47, 0.48], {"baseline": 0.5, "patience": 3}, 5, 5, 3, 0.4, 2),
        ([0.1, 0.1, 1, 0.9, 0.95, 0.96], {"start_from_epoch": 2, "patience": 2}, 5, 5, 2, 0.9, 3),
        ([1, NAN, 0.9, NAN, NAN], {"patience": 2}, 4, 4, 2, 0.9, 2),
    ],
)
def test_training_stops_where_keras_stops(model, values, arguments, last, stopped, wait, best, best_epoch):
    stopping = EarlyStopping("loss", **arguments)
    assert train(model, stopping, values) == last
    assert (stopping.stopped_epoch, stopping.wait, stopping.best, stopping.best_epoch) == (
        stopped,
        wait,
        best,
        best_epoch,
    )


def test_first_epoch_never_stops_training(model):
    assert train(model, EarlyStopping("loss", patience=0), [NAN]) == 0
    assert not model.stop_training


def test_nan_in_the_first_epoch_is_no_best_value(model):  # in Keras it is, and nothing improves on it
    stopping = EarlyStopping("loss", patience=2)
    assert train(model, stopping, [NAN, 0.9, 0.8, 0.7]) == 3
    assert (stopping.best, stopping.stopped_epoch) == (0.7, 0)


def test_best_weights_come_back_after_an_early_stop(model):
    train(model, EarlyStopping("loss", patience=2, restore_best_weights=True), FALLS_THEN_STALLS)
    assert model.weight == [1.0]


def test_best_weights_come_back_without_an_early_stop_too(model):
    train(model, EarlyStopping("loss", patience=5, restore_best_weights=True), [1, 0.5, 0.6])
    assert model.weight == [1.0]


def test_first_watched_epoch_is_kept_even_if_worse_than_the_baseline(model):
    last = train(model, EarlyStopping("loss", baseline=0.5, patience=2, restore_best_weights=True), [2, 3, 4])
    assert (last, model.weight) == (1, [0.0])


def test_weights_are_left_alone_without_restore(model):
    train(model, EarlyStopping("loss", patience=2), FALLS_THEN_STALLS)
    assert model.weight == [3.0]


def test_callback_starts_anew_at_each_training(model):
    stopping = EarlyStopping("loss", patience=2)
    assert [train(model, stopping, FALLS_THEN_STALLS) for _ in range(2)] == [3, 3]


def test_epoch_without_validation_is_not_counted(model):
    stopping = EarlyStopping("val_loss", patience=1)
    stopping.set_model(model)
    stopping._expect_logs(["loss", "val_loss"], certain=True)
    stopping.on_epoch_end(0, {"loss": 1.0, "val_loss": 1.0})
    stopping.on_epoch_end(1, {"loss": 1.0})
    assert (stopping.wait, model.stop_training) == (0, False)


def test_monitor_value_can_be_computed_by_a_subclass(model):
    class Both(EarlyStopping):
        def get_monitor_value(self, logs):
            return logs["loss"] + logs["val_loss"]

    stopping = Both("total", mode="min")
    stopping.set_model(model)
    stopping.on_epoch_end(0, {"loss": 1.0, "val_loss": 0.5})
    assert stopping.best == 1.5


def test_verbose_tells_of_the_stop_and_the_restored_epoch(model, capsys):
    train(model, EarlyStopping("loss", patience=2, verbose=1, restore_best_weights=True), FALLS_THEN_STALLS)
    assert capsys.readouterr().out == "Epoch 4: early stopping\nRestoring the weights of the best epoch: 2\n"


def test_verbose_is_silent_when_nothing_was_done(model, capsys):
    train(model, EarlyStopping("loss", patience=5, verbose=True), [1, 0.5])
    assert capsys.readouterr().out == ""


def test_arguments_come_in_keras_order():
    assert EarlyStopping("val_accuracy", 0.1, 2, 1, "max", 0.5, True, 3).get_config() == {
        "monitor": "val_accuracy",
        "min_delta": 0.1,
        "patience": 2,
        "verbose": 1,
        "mode": "max",
        "baseline": 0.5,
        "restore_best_weights": True,
        "start_from_epoch": 3,
    }


def test_unknown_mode_is_an_error():
    with pytest.raises(
        ArgumentError, match=r"EarlyStopping\(\) argument 'mode' should be 'auto', 'min' or 'max', got 'mni'"
    ):
        EarlyStopping(mode="mni")


def test_negative_patience_is_an_error():
    with pytest.raises(ArgumentError, match="argument 'patience' should be greater than or equal to 0, got -1"):
        EarlyStopping(patience=-1)


def test_training_goes_on_from_a_copied_state(model):
    arguments = {"monitor": "loss", "patience": 2, "restore_best_weights": True}
    first, second = EarlyStopping(**arguments), EarlyStopping(**arguments)
    train(model, first, [1, 0.9, 0.95])
    state = copy.deepcopy(first.get_state())
    second.set_model(model)
    second.on_train_begin()
    second.set_state(state)
    model.weight = np.array([3.0])
    second.on_epoch_end(3, {"loss": 0.9})
    second.on_train_end()
    assert (second.stopped_epoch, second.best, second.best_epoch) == (3, 0.9, 1)
    assert model.stop_training
    assert model.weight == [1.0]
    assert model.weight.dtype == np.float64
