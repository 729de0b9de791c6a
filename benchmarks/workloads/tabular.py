"""A table of numbers and a yes or no: dense layers with batch normalization and dropout."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.workloads import Array, Floats, glorot


@dataclass(frozen=True)
class Tabular:
    """``20 → 128 → 128 → 1``; AdamW with Keras' defaults, which PyTorch is given, too."""

    sizes: tuple[int, ...] = (20, 128, 128, 1)
    dropout: float = 0.1
    learning_rate: float = 0.001
    weight_decay: float = 0.004
    momentum: float = 0.99  # of the running averages
    epsilon: float = 0.001  # beneath the variance
    batch: int = 256
    steps: int = 390
    checked: int = 50

    def kernels(self) -> list[Floats]:
        """Return the initial weights."""
        generator = np.random.default_rng(1)
        return [glorot(generator, *pair) for pair in zip(self.sizes, self.sizes[1:], strict=False)]

    def data(self, folder: str = "") -> tuple[Array, Array]:
        """Return 100,000 rows, and whether a random quadratic form of each is above its mean."""
        generator = np.random.default_rng(0)
        x = generator.standard_normal((100_000, self.sizes[0]), dtype=np.float32)
        form = generator.standard_normal((self.sizes[0], self.sizes[0]), dtype=np.float32)
        score = (x @ form * x).sum(axis=1)
        return x, (score > score.mean()).astype(np.float32)[:, None]

    def exact(self) -> Tabular:
        """Every peer draws other numbers: compare without dropout."""
        return replace(self, dropout=0.0)

    def __str__(self) -> str:
        sizes = "-".join(map(str, self.sizes))
        return f"{sizes} relu, batch normalization, dropout {self.dropout}, AdamW, accuracy, batch {self.batch}"
