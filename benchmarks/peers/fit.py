"""Models trained by ``model.fit``: the same lines for denselite and for Keras on each of its backends."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from benchmarks.workloads import CHUNK, Fit, Predict, Training
from benchmarks.workloads.convolutional import Convolutional
from benchmarks.workloads.embedding import Lookup
from benchmarks.workloads.net import Net
from benchmarks.workloads.tabular import Tabular


def classifier(net: Net, folder: str, library: str, jit: Any = "auto") -> Fit:
    """Return the training of a classifier."""
    keras = import_module(library)
    optimizer = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}[net.optimizer]
    model = dense_layers(keras, net)
    model.compile(optimizer(net.learning_rate), crossentropy(keras), jit_compile=jit)
    return training(model, net, folder)


def tabular(table: Tabular, folder: str, library: str, jit: Any = "auto") -> Fit:
    """Return the training on a table, with accuracy."""
    keras = import_module(library)
    layers: list[Any] = [keras.Input(table.sizes[:1])]
    for units in table.sizes[1:-1]:
        layers += [
            keras.layers.Dense(units),
            keras.layers.BatchNormalization(momentum=table.momentum, epsilon=table.epsilon),
            keras.layers.Activation("relu"),
            keras.layers.Dropout(table.dropout),
        ]
    model = keras.Sequential([*layers, keras.layers.Dense(1, activation="sigmoid")])
    optimizer = keras.optimizers.AdamW(table.learning_rate, weight_decay=table.weight_decay)
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"], jit_compile=jit)
    return training(model, table, folder)


def embedding(lookup: Lookup, folder: str, library: str) -> Fit:
    """Return the training of a table of embeddings."""
    keras = import_module(library)
    model = keras.Sequential(
        [
            keras.Input((lookup.columns,), dtype="int32"),
            keras.layers.Embedding(lookup.rows, lookup.width),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.SGD(lookup.learning_rate), "mse")
    return training(model, lookup, folder)


def convolutional(net: Convolutional, folder: str, library: str) -> Fit:
    """Return the training of a convolutional net."""
    keras = import_module(library)
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(net.filters, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(net.filters, 3, padding="same", activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(net.hidden, activation="relu"),
            keras.layers.Dense(net.classes),
        ]
    )
    model.compile(keras.optimizers.Adam(), crossentropy(keras))
    return training(model, net, folder)


def predict(net: Net, library: str) -> Predict:
    """Return the prediction of any number of rows."""
    model = dense_layers(import_module(library), net)
    start(model, net)
    return lambda x: model.predict(x, batch_size=CHUNK, verbose=0)


def dense_layers(keras: Any, net: Net) -> Any:
    """Return the model of a classifier."""
    hidden = [keras.layers.Dense(units, activation=net.activation) for units in net.hidden]
    return keras.Sequential([keras.Input(net.sizes[:1]), *hidden, keras.layers.Dense(net.sizes[-1])])


def crossentropy(keras: Any) -> Any:
    """Return the loss of the classifiers."""
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def start(model: Any, workload: Training) -> None:
    """Give the model the initial weights; the others are as Keras starts them."""
    matrices = [weight for weight in model.weights if len(weight.shape) > 1]
    for weight, kernel in zip(matrices, workload.kernels(), strict=True):
        weight.assign(kernel)


def training(model: Any, workload: Training, folder: str) -> Fit:
    """Return the ``fit`` of a compiled model."""
    start(model, workload)
    x, y = workload.data(folder)

    def fit(rows: int, shuffle: bool, epochs: int = 1) -> float:
        history = model.fit(x[:rows], y[:rows], batch_size=workload.batch, epochs=epochs, shuffle=shuffle, verbose=0)
        return float(history.history["loss"][-1])

    return fit
