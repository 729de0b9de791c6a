"""A model of one number: all that callbacks need of a model."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


class TinyModel:
    """One weight, two metrics, and a note of what was saved."""

    def __init__(self) -> None:
        self.weight = np.zeros(1)
        self.stop_training = False
        self.metrics: list[Any] = []
        self.history: Any = None
        self.saved: list[str] = []

    def get_weights(self) -> list[np.ndarray]:
        return [self.weight.copy()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        self.weight = weights[0]

    def save(self, path: str) -> None:
        self.saved.append(path)

    def save_weights(self, path: str) -> None:
        self.saved.append(f"weights:{path}")


@pytest.fixture
def model() -> TinyModel:
    return TinyModel()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def open_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Make standard output a terminal; called within the test, as pytest sets its own until then."""

    def open_it() -> Terminal:
        stream = Terminal()
        monkeypatch.setattr("sys.stdout", stream)
        return stream

    return open_it
