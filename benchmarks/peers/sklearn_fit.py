"""scikit-learn's perceptrons: an epoch is a call of ``partial_fit``, which shuffles, and checks its arguments once."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.workloads import Fit, Predict, in_chunks
from benchmarks.workloads.net import CLASSES, Net


def classifier(net: Net, folder: str) -> Fit:
    """Return the training of a classifier: no penalty (``alpha``), no momentum, Keras' epsilon."""
    x, y = net.data(folder)
    model = MLPClassifier(
        hidden_layer_sizes=net.hidden,
        activation={"sigmoid": "logistic", "relu": "relu"}[net.activation],
        solver=net.optimizer,
        batch_size=net.batch,
        learning_rate_init=net.learning_rate,
        alpha=0.0,
        momentum=0.0,
        nesterovs_momentum=False,
        epsilon=1e-7,
    )
    model.partial_fit(x[: net.batch], y[: net.batch], classes=np.arange(CLASSES))
    start(model, net)
    del model._optimizer  # made anew at the next call: its moments have seen one batch

    def fit(rows: int, shuffle: bool, epochs: int = 1) -> float:
        model.set_params(shuffle=shuffle)
        for _ in range(epochs):
            model.partial_fit(x[:rows], y[:rows])
        return float(model.loss_)

    return fit


def predict(net: Net) -> Predict:
    """Return the prediction of logits: a regressor's, since a classifier's goes on to probabilities."""
    model = MLPRegressor(hidden_layer_sizes=net.hidden, activation=net.activation, batch_size=2)
    model.partial_fit(np.zeros((2, net.sizes[0]), np.float32), np.zeros((2, CLASSES), np.float32))
    start(model, net)
    return in_chunks(model.predict)


def start(model: Any, net: Net) -> None:
    """Overwrite the weights, which exist after a first call."""
    for mine, kernel in zip(model.coefs_, net.kernels(), strict=True):
        mine[...] = kernel
    for bias in model.intercepts_:
        bias[...] = 0
