from __future__ import annotations

from types import SimpleNamespace

import pytest

from denselite.callbacks.directions import metric_direction


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("loss", "down"),
        ("val_loss", "down"),
        ("head_loss", "down"),
        ("acc", "up"),
        ("val_accuracy", "up"),
        ("sparse_categorical_accuracy", "up"),
        ("val_head_auc_2", "up"),
        ("head_AUC", "up"),
        ("pearson_correlation", "up"),
        ("precision_at_recall_1", "up"),
        ("binary_io_u", "up"),
        ("logcosh", "down"),
        ("mse", "down"),
        ("mean_absolute_error", "down"),
        ("binary_crossentropy", "down"),
        ("score", None),
        ("glossy", None),
        ("val_", None),
    ],
)
def test_direction_of_a_known_name(name, direction):
    assert metric_direction(name, SimpleNamespace()) == direction


def test_metric_of_the_model_is_asked_before_the_table():
    metric = SimpleNamespace(name="accuracy", _direction="down")
    assert metric_direction("val_accuracy", SimpleNamespace(metrics=[metric])) == "down"


def test_metric_within_a_container_is_found():
    inner = SimpleNamespace(name="score", _direction="up")
    outer = SimpleNamespace(name="compile_metrics", metrics=[inner])
    assert metric_direction("score", SimpleNamespace(metrics=[outer])) == "up"


def test_metric_without_direction_leaves_it_to_the_table():
    metrics = [SimpleNamespace(name="mae"), SimpleNamespace(name="score", _direction=None)]
    assert metric_direction("mae", SimpleNamespace(metrics=metrics)) == "down"
    assert metric_direction("score", SimpleNamespace(metrics=metrics)) is None
