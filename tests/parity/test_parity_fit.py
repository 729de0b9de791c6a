"""`fit`: the history (keys, their order, values), the epochs it lists and the weights it leaves are Keras'."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(43)
X = RNG.normal(size=(10, 4))
Y = RNG.integers(0, 3, 10)
W = RNG.random(10)
XV, YV, WV = RNG.normal(size=(10, 4)), RNG.integers(0, 3, 10), RNG.random(10)

CASES: dict[str, dict[str, Any]] = {
    "whole-batches": {"batch_size": 5},
    "short-last-batch": {"batch_size": 4},
    "one-batch-by-default": {},
    "batch-of-one": {"batch_size": 1, "epochs": 1},
    "batch-larger-than-data": {"batch_size": 64},
    "validation-split": {"batch_size": 4, "validation_split": 0.45},
    "validation-split-weighted": {"batch_size": 4, "validation_split": 0.45, "sample_weight": W},
    "validation-data": {"batch_size": 5, "validation_data": (XV, YV)},
    "validation-data-weighted": {"batch_size": 5, "validation_data": (XV, YV, WV)},
    "validation-data-beats-split": {"batch_size": 5, "validation_data": (XV, YV), "validation_split": 0.5},
    "validation-batch-size": {"batch_size": 5, "validation_data": (XV, YV), "validation_batch_size": 4},
    "validation-steps": {"batch_size": 5, "validation_data": (XV, YV), "validation_steps": 1},
    "validation-every-second-epoch": {"batch_size": 5, "validation_data": (XV, YV), "validation_freq": 2},
    "validation-at-epochs": {"batch_size": 5, "validation_data": (XV, YV), "validation_freq": [1, 3]},
    "sample-weight": {"batch_size": 4, "sample_weight": W},
    "sample-weight-column": {"batch_size": 5, "sample_weight": W[:, None]},
    "class-weight": {"batch_size": 4, "class_weight": {0: 0.2, 1: 3.0, 2: 1.5}},
    "class-weight-with-a-class-missing": {"batch_size": 5, "class_weight": {1: 3.0}},
    "class-weight-and-validation": {"batch_size": 5, "class_weight": {1: 3.0}, "validation_split": 0.5},
    "initial-epoch": {"batch_size": 5, "initial_epoch": 1},
    "nothing-to-do": {"batch_size": 5, "initial_epoch": 3},
    "steps-per-epoch": {"batch_size": 2, "steps_per_epoch": 2},
    "steps-choose-the-batch-size": {"steps_per_epoch": 2},
}

LONG_TAIL = {
    "one-batch-by-default",
    "batch-of-one",
    "batch-larger-than-data",
    "validation-at-epochs",
    "sample-weight-column",
    "class-weight-with-a-class-missing",
}


def classifier(twins: Any, lib: Any) -> Any:
    layers = [lib.Input((4,)), lib.layers.Dense(3, activation="tanh"), lib.layers.Dense(3, activation="softmax")]
    metrics = {"metrics": ["accuracy"], "weighted_metrics": ["sparse_categorical_accuracy"]}
    return twins.compile(lib, lib.Sequential(layers), loss="sparse_categorical_crossentropy", **metrics)


@pytest.mark.filterwarnings("ignore:.*ran out of data")
@pytest.mark.parametrize("case", [pytest.param(c, marks=pytest.mark.slow if c in LONG_TAIL else ()) for c in CASES])
def test_history_and_weights_are_keras(twins: Any, case: str) -> None:
    def run(model: Any) -> Any:
        history = model.fit(X, Y, **{"epochs": 3, "shuffle": False, "verbose": 0, **CASES[case]})
        return [history.history, history.epoch, history.params["epochs"], history.params["steps"]]

    twins.train(lambda lib: classifier(twins, lib), run)


def batches(endless: bool = True, weights: bool = False) -> Iterator[tuple[Any, ...]]:
    while True:
        for start in range(0, 10, 4):
            rows = slice(start, start + 4)
            yield (X[rows], Y[rows], W[rows]) if weights else (X[rows], Y[rows])
        if not endless:
            return


@pytest.mark.parametrize("weights", [False, True], ids=["pairs", "triples"])
def test_generator_trains_like_keras(twins: Any, weights: bool) -> None:
    def run(model: Any) -> Any:
        history = model.fit(batches(weights=weights), epochs=3, steps_per_epoch=3, verbose=0)
        return [history.history, model.evaluate(batches(), steps=3, verbose=0)]

    twins.train(lambda lib: classifier(twins, lib), run)


def test_generator_that_ends_trains_one_epoch_like_keras(twins: Any) -> None:
    def run(model: Any) -> Any:
        history = model.fit(batches(endless=False), epochs=1, verbose=0, validation_data=batches(), validation_steps=2)
        return [history.history, model.predict(((x,) for x, *_ in batches(endless=False)), verbose=0)]

    twins.train(lambda lib: classifier(twins, lib), run)


def test_one_hot_labels_take_class_weights_like_keras(twins: Any) -> None:
    def build(lib: Any) -> Any:
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, activation="softmax")])
        return twins.compile(lib, model, loss="categorical_crossentropy")

    def run(model: Any) -> Any:
        weights = {0: 0.2, 1: 3.0}
        return model.fit(X, np.eye(3)[Y], batch_size=5, shuffle=False, verbose=0, class_weight=weights).history

    twins.train(build, run)


def test_second_fit_goes_on_with_a_history_of_its_own(twins: Any) -> None:
    def run(model: Any) -> Any:
        arguments: dict[str, Any] = {"batch_size": 5, "shuffle": False, "verbose": 0}
        first = model.fit(X, Y, epochs=2, **arguments)
        second = model.fit(X, Y, epochs=4, initial_epoch=2, **arguments)
        return [first.history, first.epoch, second.history, second.epoch, model.history is second]

    twins.train(lambda lib: classifier(twins, lib), run)


@pytest.mark.parametrize("kind", ["keras", "npz"])
def test_fit_of_a_loaded_model_goes_on_at_its_initial_epoch(twins: Any, kind: str, tmp_path: Path) -> None:
    """Ours loads from a file of either kind, Keras from its own; a decaying rate, Adam and batch norm show the state."""
    pytest.importorskip("h5py", reason="Keras' files are written with h5py: pip install h5py")
    arguments: dict[str, Any] = {"batch_size": 5, "shuffle": False, "verbose": 0}

    def recipe(lib: Any) -> list[Any]:
        layers = [lib.Input((4,)), lib.layers.Dense(5, activation="tanh"), lib.layers.BatchNormalization()]
        optimizer = lib.optimizers.Adam(lib.optimizers.schedules.ExponentialDecay(0.05, 2, 0.7))
        model = twins.compile(lib, lib.Sequential([*layers, lib.layers.Dense(3)]), optimizer=optimizer)
        draw = np.random.default_rng(11)
        model.set_weights([draw.uniform(0.5, 1.0, w.shape).astype(w.dtype) for w in model.get_weights()])
        path = tmp_path / f"m.{'keras' if lib.__name__ == 'keras' else kind}"
        model.fit(X, np.eye(3)[Y], epochs=2, callbacks=[lib.callbacks.ModelCheckpoint(path)], **arguments)
        read = lib.models.load_model(path)
        met: list[int] = []
        note = lib.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: met.append(epoch))
        history = read.fit(X, np.eye(3)[Y], epochs=5, initial_epoch=2, callbacks=[note], **arguments)
        return [met, history.epoch, history.history, int(read.optimizer.iterations), read.get_weights()]

    twins.same(recipe)


def test_shuffle_visits_every_row_once_an_epoch(twins: Any) -> None:
    """A full-batch step does not depend on the order, so it must be Keras' whatever the shuffle."""

    def run(model: Any) -> Any:
        return model.fit(X, Y, batch_size=10, epochs=3, shuffle=True, verbose=0).history

    twins.train(lambda lib: classifier(twins, lib), run)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int32", "uint8", "bool"])
def test_input_dtype_is_cast_like_keras(twins: Any, dtype: str) -> None:
    x = (np.abs(X) * 3).astype(dtype)

    def run(model: Any) -> Any:
        history = model.fit(x, Y.astype("uint8"), batch_size=5, shuffle=False, verbose=0).history
        return [history, model.predict(x, batch_size=5, verbose=0)]

    twins.train(lambda lib: classifier(twins, lib), run)
