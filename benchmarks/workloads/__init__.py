"""What is computed: sizes, data and initial weights, the same for every peer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Array: TypeAlias = NDArray[Any]
Fit: TypeAlias = Callable[..., float]
"""``fit(rows, shuffle, epochs=1)`` trains on the first rows and returns the last epoch's mean loss."""
Predict: TypeAlias = Callable[[Floats], Any]
"""``predict(rows)`` returns an output for each row."""

CHUNK = 1000  # rows that are predicted at once where there are many


class Training(Protocol):
    """What the training of a net is made of; biases start at 0, scales of a normalization at 1.

    Attributes:
        batch: rows of a step.
        steps: steps of an epoch: whole batches only, so that every step does the same work.
        checked: steps after which every peer has to have the same loss.
    """

    @property
    def batch(self) -> int: ...

    @property
    def steps(self) -> int: ...

    @property
    def checked(self) -> int: ...

    def data(self, folder: str) -> tuple[Array, Array]:
        """Return inputs and targets."""

    def kernels(self) -> list[Floats]:
        """Return the initial weights that have more than one axis, in the order of the layers."""

    def exact(self) -> Training:
        """Return what the losses are compared on: the same without chance."""


def glorot(generator: np.random.Generator, fan_in: int, fan_out: int, shape: tuple[int, ...] | None = None) -> Floats:
    """Return uniform random weights, of ``shape`` or ``(fan_in, fan_out)``."""
    limit = (6 / (fan_in + fan_out)) ** 0.5
    return generator.uniform(-limit, limit, shape or (fan_in, fan_out)).astype(np.float32)


def each_epoch(epoch: Callable[[int, bool], float]) -> Fit:
    """Make a ``Fit`` of a hand-written loop over one epoch."""

    @wraps(epoch)
    def fit(rows: int, shuffle: bool, epochs: int = 1) -> float:
        for _ in range(epochs):
            loss = epoch(rows, shuffle)
        return loss

    return fit


def in_chunks(forward: Predict) -> Predict:
    """Make a ``Predict`` for any number of rows of a call for one batch."""

    def predict(x: Floats) -> Any:
        first = forward(x[:CHUNK])
        if len(x) <= CHUNK:
            return first
        outputs = np.empty((len(x), *first.shape[1:]), first.dtype)
        outputs[:CHUNK] = first
        for start in range(CHUNK, len(x), CHUNK):
            outputs[start : start + CHUNK] = forward(x[start : start + CHUNK])
        return outputs

    return predict
