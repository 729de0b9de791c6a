"""Prediction of a single row through 784-512-512-10: what a service pays for one answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workloads import FEATURES, WORKLOADS, Floats, initial_weights

WORKLOAD = WORKLOADS["wide-adam"]


def build(peer: str) -> Callable[[], Any]:
    """Return a call that predicts one row."""
    row = np.random.default_rng(0).random((1, FEATURES), dtype=np.float32)
    weights = initial_weights(WORKLOAD)
    if peer == "numpy":
        return bare_expression(row, weights)
    if peer == "torch":
        return torch_forward(row, weights)
    from benchmarks import peer_fit

    model = peer_fit.make_model(peer_fit.load(peer.split()[0]), WORKLOAD, weights)
    return lambda: model.predict(row, verbose=0)


def bare_expression(row: Floats, weights: list[Floats]) -> Callable[[], Floats]:
    """Return the forward pass as one NumPy expression."""
    w1, b1, w2, b2, w3, b3 = weights
    return lambda: np.maximum(np.maximum(row @ w1 + b1, 0) @ w2 + b2, 0) @ w3 + b3


def torch_forward(row: Floats, weights: list[Floats]) -> Callable[[], Floats]:
    """Return PyTorch's forward pass without its gradient tape, from an array to an array."""
    import torch

    from benchmarks.peer_torch import make_model

    model = make_model(WORKLOAD, weights)

    def predict() -> Floats:
        with torch.inference_mode():
            outputs: Floats = model(torch.from_numpy(row)).numpy()
        return outputs

    return predict
