"""denselite: Keras-style dense nets on nothing but NumPy.

import denselite as keras

model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=5)
"""

from __future__ import annotations

from denselite import (
    activations,
    callbacks,
    config,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    random,
    regularizers,
    saving,
    tree,
    utils,
)
from denselite.callbacks import Callback
from denselite.layers import Input, Layer
from denselite.losses import Loss
from denselite.metrics import Metric
from denselite.models import Model, Sequential
from denselite.optimizers import Optimizer
from denselite.tensor.symbols import KerasTensor
from denselite.tensor.variable import Variable

__version__ = "0.1.0"

__all__ = [
    "Callback", "Input", "KerasTensor", "Layer", "Loss", "Metric", "Model", "Optimizer", "Sequential", "Variable",
    "__version__", "activations", "callbacks", "config", "datasets", "initializers", "layers", "losses", "metrics",
    "models", "ops", "optimizers", "random", "regularizers", "saving", "tree", "utils",
]  # fmt: skip
