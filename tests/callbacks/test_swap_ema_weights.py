from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.callbacks import Callback, EarlyStopping, SwapEMAWeights
from denselite.errors import ArgumentError
from denselite.optimizers import SGD

X = np.random.default_rng(5).normal(size=(8, 3)).astype("float32")
Y = X[:, :1] ** 2


def trained_model(steps: int = 3, use_ema: bool = True) -> Any:
    model = Sequential([Input((3,)), layers.Dense(1, kernel_initializer="ones")])
    model.compile(SGD(0.1, use_ema=use_ema, ema_momentum=0.8), "mse")
    for _ in range(steps):
        model.train_on_batch(X, Y)
    return model


def averages(model: Any) -> list[Any]:
    return [average.numpy() for average in model.optimizer.averages.values()]


def assert_equal(ours: list[Any], theirs: list[Any]) -> None:
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


class Look(Callback):
    """Notes the weights that another callback sees, and may raise."""

    def __init__(self, trouble: bool = False) -> None:
        self.trouble, self.seen = trouble, []

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.look()

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.look()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.look()

    def look(self) -> None:
        self.seen.append(self.model.get_weights())
        if self.trouble:
            raise RuntimeError("trouble")


@pytest.mark.parametrize("way", ["evaluate", "predict"])
@pytest.mark.parametrize("trouble", [False, True])
def test_averages_are_in_the_model_while_it_is_asked_and_not_after(way: str, trouble: bool) -> None:
    model, look = trained_model(), Look(trouble)
    before = model.get_weights()
    ask = getattr(model, way)
    arguments: Any = {"x": X, **({"y": Y} if way == "evaluate" else {}), "verbose": 0}
    if trouble:
        with pytest.raises(RuntimeError, match="trouble"):
            ask(**arguments, callbacks=[SwapEMAWeights(), look])
    else:
        ask(**arguments, callbacks=[SwapEMAWeights(), look])
    assert_equal(look.seen[0], averages(model))
    assert_equal(model.get_weights(), before)


@pytest.mark.parametrize("on_epoch", [False, True])
def test_callbacks_after_it_see_the_averages_at_the_end_of_an_epoch_if_asked(on_epoch: bool) -> None:
    look, plain = Look(), Look()
    for callbacks in ([plain], [SwapEMAWeights(on_epoch), look]):
        trained_model(0).fit(X, Y, epochs=3, shuffle=False, verbose=0, callbacks=callbacks)
    same = [np.array_equal(a[0], b[0]) for a, b in zip(look.seen, plain.seen, strict=True)]
    assert same == ([True, False, False] if on_epoch else [True] * 3)  # the first average is the weight


def test_training_that_stops_early_ends_with_the_averages() -> None:
    # Keras 3.15 leaves the last weights here, and has lost the averages.
    model = trained_model(0)
    stop = EarlyStopping("loss", patience=1, baseline=0.0, min_delta=1e9)
    model.fit(X, Y, epochs=9, shuffle=False, verbose=0, callbacks=[SwapEMAWeights(swap_on_epoch=True), stop])
    assert stop.stopped_epoch == 1
    assert_equal(model.get_weights(), averages(model))
    by_hand = trained_model(2)
    assert_equal(averages(model), averages(by_hand))


@pytest.mark.parametrize("on_epoch", [False, True])
def test_fit_that_raises_ends_with_the_averages(on_epoch: bool) -> None:
    model = trained_model(0)
    with pytest.raises(RuntimeError, match="trouble"):
        model.fit(
            X, Y, epochs=2, verbose=0, validation_data=(X, Y), callbacks=[SwapEMAWeights(on_epoch), Look(trouble=True)]
        )
    assert_equal(model.get_weights(), averages(model))
    swap = SwapEMAWeights(on_epoch)
    model.fit(X, Y, epochs=2, verbose=0, validation_data=(X, Y), callbacks=[swap])
    assert_equal(model.get_weights(), averages(model))


def test_model_that_has_taken_no_step_is_judged_by_its_weights() -> None:
    model = trained_model(0)
    assert model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()]) == model.evaluate(X, Y, verbose=0)


@pytest.mark.parametrize("way", ["fit", "evaluate"])
def test_optimizer_without_averages_is_an_error_before_any_step(way: str) -> None:
    model = trained_model(0, use_ema=False)
    with pytest.raises(ArgumentError, match=r"^SwapEMAWeights needs an optimizer with use_ema=True, .* got SGD\(learn"):
        getattr(model, way)(X, Y, verbose=0, callbacks=[SwapEMAWeights()])
    assert int(model.optimizer.iterations) == 0


def test_argument_is_checked() -> None:
    with pytest.raises(
        ArgumentError, match=r"SwapEMAWeights\(\) argument 'swap_on_epoch' should be True or False, got 2"
    ):
        SwapEMAWeights(2)  # type: ignore[arg-type]
