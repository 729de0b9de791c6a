"""Calls as people write them, for mypy: a type checker sees Keras' positional order, and what is not optional.

`scripts/check types` reads this file, where `type: ignore` without an error is an error.
"""

from __future__ import annotations

import denselite as keras
from denselite import layers


def calls() -> None:
    """Never run: some of them are wrong."""
    layers.Dense(10, "relu", name="hidden")
    layers.Dense(units=10, activation="relu", activity_regularizer="l2")
    layers.Dense("10")  # type: ignore[arg-type]
    layers.Dense()  # type: ignore[call-arg]
    layers.Conv2D(8, (3, 3), (2, 2), "same", activation="relu")
    layers.Dropout(0.5, seed=3)
    layers.Dropout("half")  # type: ignore[arg-type]
    layers.Embedding(1000, 16, mask_zero=True)
    layers.BatchNormalization(-1, 0.9)
    layers.CategoryEncoding(4, output_mode="one_hot")
    keras.optimizers.Adam(1e-3)
    keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True)
    keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    keras.metrics.SparseCategoricalAccuracy(name="accuracy")
    keras.callbacks.EarlyStopping("val_loss", patience=3)

    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    model.compile("adam", "mse", metrics=["mae"])
