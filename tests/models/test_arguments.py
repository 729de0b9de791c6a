"""Arguments of fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ShapeError
from denselite.models.arguments import about_validation, check_passes, is_due, one_batch


@pytest.mark.parametrize(
    "good", [{"epochs": 0}, {"epochs": np.int64(3)}, {"steps_per_epoch": None}, {"initial_epoch": 2}]
)
def test_counts_are_let_through(good: dict[str, Any]) -> None:
    check_passes("Model", 1, **good)


@pytest.mark.parametrize("bad", [{"epochs": None}, {"epochs": True}, {"epochs": 1.0}, {"steps_per_epoch": 0}])
def test_what_is_no_count_is_named(bad: dict[str, Any]) -> None:
    [name] = bad
    with pytest.raises(ValueError, match=rf"Model\.fit\(\): {name} expects an integer of"):
        check_passes("Model", 1, **bad)


@pytest.mark.parametrize("frequency", [0, -1, 1.5, "2", [1, 0], None])
def test_frequency_is_a_count_or_counts(frequency: Any) -> None:
    with pytest.raises(ValueError, match="validation_freq expects an integer of 1 or more, or a list of epochs"):
        check_passes("Model", frequency)


def test_validation_is_due_every_so_many_epochs_or_when_listed() -> None:
    assert [is_due(2, epoch) for epoch in range(4)] == [False, True, False, True]
    assert [is_due([1, 4], epoch) for epoch in range(4)] == [True, False, False, True]


def test_error_about_validation_says_so_and_keeps_its_kind() -> None:
    with pytest.raises(ShapeError, match=r"^validation_data: too wide$"), about_validation():
        raise ShapeError("too wide")
    with pytest.raises(KeyError, match="other"), about_validation():
        raise KeyError("other")


def test_rows_of_a_batch_are_arrays() -> None:
    with pytest.raises(
        ValueError, match=r"^Model\.train_on_batch\(\) expects the rows of one batch as arrays, got 3 of type int\.$"
    ):
        one_batch(3, "Model.train_on_batch()")
