from __future__ import annotations

import numpy as np
import pytest

from denselite import Input, Sequential
from denselite.errors import ArgumentError
from denselite.layers import Dense, Masking
from denselite.tensor.masks import get_mask

X = np.array([[[2.0, 1.0], [2.0, 2.0]], [[1.0, 2.0], [0.0, 0.0]]], "float32")


def test_step_of_nothing_but_the_value_is_zero_and_masked() -> None:
    y = Masking(2.0)(X)
    assert y.tolist() == [[[2.0, 1.0], [0.0, 0.0]], [[1.0, 2.0], [0.0, 0.0]]]
    assert get_mask(y).tolist() == Masking(2.0).compute_mask(X).tolist() == [[True, False], [True, True]]


def test_gradient_goes_through_what_is_not_masked() -> None:
    model = Sequential([Input((None, 2)), Dense(2, use_bias=False, kernel_initializer="ones"), Masking(4.0), Dense(1)])
    model.compile("sgd", "mse")
    before = model.get_weights()[0]
    model.train_on_batch(X[:1, 1:], X[:1, 1:, :1])  # a single step, which is masked
    assert np.array_equal(model.get_weights()[0], before)
    model.train_on_batch(X, X[..., :1])
    assert not np.array_equal(model.get_weights()[0], before)


def test_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"^Masking\(\) argument 'mask_value' should be a number"):
        Masking("zero")
