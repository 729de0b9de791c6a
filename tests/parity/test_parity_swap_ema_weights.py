"""SwapEMAWeights: what a model is judged by, what it is saved with and what it ends with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(43)
X = RNG.normal(size=(12, 4))
Y = RNG.normal(size=(12, 2))


def build(lib: Any, twins: Any, **options: Any) -> Any:
    model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, "tanh"), lib.layers.Dense(2)])
    return twins.compile(
        lib, model, optimizer=lib.optimizers.SGD(0.1, **{"use_ema": True, "ema_momentum": 0.6, **options})
    )


def watcher(lib: Any, seen: list[Any]) -> Any:
    class Watcher(lib.callbacks.Callback):  # type: ignore[name-defined,misc]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            seen.append(["begin", self.model.get_weights()])

        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(["test", self.model.get_weights()])

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(["end", self.model.get_weights()])

        def on_train_end(self, logs: Any = None) -> None:
            seen.append(["done", self.model.get_weights()])

    return Watcher()


def run_fit(twins: Any, run: Any, **options: Any) -> None:
    """`run(lib, model, seen)` in both libraries on equal weights; what it saw and the weights it left are compared."""
    models = twins.models(lambda lib: build(lib, twins, **options))
    results = []
    for lib, model in zip(twins.libs, models, strict=True):
        seen: list[Any] = []
        results.append([run(lib, model, seen), seen, model.get_weights()])
    twins.compare(*results)


@pytest.mark.parametrize("validated", [True, False])
@pytest.mark.parametrize("on_epoch", [False, True])
def test_fit_shows_what_keras_shows(twins: Any, on_epoch: bool, validated: bool) -> None:
    def run(lib: Any, model: Any, seen: list[Any]) -> Any:
        swap = lib.callbacks.SwapEMAWeights(swap_on_epoch=on_epoch)
        data = (X[:5], Y[:5]) if validated else None
        fitted = model.fit(
            X, Y, epochs=3, batch_size=4, shuffle=False, verbose=0, validation_data=data,
            callbacks=[swap, watcher(lib, seen)],
        )  # fmt: skip
        return fitted.history

    run_fit(twins, run)


def test_evaluation_between_steps_is_of_the_averages_and_leaves_the_weights(twins: Any) -> None:
    def run(lib: Any, model: Any, seen: list[Any]) -> Any:
        for _ in range(3):
            model.train_on_batch(X, Y)
        swap = lib.callbacks.SwapEMAWeights()
        judged = model.evaluate(X, Y, verbose=0, callbacks=[swap])
        seen.append(model.get_weights())
        return [judged, model.train_on_batch(X, Y)]

    run_fit(twins, run)


def test_prediction_is_by_the_averages(twins: Any) -> None:
    def run(lib: Any, model: Any, seen: list[Any]) -> Any:
        kept = []
        for _ in range(3):
            model.train_on_batch(X, Y)
        kept = model.get_weights()
        predicted = model.predict(X, verbose=0, callbacks=[lib.callbacks.SwapEMAWeights()])
        model.set_weights(kept)  # Keras leaves the averages in the model
        return np.asarray(predicted)

    run_fit(twins, run)


def test_argument_may_be_given_by_position(twins: Any) -> None:
    twins.same(
        lambda lib: [lib.callbacks.SwapEMAWeights(True).swap_on_epoch, lib.callbacks.SwapEMAWeights().swap_on_epoch]
    )


def test_optimizer_without_averages_is_a_value_error(twins: Any) -> None:
    for lib in twins.libs:
        model = build(lib, twins, use_ema=False)
        with pytest.raises(ValueError, match="use_ema"):
            model.fit(X, Y, verbose=0, callbacks=[lib.callbacks.SwapEMAWeights(swap_on_epoch=True)])
