"""denselite: Keras-style dense nets on nothing but NumPy.

import denselite as keras

model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=5)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from denselite import (
    activations,
    callbacks,
    config,
    constraints,
    dtype_policies,
    initializers,
    layers,
    losses,
    metrics,
    mixed_precision,
    models,
    ops,
    optimizers,
    random,
    regularizers,
    tree,
    utils,
)
from denselite.callbacks import Callback
from denselite.dtype_policies import DTypePolicy, FloatDTypePolicy
from denselite.functional import grad, value_and_grad
from denselite.initializers import Initializer
from denselite.layers import Input, InputSpec, Layer
from denselite.losses import Loss
from denselite.metrics import Metric
from denselite.models import Model, Sequential
from denselite.optimizers import Optimizer
from denselite.registry import refuse_name
from denselite.regularizers import Regularizer
from denselite.tensor.symbols import KerasTensor
from denselite.tensor.variable import Variable

if TYPE_CHECKING:
    from denselite import datasets as datasets
    from denselite import exchange as exchange
    from denselite import saving as saving
    from denselite import testing as testing

__version__ = "0.1.0"

__all__ = [
    "Callback", "DTypePolicy", "FloatDTypePolicy", "Initializer", "Input", "InputSpec", "KerasTensor", "Layer", "Loss",
    "Metric", "Model", "Optimizer", "Regularizer", "Sequential", "Variable", "__version__", "activations", "callbacks",
    "config", "constraints", "datasets", "dtype_policies", "exchange", "grad", "initializers", "layers", "losses",
    "metrics", "mixed_precision", "models", "ops", "optimizers", "random", "regularizers", "saving", "testing", "tree",
    "utils", "value_and_grad",
]  # fmt: skip

_ABSENT = (
    "Function", "Operation", "Quantizer", "RematScope", "StatelessScope", "SymbolicScope", "applications", "backend",
    "device", "distillation", "distribution", "export", "name_scope", "preprocessing", "quantizers", "remat",
    "version", "visualization", "wrappers",
)  # fmt: skip


_LATER = ("datasets", "exchange", "saving", "testing")  # many a program never asks for these


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        refuse_name(__name__, name, _ABSENT, __all__)
    return import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
