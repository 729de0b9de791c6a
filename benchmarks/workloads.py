"""What is measured: three training steps of the shapes people run, on data as large as MNIST."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Epoch: TypeAlias = Callable[[int, bool], float]
"""What every peer builds: ``epoch(rows, shuffle)`` trains on the first rows and returns the mean loss."""
Floats: TypeAlias = NDArray[np.float32]
Labels: TypeAlias = NDArray[np.int64]

ROWS, FEATURES, CLASSES = 60_000, 784, 10


@dataclass(frozen=True)
class Workload:
    """A classifier ``784 → hidden → hidden → 10`` with its optimizer and batch size."""

    hidden: tuple[int, int]
    activation: str
    optimizer: str
    learning_rate: float
    batch: int
    blas_threads: int | None  # what the hand-written loop runs best with; None: as many as there are

    @property
    def sizes(self) -> tuple[int, ...]:
        """Widths from the input to the logits."""
        return (FEATURES, *self.hidden, CLASSES)

    @property
    def rows(self) -> int:
        """Rows of one epoch: whole batches only, so that every step does the same work."""
        return ROWS // self.batch * self.batch

    def __str__(self) -> str:
        optimizer = {"sgd": "SGD", "adam": "Adam"}[self.optimizer]
        return f"{'-'.join(map(str, self.sizes))} {self.activation}, {optimizer}, batch {self.batch}"


WORKLOADS = {
    "sigmoid-sgd": Workload((64, 32), "sigmoid", "sgd", 0.1, 32, blas_threads=1),
    "relu-adam": Workload((64, 32), "relu", "adam", 0.001, 32, blas_threads=1),
    "wide-adam": Workload((512, 512), "relu", "adam", 0.001, 128, blas_threads=None),
}
EMBEDDINGS = {"embedding-1k": 1_000, "embedding-100k": 100_000}  # rows of the table


def make_data() -> tuple[Floats, Labels]:
    """Return images and labels: normal noise, labelled by a random linear teacher."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal((ROWS, FEATURES), dtype=np.float32)
    teacher = generator.standard_normal((FEATURES, CLASSES), dtype=np.float32)
    return x, (x @ teacher).argmax(axis=1)


def initial_weights(workload: Workload) -> list[Floats]:
    """Return ``[kernel, bias, kernel, bias, ...]``: Glorot uniform kernels and zero biases."""
    generator = np.random.default_rng(1)
    weights: list[Floats] = []
    for fan_in, fan_out in zip(workload.sizes, workload.sizes[1:], strict=False):
        limit = (6 / (fan_in + fan_out)) ** 0.5
        weights.append(generator.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32))
        weights.append(np.zeros(fan_out, np.float32))
    return weights
