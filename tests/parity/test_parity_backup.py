"""``BackupAndRestore``: what comes out of a training that was interrupted is what Keras makes of it."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np
import pytest

RNG = np.random.default_rng(71)
X = RNG.normal(size=(12, 4))
Y = RNG.normal(size=(12, 3))


def interrupted(lib: Any, epochs: int) -> Any:
    """A callback that raises when so many epochs are done, and backed up."""

    class Interrupt(lib.callbacks.Callback):  # type: ignore[misc, name-defined]
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == epochs:
                raise ConnectionError

    return Interrupt()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("double", [False, True])
def test_training_goes_on_where_it_does_in_keras(twins: Any, optimizer: str, double: bool) -> None:
    def recipe(lib: Any) -> Any:
        seen: list[Any] = []
        with tempfile.TemporaryDirectory() as folder:
            for stop in (2, None):
                model = lib.Sequential([lib.Input((4,)), lib.layers.Dense(3, kernel_initializer="zeros")])
                model.compile(optimizer, "mse")
                callbacks = [
                    lib.callbacks.BackupAndRestore(os.path.join(folder, "backup"), double_checkpoint=double),
                    lib.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: seen.append(epoch)),
                    *([] if stop is None else [interrupted(lib, stop)]),
                ]
                try:
                    model.fit(X, Y, batch_size=4, epochs=4, shuffle=False, verbose=0, callbacks=callbacks)
                except ConnectionError:
                    seen.append(-1)
            return {"seen": seen, "weights": model.get_weights(), "left": len(os.listdir(folder))}

    twins.same(recipe)


@pytest.mark.parametrize(
    "arguments", [("", "epoch"), ("a", "batch"), ("a", 3, True, False), ("a",)], ids=lambda arguments: repr(arguments)
)
def test_arguments_are_those_of_keras(twins: Any, arguments: tuple[Any, ...]) -> None:
    def recipe(lib: Any) -> Any:
        try:
            made = lib.callbacks.BackupAndRestore(*arguments)
        except ValueError:
            return ["refused"]
        return [made.backup_dir, made.save_freq, made.double_checkpoint, made.delete_checkpoint]

    twins.same(recipe)
