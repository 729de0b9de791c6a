"""Classifiers ``784 → hidden → hidden → 10`` on data as large as MNIST."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from benchmarks.workloads import Array, Floats, glorot

ROWS, FEATURES, CLASSES = 60_000, 784, 10
MANY = 1_000_000


@dataclass(frozen=True)
class Net:
    """A classifier with its optimizer and batch size.

    Args:
        blas_threads: what the hand-written loop runs best with; None: as many as there are.
    """

    hidden: tuple[int, int]
    activation: str
    optimizer: str
    learning_rate: float
    batch: int
    steps: int
    checked: int = 50
    blas_threads: int | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Widths from the input to the logits."""
        return (FEATURES, *self.hidden, CLASSES)

    def kernels(self) -> list[Floats]:
        """Return the initial weights."""
        generator = np.random.default_rng(1)
        return [glorot(generator, *pair) for pair in zip(self.sizes, self.sizes[1:], strict=False)]

    def data(self, folder: str) -> tuple[Array, Array]:
        """Load images and labels."""
        return np.load(Path(folder, "images.npy")), np.load(Path(folder, "labels.npy"))

    def exact(self) -> Net:
        """There is no chance in it."""
        return self

    def __str__(self) -> str:
        optimizer = {"sgd": "SGD", "adam": "Adam"}[self.optimizer]
        return f"{'-'.join(map(str, self.sizes))} {self.activation}, {optimizer}, batch {self.batch}"


def write_data(folder: str) -> None:
    """Write images (normal noise), labels (by a random linear teacher), and a file of many rows of zeros."""
    generator = np.random.default_rng(0)
    x = generator.standard_normal((ROWS, FEATURES), dtype=np.float32)
    teacher = generator.standard_normal((FEATURES, CLASSES), dtype=np.float32)
    np.save(Path(folder, "images.npy"), x)
    np.save(Path(folder, "labels.npy"), (x @ teacher).argmax(axis=1))
    open_memmap(Path(folder, "many.npy"), "w+", np.float32, (MANY, FEATURES))  # takes no room on a disk


def many_rows(folder: str, count: int) -> Floats:
    """Return the first ``count`` rows of that file, as long as the system can read them from it."""
    rows: Floats = np.load(Path(folder, "many.npy"), mmap_mode="r")[:count]
    return rows


SIGMOID_SGD = Net((64, 32), "sigmoid", "sgd", 0.1, 32, steps=1875, blas_threads=1)
RELU_ADAM = Net((64, 32), "relu", "adam", 0.001, 32, steps=1875, blas_threads=1)
WIDE_ADAM = Net((512, 512), "relu", "adam", 0.001, 128, steps=468)
HUGE_ADAM = Net((2048, 2048), "relu", "adam", 0.001, 256, steps=40, checked=20)
