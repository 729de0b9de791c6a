"""A table of embeddings, of which a batch reads a few rows: does a step pay for the rows it does not read?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.workloads import Array, Floats, glorot


@dataclass(frozen=True)
class Lookup:
    """Ten numbers of rows → their embeddings → 1; the first thousand of ``rows`` are read."""

    rows: int
    columns: int = 10
    width: int = 64
    read: int = 1000
    learning_rate: float = 0.1
    batch: int = 128
    steps: int = 40
    checked: int = 40

    def kernels(self) -> list[Floats]:
        """Return the table and the kernel behind it."""
        generator = np.random.default_rng(1)
        table = generator.uniform(-0.05, 0.05, (self.rows, self.width)).astype(np.float32)
        return [table, glorot(generator, self.columns * self.width, 1)]

    def data(self, folder: str = "") -> tuple[Array, Array]:
        """Return row numbers and normal targets."""
        generator = np.random.default_rng(0)
        ids = generator.integers(0, self.read, (self.batch * self.steps, self.columns)).astype(np.int32)
        return ids, generator.standard_normal((len(ids), 1), dtype=np.float32)

    def exact(self) -> Lookup:
        """There is no chance in it."""
        return self

    def __str__(self) -> str:
        return f"embedding of {self.rows:,} rows, SGD, batch {self.batch}"
