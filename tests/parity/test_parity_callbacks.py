"""Callbacks: which hooks fire in which order with which logs, and what the common ones do, is Keras'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(67)
X = RNG.normal(size=(10, 4))
Y = RNG.normal(size=(10, 3))
HOOKS = [
    f"on_{what}_{when}"
    for what in ("train", "epoch", "train_batch", "test", "test_batch", "predict", "predict_batch")
    for when in ("begin", "end")
]


def regressor(twins: Any, lib: Any, rate: float = 0.1) -> Any:
    layers = [lib.Input((4,)), lib.layers.Dense(3, activation="tanh"), lib.layers.Dense(3)]
    return twins.compile(lib, lib.Sequential(layers), optimizer=lib.optimizers.SGD(rate), metrics=["mae"])


def spy(lib: Any, seen: list[Any]) -> Any:
    """A callback that writes down every hook with its index and its logs (but not the predictions)."""

    def note(hook: str) -> Any:
        def method(self: Any, *index: int, logs: dict[str, Any] | None = None) -> None:
            seen.append([hook, list(index), {key: value for key, value in (logs or {}).items() if key != "outputs"}])

        return method

    return type("Spy", (lib.callbacks.Callback,), {hook: note(hook) for hook in HOOKS})()


def test_every_hook_fires_in_keras_order_with_keras_logs(twins: Any) -> None:
    theirs, ours = twins.models(lambda lib: regressor(twins, lib))
    notes = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        seen: list[Any] = []
        callback = spy(lib, seen)
        arguments: dict[str, Any] = {"batch_size": 4, "verbose": 0, "callbacks": [callback]}
        model.fit(X, Y, epochs=2, shuffle=False, validation_data=(X[:5], Y[:5]), **arguments)
        model.evaluate(X, Y, **arguments)
        model.predict(X, **arguments)
        notes.append(seen)
    twins.compare(*notes)


STOPPERS: dict[str, dict[str, Any]] = {
    "patience-0": {"monitor": "val_loss"},
    "patience-1": {"monitor": "val_loss", "patience": 1},
    "loss": {"monitor": "loss", "patience": 1, "min_delta": 0.05},
    "restore": {"monitor": "val_loss", "patience": 1, "restore_best_weights": True},
    "start-from-epoch": {"monitor": "val_loss", "start_from_epoch": 2},
    "baseline": {"monitor": "val_loss", "baseline": 0.01, "patience": 2},
    "max": {"monitor": "val_loss", "mode": "max", "patience": 1},
    "metric": {"monitor": "val_mae", "patience": 1, "restore_best_weights": True},
}


@pytest.mark.parametrize("case", STOPPERS)
def test_early_stopping_stops_and_restores_like_keras(twins: Any, case: str) -> None:
    theirs, ours = twins.models(lambda lib: regressor(twins, lib, rate=0.8))
    results = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        stopper = lib.callbacks.EarlyStopping(**STOPPERS[case])
        arguments: dict[str, Any] = {"batch_size": 5, "shuffle": False, "verbose": 0}
        history = model.fit(X, Y, epochs=8, validation_data=(X[:5], -Y[:5]), callbacks=[stopper], **arguments)
        counters = [stopper.stopped_epoch, stopper.wait, float(stopper.best), stopper.best_epoch]
        results.append([history.history, history.epoch, counters, model.get_weights()])
    twins.compare(*results)


def test_csv_log_has_keras_columns_and_numbers(twins: Any, tmp_path: Path) -> None:
    theirs, ours = twins.models(lambda lib: regressor(twins, lib))
    tables: list[Any] = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        path = tmp_path / f"{lib.__name__}-{len(tables)}.csv"
        logger = lib.callbacks.CSVLogger(str(path))
        arguments: dict[str, Any] = {"batch_size": 5, "shuffle": False, "verbose": 0, "callbacks": [logger]}
        model.fit(X, Y, epochs=3, validation_data=(X, Y), **arguments)
        header, *rows = path.read_text().splitlines()
        tables.append([header, [[float(cell) for cell in row.split(",")] for row in rows]])
    twins.compare(*tables)


def test_lambda_callback_and_injected_logs_reach_the_history(twins: Any) -> None:
    def inject(epoch: int, logs: dict[str, Any]) -> None:
        logs["extra"] = float(epoch)

    theirs, ours = twins.models(lambda lib: regressor(twins, lib))
    histories = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        callback = lib.callbacks.LambdaCallback(on_epoch_end=inject)
        arguments: dict[str, Any] = {"batch_size": 5, "shuffle": False, "verbose": 0, "callbacks": [callback]}
        histories.append(model.fit(X, Y, epochs=2, validation_split=0.5, **arguments).history)
    twins.compare(*histories)


@pytest.mark.parametrize("hook", ["on_train_batch_end", "on_epoch_end"])
def test_stop_training_ends_where_keras_ends(twins: Any, hook: str) -> None:
    theirs, ours = twins.models(lambda lib: regressor(twins, lib))
    results = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):

        def stop(self: Any, index: int, logs: Any = None) -> None:
            self.model.stop_training = True

        callback = type("Stop", (lib.callbacks.Callback,), {hook: stop})()
        arguments: dict[str, Any] = {"batch_size": 4, "shuffle": False, "verbose": 0, "callbacks": [callback]}
        history = model.fit(X, Y, epochs=3, validation_split=0.2, **arguments)
        results.append([history.history, history.epoch, model.get_weights()])
    twins.compare(*results)


PLATEAUS: dict[str, dict[str, Any]] = {
    "defaults": {"monitor": "loss"},
    "patience-0": {"monitor": "loss", "factor": 0.5, "patience": 0, "min_delta": 10.0},
    "patience-1": {"monitor": "loss", "factor": 0.5, "patience": 1, "min_delta": 10.0},
    "patience-2": {"monitor": "loss", "factor": 0.5, "patience": 2, "min_delta": 10.0},
    "cooldown-1": {"monitor": "loss", "factor": 0.5, "patience": 1, "min_delta": 10.0, "cooldown": 1},
    "cooldown-2": {"monitor": "loss", "factor": 0.5, "patience": 2, "min_delta": 10.0, "cooldown": 2},
    "min-lr": {"monitor": "loss", "factor": 0.1, "patience": 1, "min_delta": 10.0, "min_lr": 0.03},
    "max": {"monitor": "val_mae", "factor": 0.5, "patience": 1, "mode": "max", "min_delta": 0.0},
    "min": {"monitor": "val_loss", "factor": 0.9, "patience": 1, "mode": "min", "min_delta": 0.02},
    "own-log": {"monitor": "learning_rate", "factor": 0.5, "patience": 2, "mode": "min"},
}


@pytest.mark.parametrize("case", PLATEAUS)
def test_reduce_lr_on_plateau_lowers_the_rate_when_keras_does(twins: Any, case: str, capsys: Any) -> None:
    theirs, ours = twins.models(lambda lib: regressor(twins, lib))
    results = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        reducer = lib.callbacks.ReduceLROnPlateau(verbose=1, **PLATEAUS[case])
        arguments: dict[str, Any] = {"batch_size": 5, "shuffle": False, "verbose": 0, "validation_data": (X, Y)}
        history = model.fit(X, Y, epochs=7, callbacks=[reducer], **arguments).history
        counters = [float(reducer.best), reducer.wait, reducer.cooldown_counter, reducer.in_cooldown()]
        printed = capsys.readouterr().out.split("\n")
        results.append([history, counters, [line for line in printed if line], model.get_weights()])
    twins.compare(*results)


SCHEDULES: dict[str, Any] = {
    "by-epoch": lambda epoch: 0.1 / (epoch + 1),
    "by-rate": lambda epoch, rate: rate * 0.5,
    "numpy": lambda epoch, rate: np.float32(rate * 0.5),
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_learning_rate_scheduler_sets_and_logs_what_keras_does(twins: Any, case: str, capsys: Any) -> None:
    theirs, ours = twins.models(lambda lib: regressor(twins, lib, rate=0.3))
    results = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        scheduler = lib.callbacks.LearningRateScheduler(SCHEDULES[case], verbose=1)
        arguments: dict[str, Any] = {"batch_size": 5, "shuffle": False, "verbose": 0, "callbacks": [scheduler]}
        history = model.fit(X, Y, epochs=3, validation_split=0.5, **arguments).history
        printed = [line for line in capsys.readouterr().out.split("\n") if line]
        results.append([history, printed, float(model.optimizer.learning_rate), model.get_weights()])
    twins.compare(*results)


@pytest.mark.parametrize("schedule", [lambda epoch: 1, lambda epoch: "a", lambda epoch, rate: None])
def test_schedule_that_returns_no_float_raises_where_keras_raises(twins: Any, schedule: Any) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match="float"):
            regressor(twins, lib).fit(X, Y, verbose=0, callbacks=[lib.callbacks.LearningRateScheduler(schedule)])


@pytest.mark.parametrize("callback", ["LearningRateScheduler", "ReduceLROnPlateau"])
def test_rate_of_a_schedule_cannot_be_set_by_a_callback(twins: Any, callback: str) -> None:
    arguments = {
        "LearningRateScheduler": {"schedule": lambda epoch: 0.1},
        "ReduceLROnPlateau": {"monitor": "loss", "patience": 1, "min_delta": 10.0},
    }[callback]
    for lib in twins.libs:
        model = regressor(twins, lib, lib.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5))
        with pytest.raises(TypeError):
            model.fit(X, Y, epochs=3, verbose=0, callbacks=[getattr(lib.callbacks, callback)(**arguments)])


@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_factor_of_a_plateau_is_less_than_one(twins: Any, factor: float) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError, match="factor"):
            lib.callbacks.ReduceLROnPlateau(factor=factor)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_terminate_on_nan_stops_after_keras_batch(twins: Any, value: float, capsys: Any) -> None:
    x = X.copy()
    x[7, 0] = value  # the third batch of each epoch
    theirs, ours = twins.models(lambda lib: regressor(twins, lib))
    results = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        seen: list[Any] = []
        arguments: dict[str, Any] = {"batch_size": 3, "shuffle": False, "verbose": 0, "validation_data": (X, Y)}
        history = model.fit(x, Y, epochs=3, callbacks=[lib.callbacks.TerminateOnNaN(), spy(lib, seen)], **arguments)
        hooks = [entry[:2] for entry in seen]
        results.append([hooks, history.epoch, list(history.history), capsys.readouterr().out, model.stop_training])
    twins.compare(*results)


def test_terminate_on_nan_raises_when_asked_and_ends_no_training(twins: Any) -> None:
    for lib in twins.libs:
        ended: list[Any] = []
        callbacks = [
            lib.callbacks.TerminateOnNaN(raise_error=True),
            lib.callbacks.LambdaCallback(on_train_end=ended.append),
        ]
        with pytest.raises(RuntimeError, match="batch 0"):
            regressor(twins, lib).fit(X * np.inf, Y, verbose=0, callbacks=callbacks)
        assert not ended


def test_rate_that_a_callback_logs_can_be_watched_by_the_next(twins: Any) -> None:
    theirs, ours = twins.models(lambda lib: regressor(twins, lib))
    results = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        callbacks = [
            lib.callbacks.LearningRateScheduler(lambda epoch: 0.1 if epoch < 2 else 0.2),
            lib.callbacks.EarlyStopping("learning_rate", mode="max", patience=2),
        ]
        history = model.fit(X, Y, epochs=9, shuffle=False, verbose=0, callbacks=callbacks)
        results.append([history.history, history.epoch])
    twins.compare(*results)
