"""The expected saves are those of Keras 3.15.1 for the same sequences, but where a name says otherwise."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from denselite.callbacks import CallbackList, ModelCheckpoint
from denselite.errors import ArgumentError, UnknownNameError


def train(model, checkpoint, losses, batches=4):
    checkpoint.set_model(model)
    checkpoint.on_train_begin()
    for epoch, loss in enumerate(losses):
        checkpoint.on_epoch_begin(epoch)
        for batch in range(batches):
            checkpoint.on_train_batch_end(batch, {"loss": loss})
        checkpoint.on_epoch_end(epoch, {"loss": loss})
    return [os.path.basename(path) for path in model.saved]


def test_model_is_saved_after_every_epoch(model, tmp_path):
    assert train(model, ModelCheckpoint(tmp_path / "{epoch}.npz"), [1, 2]) == ["1.npz", "2.npz"]


def test_path_is_filled_with_the_epoch_from_1_and_the_logs(model, tmp_path):
    checkpoint = ModelCheckpoint(f"{tmp_path}/ck-{{epoch:02d}}-{{loss:.2f}}.json")
    assert train(model, checkpoint, [2.3204]) == ["ck-01-2.32.json"]


def test_best_only_saves_on_strict_improvement(model, tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}.npz", monitor="loss", save_best_only=True)
    assert train(model, checkpoint, [1, 0.9, 0.9, 0.95, 0.8]) == ["1.npz", "2.npz", "5.npz"]
    assert checkpoint.best == 0.8


def test_first_save_has_to_beat_the_threshold(model, tmp_path):
    checkpoint = ModelCheckpoint(
        tmp_path / "{epoch}.npz", monitor="loss", save_best_only=True, initial_value_threshold=0.9
    )
    assert train(model, checkpoint, [1, 0.9, 0.9, 0.95, 0.8]) == ["5.npz"]


def test_best_value_stays_from_one_training_to_the_next(model, tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}.npz", monitor="loss", save_best_only=True)
    train(model, checkpoint, [1, 0.5])
    model.saved.clear()
    assert train(model, checkpoint, [0.6, 0.4]) == ["2.npz"]


def test_nan_is_never_best(model, tmp_path):  # in Keras a first NaN is, and nothing improves on it
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}.npz", monitor="loss", save_best_only=True)
    assert train(model, checkpoint, [math.nan, 1, math.nan]) == ["2.npz"]


def test_epoch_without_the_monitored_log_is_not_saved(model, tmp_path):  # Keras warns and saves
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}.npz", save_best_only=True)
    checkpoint._expect_logs(["loss", "val_loss"], certain=True)
    assert train(model, checkpoint, [1]) == []


def test_integer_frequency_counts_batches_across_epochs(model, tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}-{batch}.npz", save_freq=3)
    assert train(model, checkpoint, [1, 1, 1]) == ["1-3.npz", "2-2.npz", "3-1.npz", "3-4.npz"]


def test_integer_frequency_may_be_longer_than_an_epoch(model, tmp_path):
    assert train(model, ModelCheckpoint(tmp_path / "{epoch}.npz", save_freq=5), [1, 1, 1]) == ["2.npz", "3.npz"]


def test_integer_frequency_counts_every_batch_of_a_step_that_holds_several(model, tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "{batch}.npz", save_freq=6)
    checkpoint.set_model(model)
    checkpoint.on_epoch_begin(0)
    for batch in (3, 7, 11):
        checkpoint.on_train_batch_end(batch, {})
    assert [os.path.basename(path) for path in model.saved] == ["8.npz"]


def test_weights_alone_are_saved_on_request(model, tmp_path):
    train(model, ModelCheckpoint(tmp_path / "m.weights.npz", save_weights_only=True), [1])
    assert model.saved == [f"weights:{tmp_path}/m.weights.npz"]


def test_missing_folders_are_made(model, tmp_path):
    train(model, ModelCheckpoint(tmp_path / "a" / "{epoch}" / "m.npz"), [1])
    assert (tmp_path / "a" / "1").is_dir()


def test_path_without_folder_is_saved_in_the_working_folder(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert train(model, ModelCheckpoint("m.json"), [1]) == ["m.json"]


@pytest.mark.parametrize(
    ("path", "weights_only", "message"),
    [
        (
            "m.pkl",
            False,
            r"ModelCheckpoint needs a filepath that ends in '\.npz', '\.json' or '\.keras', got 'm\.pkl'\.",
        ),
        ("m.h5", False, r"'\.json' or '\.keras', got 'm\.h5'\."),
        ("m", False, r"'\.json' or '\.keras', got 'm'\."),
        ("m.weights.npz", False, r"whose ending means weights alone\. Pass save_weights_only=True"),
        (
            "m.npz",
            True,
            r"save_weights_only=True needs a filepath that ends in '\.weights\.npz' or '\.weights\.h5', got 'm\.npz'\.",
        ),
        ("m.keras", True, r"ends in '\.weights\.npz' or '\.weights\.h5', got 'm\.keras'\."),
        ("m.weights.h5", False, r"whose ending means weights alone\. Pass save_weights_only=True"),
    ],
)
def test_other_endings_are_errors_that_name_the_right_one(path, weights_only, message):
    with pytest.raises(ArgumentError, match=message):
        ModelCheckpoint(path, save_weights_only=weights_only)


@pytest.mark.parametrize("wrong", [0, -1, "batch", 1.5, True])
def test_other_frequencies_are_errors(wrong):
    with pytest.raises(ArgumentError, match="'save_freq': 'epoch' or a positive number of batches is expected, got"):
        ModelCheckpoint("m.npz", save_freq=wrong)


def test_validation_log_at_batches_is_an_error():
    with pytest.raises(ArgumentError, match="save_freq=2 and monitor='val_loss', and batches have no validation logs"):
        ModelCheckpoint("m.npz", save_best_only=True, save_freq=2)


def test_unknown_placeholder_is_an_error_before_the_first_step(tmp_path):
    callbacks = CallbackList(ModelCheckpoint("{epoch}-{val_los:.2f}.npz"))
    with pytest.raises(UnknownNameError) as error:
        callbacks.check_monitors(["loss", "val_loss"], certain=True)
    assert str(error.value) == (
        "ModelCheckpoint cannot fill {val_los} in filepath='{epoch}-{val_los:.2f}.npz'. Did you mean 'val_loss'? "
        "It can be filled with: epoch, loss, val_loss."
    )


@pytest.mark.parametrize("placeholder", ["{batch}", "{}", "{0}"])
def test_unknown_placeholder_is_an_error_at_the_first_save(model, tmp_path, placeholder):
    checkpoint = ModelCheckpoint(f"{tmp_path}/{placeholder}.npz")
    with pytest.raises(UnknownNameError, match=r"cannot fill \{.*\} .* It can be filled with: loss, epoch\."):
        train(model, checkpoint, [1])


def test_known_placeholders_pass_the_check():
    ModelCheckpoint("{epoch}-{batch}-{loss}.npz", save_freq=2)._expect_logs(["loss"], certain=True)
    ModelCheckpoint("{epoch}-{later}.npz")._expect_logs(["loss"], certain=False)


def test_monitor_is_checked_only_when_the_best_is_asked_for():
    ModelCheckpoint("m.npz", monitor="nothing")._expect_logs(["loss"], certain=True)
    with pytest.raises(ArgumentError, match="ModelCheckpoint has monitor='nothing', which is not logged"):
        ModelCheckpoint("m.npz", monitor="nothing", save_best_only=True)._expect_logs(["loss"], certain=True)


def test_verbose_tells_of_each_decision(model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    train(model, ModelCheckpoint("m.npz", monitor="loss", verbose=1, save_best_only=True), [1, 0.5, 0.75])
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 1: loss improved from nothing to 1.00000, saved the model to m.npz",
        "Epoch 2: loss improved from 1.00000 to 0.50000, saved the model to m.npz",
        "Epoch 3: loss did not improve from 0.50000",
    ]
    train(model, ModelCheckpoint("m.npz", verbose=True), [1])
    assert capsys.readouterr().out == "Epoch 1: saved the model to m.npz\n"


def test_best_value_is_kept_only_if_the_save_succeeded(model, tmp_path):
    def full(path):
        raise OSError("disk is full")

    model.save = full
    checkpoint = ModelCheckpoint(tmp_path / "m.npz", monitor="loss", save_best_only=True)
    with pytest.raises(OSError, match="disk is full"):
        train(model, checkpoint, [1])
    assert checkpoint.best is None


def test_counting_goes_on_from_a_state_that_went_through_json(model, tmp_path):
    first = ModelCheckpoint(tmp_path / "{batch}.npz", save_freq=4, monitor="loss", save_best_only=True)
    second = ModelCheckpoint(**first.get_config())
    first.set_model(model)
    for batch in range(6):
        first.on_train_batch_end(batch, {"loss": 1.0})
    second.set_model(model)
    second.set_state(json.loads(json.dumps(first.get_state())))
    for batch in (6, 7):
        second.on_train_batch_end(batch, {"loss": 0.5})
    assert [os.path.basename(path) for path in model.saved] == ["4.npz", "8.npz"]


def test_arguments_come_in_keras_order():
    arguments = ("m.weights.npz", "loss", 1, True, True, "min", 5, 0.5)
    checkpoint = ModelCheckpoint(Path(arguments[0]), *arguments[1:])
    assert tuple(checkpoint.get_config().values()) == arguments
