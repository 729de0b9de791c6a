"""The tracker of NaN: what made the first one, where, in which step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as dl
from denselite import callbacks, layers
from denselite.errors import DivergenceError
from denselite.utils import track_nans

X = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
Y = X[:, :1]


def net(function: Any = lambda x: x, eager: bool = False, rate: float = 0.1) -> Any:
    stack = [layers.Dense(2, kernel_initializer="ones", name="d"), layers.Lambda(function, name="f"), layers.Dense(1)]
    model = dl.Sequential([dl.Input((3,)), *stack], name="m")
    model.compile(dl.optimizers.SGD(rate), "mse", run_eagerly=eager)
    return model


def weights_with_nan(model: Any) -> None:
    model.set_weights([np.full(w.shape, np.nan) for w in model.get_weights()])


CASES: dict[str, tuple[Any, str]] = {
    "forward": (lambda x: np.log(x), r"^Step 1: 'log' in layer 'm/f' \(forward\) made NaN, 4 of 8 values\. Everything"),
    "backward": (lambda x: np.sqrt(np.abs(x) * 0), r"^Step 1: 'divide' in layer 'm/f' \(backward\) made an infinity, 8 of 8"),
}  # fmt: skip


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_first_nan_is_told_with_its_layer_and_the_weights_stay(case: str, eager: bool) -> None:
    function, message = CASES[case]
    model = net(function, eager)
    before = model.get_weights()
    with pytest.raises(DivergenceError, match=message):
        model.fit(X, Y, verbose=0, callbacks=[callbacks.NaNTracker()])
    assert all(map(np.array_equal, before, model.get_weights()))


def test_update_that_makes_an_infinity_names_the_weight_and_the_step() -> None:
    model = net(rate=1e38)
    with pytest.raises(DivergenceError, match=r"^Step 1: the optimizer \(update\) made an infinity, .* in 'm/"):
        model.fit(X * 100, Y, verbose=0, callbacks=[callbacks.NaNTracker()])


def test_weights_and_data_that_hold_nan_are_named() -> None:
    model = net()
    x = X.copy()
    x[0, 0] = np.nan
    with track_nans(model):
        with pytest.raises(DivergenceError, match=r"the input x holds NaN, 1 of 12 values\. Clean the data\."):
            model.predict(x, verbose=0)
        weights_with_nan(model)
        with pytest.raises(DivergenceError, match=r"the weight 'm/d/kernel' holds NaN, 6 of 6 values"):
            model.evaluate(X, Y, verbose=0)


def test_infinity_of_a_mask_is_none_that_an_operation_made() -> None:
    model = net(lambda x: np.exp(np.where(x > 100.0, x, -np.inf)))
    with track_nans(model):
        assert np.isfinite(model.predict(X, verbose=0)).all()


def test_tracked_step_computes_what_others_compute_and_ends_with_the_block() -> None:
    plain, tracked = net(), net()
    tracked.set_weights(plain.get_weights())
    plain.fit(X, Y, batch_size=2, shuffle=False, verbose=0)
    tracked.fit(X, Y, batch_size=2, shuffle=False, verbose=0, callbacks=[callbacks.NaNTracker()])
    assert all(map(np.array_equal, plain.get_weights(), tracked.get_weights()))
    weights_with_nan(tracked)
    assert np.isnan(tracked.predict(X, verbose=0)).all()


def test_step_of_the_nan_is_counted_over_the_life_of_the_model() -> None:
    model = net(lambda x: np.log(x + 100.0))
    model.fit(X, Y, batch_size=2, verbose=0)
    model.set_weights([np.full(w.shape, -1e3) for w in model.get_weights()])
    with track_nans(model), pytest.raises(DivergenceError, match=r"^Step 3: 'log'"):
        model.fit(np.ones((4, 3)), Y, batch_size=2, verbose=0)
