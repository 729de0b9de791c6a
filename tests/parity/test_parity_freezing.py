"""`trainable = False` before compile: which weights move, count and are listed is Keras'."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(53)
X = RNG.normal(size=(10, 4))
Y = RNG.normal(size=(10, 3))


def freeze_first(model: Any) -> None:
    model.layers[0].trainable = False


def freeze_last(model: Any) -> None:
    model.layers[-1].trainable = False


def freeze_nested(model: Any) -> None:
    model.layers[1].trainable = False


def freeze_inside_nested(model: Any) -> None:
    model.layers[1].layers[0].trainable = False


def freeze_and_thaw(model: Any) -> None:
    model.trainable = False
    model.trainable = True


FREEZES = [freeze_first, freeze_last, freeze_nested, freeze_inside_nested, freeze_and_thaw]


@pytest.mark.parametrize("freeze", FREEZES, ids=lambda freeze: freeze.__name__)
def test_frozen_weights_stay_and_the_others_move_like_keras(twins: Any, freeze: Callable[[Any], None]) -> None:
    def build(lib: Any) -> Any:
        inner = lib.Sequential([lib.Input((3,)), lib.layers.Dense(3, activation="tanh"), lib.layers.Dense(3)])
        model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3), inner, lib.layers.Dense(3)])
        freeze(model)
        return twins.compile(lib, model, optimizer=lib.optimizers.Adam(0.05))

    def run(model: Any) -> Any:
        names = [[weight.name for weight in part] for part in (model.trainable_weights, model.non_trainable_weights)]
        history = model.fit(X, Y, epochs=2, batch_size=5, shuffle=False, verbose=0).history
        return [names, model.count_params(), history, len(model.optimizer.variables)]

    twins.train(build, run)


def test_layer_declared_untrainable_is_frozen(twins: Any) -> None:
    def build(lib: Any) -> Any:
        layers = [lib.Input((4,)), lib.layers.Dense(3, trainable=False), lib.layers.Dense(3)]
        return twins.compile(lib, lib.Sequential(layers))

    twins.train(build, lambda model: model.fit(X, Y, batch_size=5, shuffle=False, verbose=0).history)


def test_weights_thawed_before_a_second_compile_move(twins: Any) -> None:
    theirs, ours = twins.models(lambda lib: lib.Sequential([lib.Input((4,)), lib.layers.Dense(3), lib.layers.Dense(3)]))
    logs = []
    for lib, model in zip(twins.libs, (theirs, ours), strict=True):
        model.layers[0].trainable = False
        twins.compile(lib, model).train_on_batch(X, Y)
        model.layers[0].trainable = True
        logs.append([twins.compile(lib, model).train_on_batch(X, Y), model.get_weights()])
    twins.compare(*logs)
