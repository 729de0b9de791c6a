"""The expected files are those that Keras 3.15.1 writes for the same logs."""

from __future__ import annotations

import json

import pytest

from denselite.callbacks import CallbackList, CSVLogger
from denselite.errors import ArgumentError


def log(logger, *epochs, first=0):
    logger.on_train_begin()
    for epoch, logs in enumerate(epochs, first):
        logger.on_epoch_end(epoch, logs)
    logger.on_train_end()


def read(path):
    return path.read_bytes().decode()


def test_columns_are_the_sorted_names_with_validation_added(tmp_path):
    path = tmp_path / "log.csv"
    log(CSVLogger(path), {"loss": 0.5, "accuracy": 0.25}, {"loss": 0.4, "accuracy": 0.5, "val_loss": 0.3})
    assert read(path) == "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,0.25,0.5,NA,NA\r\n1,0.5,0.4,NA,0.3\r\n"


def test_later_names_are_left_out_and_missing_ones_are_na(tmp_path):
    path = tmp_path / "log.csv"
    log(CSVLogger(path), {"loss": 0.5, "val_loss": 0.3}, {"loss": 0.4, "extra": 1.0})
    assert read(path) == "epoch,loss,val_loss\r\n0,0.5,0.3\r\n1,0.4,NA\r\n"


def test_append_goes_on_without_a_second_header(tmp_path):
    path = tmp_path / "log.csv"
    log(CSVLogger(path, ";"), {"loss": 0.5, "val_loss": 0.3})
    log(CSVLogger(path, ";", append=True), {"loss": 0.4, "val_loss": 0.2}, first=1)
    assert read(path) == "epoch;loss;val_loss\r\n0;0.5;0.3\r\n1;0.4;0.2\r\n"


def test_append_to_a_new_file_writes_the_header(tmp_path):
    path = tmp_path / "log.csv"
    log(CSVLogger(path, append=True), {"loss": 0.5})
    assert read(path) == "epoch,loss,val_loss\r\n0,0.5,NA\r\n"


def test_without_append_each_training_replaces_the_file(tmp_path):
    path = tmp_path / "log.csv"
    logger = CSVLogger(path)
    log(logger, {"loss": 0.5})
    log(logger, {"mae": 2.0})
    assert read(path) == "epoch,mae,val_mae\r\n0,2.0,NA\r\n"


def test_row_can_be_read_while_training_goes_on(tmp_path):
    logger = CSVLogger(tmp_path / "log.csv")
    logger.on_train_begin()
    logger.on_epoch_end(0, {"loss": 0.5})
    assert read(tmp_path / "log.csv").endswith("0,0.5,NA\r\n")
    logger.on_train_end()


def test_file_is_closed_when_training_raised(tmp_path):
    logger = CSVLogger(tmp_path / "log.csv")
    callbacks = CallbackList(logger)
    callbacks.on_train_begin()
    file = logger._file
    callbacks.close()
    callbacks.close()
    assert file.closed


def test_columns_go_on_from_a_state_that_went_through_json(tmp_path):
    path = tmp_path / "log.csv"
    first, second = CSVLogger(path), CSVLogger(path, append=True)
    log(first, {"loss": 0.5, "lr": 0.1, "val_loss": 0.3})
    second.on_train_begin()
    second.set_state(json.loads(json.dumps(first.get_state())))
    second.on_epoch_end(1, {"loss": 0.4, "lr": 0.1})
    second.on_train_end()
    assert read(path) == "epoch,loss,lr,val_loss\r\n0,0.5,0.1,0.3\r\n1,0.4,0.1,NA\r\n"


@pytest.mark.parametrize("wrong", ["", ", "])
def test_separator_of_other_than_one_character_is_an_error(wrong):
    with pytest.raises(ArgumentError, match=r"CSVLogger\(\) argument 'separator': A separator is one character, got"):
        CSVLogger("log.csv", separator=wrong)
