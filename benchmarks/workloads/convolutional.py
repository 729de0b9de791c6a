"""A small convolutional net on images of 28×28: conv 3×3×32, conv 3×3×32, max-pool 2, dense 128, dense 10."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.workloads import Array, Floats, glorot


@dataclass(frozen=True)
class Convolutional:
    """Adam with Keras' defaults."""

    filters: int = 32
    hidden: int = 128
    classes: int = 10
    batch: int = 128
    steps: int = 4
    checked: int = 4

    @property
    def pooled(self) -> tuple[int, int, int]:
        """What the dense layers are given: rows, columns, channels."""
        return 14, 14, self.filters

    def kernels(self) -> list[Floats]:
        """Return the initial weights: convolutions as (rows, columns, channels, filters)."""
        generator = np.random.default_rng(1)
        flat = 14 * 14 * self.filters
        return [
            *(glorot(generator, 9 * n, 9 * self.filters, (3, 3, n, self.filters)) for n in (1, self.filters)),
            glorot(generator, flat, self.hidden),
            glorot(generator, self.hidden, self.classes),
        ]

    def data(self, folder: str = "") -> tuple[Array, Array]:
        """Return random images and labels."""
        generator = np.random.default_rng(0)
        x = generator.random((self.batch * self.steps, 28, 28, 1), dtype=np.float32)
        return x, generator.integers(0, self.classes, len(x))

    def exact(self) -> Convolutional:
        """There is no chance in it."""
        return self

    def __str__(self) -> str:
        return f"two convolutions 3×3×{self.filters} on 28×28, Adam, batch {self.batch}"
