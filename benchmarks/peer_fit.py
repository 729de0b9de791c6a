"""A Keras-style model trained by ``model.fit``: the same lines for denselite and for Keras itself."""

from __future__ import annotations

import importlib
import os
from typing import Any

from benchmarks.workloads import Epoch, Floats, Labels, Workload


def build(workload: Workload, weights: list[Floats], x: Floats, y: Labels, library: str, jit: Any) -> Epoch:
    """Return ``epoch(rows, shuffle)``, which trains on the first ``rows`` and returns the mean loss."""
    keras = load(library)
    model = make_model(keras, workload, weights)
    make_optimizer = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[workload.optimizer]
    model.compile(
        optimizer=make_optimizer(learning_rate=workload.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=jit,
    )

    def epoch(rows: int, shuffle: bool) -> float:
        history = model.fit(x[:rows], y[:rows], batch_size=workload.batch, epochs=1, verbose=0, shuffle=shuffle)
        return float(history.history["loss"][0])

    return epoch


def load(library: str) -> Any:
    """Import denselite or Keras, the latter on JAX."""
    os.environ["KERAS_BACKEND"] = "jax"  # Keras reads it as it is imported; denselite has no use for it
    return importlib.import_module(library)


def make_model(keras: Any, workload: Workload, weights: list[Floats]) -> Any:
    """Return the network with the given weights."""
    model = keras.Sequential(
        [
            keras.Input((workload.sizes[0],)),
            *(keras.layers.Dense(units, activation=workload.activation) for units in workload.hidden),
            keras.layers.Dense(workload.sizes[-1]),
        ]
    )
    model.set_weights(weights)
    return model
