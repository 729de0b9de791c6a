"""A table of embeddings, of which a batch reads a few rows: does a step pay for the rows it does not read?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.workloads import Floats

COLUMNS, WIDTH, BATCH, STEPS, READ, RATE = 10, 64, 128, 40, 1000, 0.1
PEERS = ("denselite", "keras on jax", "torch")

Epoch = Callable[[], float]


def build(peer: str, rows: int) -> Epoch:
    """Return an epoch of plain SGD on a table of ``rows``, the first thousand of which are read."""
    generator = np.random.default_rng(0)
    ids = generator.integers(0, READ, (BATCH * STEPS, COLUMNS)).astype(np.int32)
    y = generator.standard_normal((len(ids), 1), dtype=np.float32)
    if peer == "torch":
        return torch_epoch(rows, ids, y)
    from benchmarks.peer_fit import load

    keras = load(peer.split()[0])
    model = keras.Sequential(
        [
            keras.Input((COLUMNS,), dtype="int32"),
            keras.layers.Embedding(rows, WIDTH),
            keras.layers.Flatten(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.SGD(RATE), "mse")
    return lambda: float(model.fit(ids, y, batch_size=BATCH, verbose=0).history["loss"][0])


def torch_epoch(rows: int, ids: Any, y: Floats) -> Epoch:
    """Return the epoch for PyTorch, whose embedding has a sparse gradient."""
    import torch

    table = torch.nn.Embedding(rows, WIDTH, sparse=True)
    torch.nn.init.uniform_(table.weight, -0.05, 0.05)  # as Keras starts it
    head = torch.nn.Linear(COLUMNS * WIDTH, 1)
    optimizer = torch.optim.SGD([*table.parameters(), *head.parameters()], lr=RATE)
    inputs, targets = torch.from_numpy(ids), torch.from_numpy(y)

    def epoch() -> float:
        order = torch.randperm(len(ids))
        total = 0.0
        for batch in order.split(BATCH):
            optimizer.zero_grad()
            outputs = head(table(inputs[batch]).flatten(1))
            loss = torch.nn.functional.mse_loss(outputs, targets[batch])
            loss.backward()
            optimizer.step()
            total += loss.item()
        return total / STEPS

    return epoch
