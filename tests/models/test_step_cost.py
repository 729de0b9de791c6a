"""What a training step costs, counted: NumPy calls and memory of fixed models, the same on every machine.

A plan that gets longer or larger is noticed here without a clock. Where a change makes one shorter, write the new number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as keras

Dense = keras.layers.Dense


def digits(activation: str, *widths: int) -> Any:
    return [keras.Input((784,)), *(Dense(n, activation) for n in widths), Dense(10, "softmax")]


def tabular() -> Any:
    layers: list[Any] = [keras.Input((20,))]
    for _ in range(2):
        layers += [Dense(128, "relu"), keras.layers.BatchNormalization(), keras.layers.Dropout(0.1)]
    return [*layers, Dense(1)]


# layers, optimizer, loss, batch -> (calls that compute, calls that commit, bytes of scratch)
CASES: dict[str, tuple[Any, str, str, int, tuple[int, int, int]]] = {
    "sigmoid-sgd": (lambda: digits("sigmoid", 64, 32), "sgd", "sparse_categorical_crossentropy", 32, (63, 6, 23688)),
    "relu-adam": (lambda: digits("relu", 64, 32), "adam", "sparse_categorical_crossentropy", 32, (55, 25, 23688)),
    "wide-adam": (lambda: digits("relu", 512, 512), "adam", "sparse_categorical_crossentropy", 128, (55, 125, 859656)),
    "tabular-adamw": (tabular, "adamw", "mse", 256, (98, 32, 1577984)),
}


@pytest.mark.parametrize("name", CASES)
def test_step_costs_what_it_did(name: str) -> None:
    layers, optimizer, loss, batch, expected = CASES[name]
    model = keras.Sequential(layers())
    model.compile(optimizer, loss)
    y = np.zeros((batch, 1)) if loss == "mse" else np.zeros(batch, int)
    model.fit(np.zeros((batch, *model.input_shape[1:]), "float32"), y, batch_size=batch, verbose=0)
    (step,) = model._t_steps.values()
    memory = step.program(batch).acquire()
    bound = memory.bind(batch)
    commit = len(step.prepare) + len(bound.commit) + len(step.commit)
    assert (len(bound.calls), commit, sum(slot.nbytes for slot in memory.slots)) == expected
