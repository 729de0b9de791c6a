"""A small convolutional net on images of 28×28: conv 3×3×32, conv 3×3×32, max-pool 2, dense 128, dense 10."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workloads import CLASSES

BATCH, STEPS = 128, 4
PEERS = ("denselite", "torch")

Epoch = Callable[[], float]


def build(peer: str) -> Epoch:
    """Return an epoch of Adam on random images."""
    generator = np.random.default_rng(0)
    x = generator.random((BATCH * STEPS, 28, 28, 1), dtype=np.float32)
    y = generator.integers(0, CLASSES, len(x))
    if peer == "torch":
        return torch_epoch(x, y)
    from benchmarks.peer_fit import load

    keras = load(peer)
    conv = {"kernel_size": 3, "padding": "same", "activation": "relu"}
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(32, **conv),
            keras.layers.Conv2D(32, **conv),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(CLASSES),
        ]
    )
    model.compile(keras.optimizers.Adam(), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return lambda: float(model.fit(x, y, batch_size=BATCH, verbose=0).history["loss"][0])


def torch_epoch(x: Any, y: Any) -> Epoch:
    """Return the epoch for PyTorch."""
    import torch
    from torch import nn

    model = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(6272, 128),
        nn.ReLU(),
        nn.Linear(128, CLASSES),
    )
    optimizer = torch.optim.Adam(model.parameters())
    images, labels = torch.from_numpy(x.transpose(0, 3, 1, 2).copy()), torch.from_numpy(y)

    def epoch() -> float:
        total = 0.0
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total / STEPS

    return epoch
