"""Targets are looked at before they are learnt from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers
from denselite.losses import SparseCategoricalCrossentropy

X = np.ones((4, 2))


def classifier(loss: Any) -> Sequential:
    model = Sequential([Input((2,)), layers.Dense(3)], name="net")
    model.compile("sgd", loss)
    return model


def test_ignored_class_is_allowed() -> None:
    loss = SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    classifier(loss).fit(X, np.array([0, -1, 2, -1]), verbose=0)
    with pytest.raises(ValueError, match=r"from 0 to 2 or -1 in y, got -2 in row 1"):
        classifier(loss).fit(X, np.array([0, -2, 2, -1]), verbose=0)


@pytest.mark.parametrize("labels", [[0, 1, 2, 0], [[0], [1], [2], [0]], [0.0, 1.0, 2.0, 0.0]])
def test_labels_may_have_a_last_axis_or_be_whole_floats(labels: Any) -> None:
    classifier("sparse_categorical_crossentropy").fit(X, np.array(labels), verbose=0)


def test_infinite_target_is_refused() -> None:
    y = np.zeros((4, 3))
    y[2, 1] = np.inf
    with pytest.raises(ValueError, match=r"'net' with mse expects finite numbers in y, got inf in row 2\."):
        classifier("mse").fit(X, y, verbose=0)


def test_target_of_an_output_without_a_loss_is_not_looked_at() -> None:
    inputs = Input((2,))
    model = Model(inputs, {"used": layers.Dense(1)(inputs), "free": layers.Dense(1)(inputs)})
    model.compile("sgd", {"used": "mse"})
    model.fit(X, {"used": np.zeros(4), "free": np.full(4, np.nan)}, verbose=0)


def test_second_output_is_named() -> None:
    inputs = Input((2,))
    model = Model(inputs, [layers.Dense(1)(inputs), layers.Dense(1)(inputs)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"expects finite numbers in y\[1\], got nan in row 0"):
        model.fit(X, [np.zeros(4), np.full(4, np.nan)], verbose=0)


def test_infinite_weight_is_refused_in_a_generator_too() -> None:
    with pytest.raises(ValueError, match=r"expects finite numbers in batch 1: sample_weight, got inf in row 0"):
        classifier("mse").fit(((X, np.zeros((4, 3)), np.full(4, w)) for w in (1.0, np.inf)), verbose=0)
