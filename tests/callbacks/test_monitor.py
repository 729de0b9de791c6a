from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from denselite.callbacks.monitor import Monitor
from denselite.errors import ArgumentError


@pytest.mark.parametrize(
    ("mode", "min_delta", "value", "reference", "better"),
    [
        ("min", 0.0, 0.5, 0.5, False),
        ("min", 0.0, 0.4, 0.5, True),
        ("max", 0.0, 0.5, 0.5, False),
        ("max", 0.0, 0.6, 0.5, True),
        ("min", 0.25, 0.75, 1.0, False),  # a change of exactly min_delta
        ("min", 0.25, 0.74, 1.0, True),
        ("max", -0.25, 0.75, 0.5, False),  # the sign of min_delta does not matter
        ("max", -0.25, 0.76, 0.5, True),
        ("min", 0.0, math.nan, None, False),
        ("min", 0.0, math.nan, 1.0, False),
        ("min", 0.0, math.inf, None, True),
    ],
)
def test_improvement_is_strict_and_beyond_min_delta(mode, min_delta, value, reference, better):
    assert Monitor("Me", "x", mode, min_delta).improves(value, reference, None) is better


def test_auto_mode_goes_by_the_metric_of_the_model():
    model = SimpleNamespace(metrics=[SimpleNamespace(name="score", _direction="up")])
    assert Monitor("Me", "val_score", "auto").improves(2.0, 1.0, model)


def test_auto_mode_with_an_unknown_name_is_an_error():
    with pytest.raises(ArgumentError) as error:
        Monitor("EarlyStopping", "score", "auto").improves(1.0, None, None)
    assert str(error.value) == (
        "EarlyStopping cannot tell from monitor='score' whether larger or smaller is better. "
        "Pass mode='max' if larger is better, mode='min' if smaller is."
    )


def test_auto_mode_with_an_unknown_name_is_an_early_error_when_the_names_are_certain():
    with pytest.raises(ArgumentError, match="cannot tell from monitor='score'"):
        Monitor("Me", "score", "auto").expect(["score"], True, None)


def test_expected_name_may_miss_in_an_epoch():
    monitor = Monitor("Me", "val_loss", "auto")
    monitor.expect(["loss", "val_loss"], False, None)
    assert monitor.value({"loss": 1.0}) is None
    assert monitor.value({"loss": 1.0, "val_loss": 2}) == 2.0


def test_missing_validation_says_what_to_pass():
    with pytest.raises(
        ArgumentError, match=r"A name with 'val_' needs validation_data or validation_split in fit\(\)\."
    ):
        Monitor("Me", "val_loss", "auto").expect(["loss"], True, None)


def test_missing_name_without_any_logs_is_an_error():
    with pytest.raises(ArgumentError, match=r"^Me has monitor='loss', which is not logged\. Logged are: none\.$"):
        Monitor("Me", "loss", "auto").value({})
