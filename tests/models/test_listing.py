"""A model's listing: what a step on given data runs, and what it costs."""

from __future__ import annotations

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.errors import ArgumentError, StateError

X, Y = np.zeros((8, 6), "float32"), np.zeros((8, 3), "float32")


def make_model() -> Sequential:
    model = Sequential([Input((6,)), layers.Dense(4, "relu", name="hidden"), layers.Dense(3, name="out")], name="net")
    model.compile("sgd", "mse")
    return model


def test_training_step_shows_the_gradient_of_each_weight_beside_its_layer() -> None:
    text = str(make_model().listing(X, Y))
    assert "from x 8×6 float32, y 8×3 float32" in text
    hidden = text[text.index("net/hidden") : text.index("net/out")]
    assert "= x @ kernel" in hidden
    assert "∂kernel = x.T @" in hidden
    assert "then the optimizer's update" in text


def test_flops_count_every_product_exactly() -> None:
    forward, backward = make_model().listing(X, Y).totals.flops
    products = 2 * 8 * 6 * 4 + 2 * 8 * 4 * 3
    weights_and_inputs = products + 2 * 8 * 4 * 3  # both kernels, and the input of the second layer alone
    assert products <= forward < products + 8 * (4 + 4 + 3) + 100
    assert weights_and_inputs <= backward < weights_and_inputs + 8 * (4 * 3 + 3 * 3) + 100


def test_data_without_targets_give_the_predicting_step() -> None:
    listing = make_model().listing(X)
    assert listing.totals.instructions == (5, 0)
    assert "BACKWARD" not in str(listing)


def test_unknown_mode_is_an_error_that_names_the_three() -> None:
    with pytest.raises(ArgumentError, match=r"expects mode 'train', 'test' or 'predict', got 'fit'"):
        make_model().listing(X, Y, mode="fit")


def test_training_step_of_a_model_that_is_not_compiled_is_an_error() -> None:
    with pytest.raises(StateError, match="compile"):
        Sequential([Input((6,)), layers.Dense(3)]).listing(X, Y)
