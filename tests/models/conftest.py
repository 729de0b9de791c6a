"""Small models and data for the tests of training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.utils import set_random_seed

Nets = Callable[..., Sequential]


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Every test starts from the same seed, also when it is run alone."""
    set_random_seed(0)


@pytest.fixture
def data() -> tuple[np.ndarray, np.ndarray]:
    """100 rows of 8 numbers, of 3 classes."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(100, 8)).astype("float32"), np.arange(100) % 3


@pytest.fixture
def net() -> Nets:
    """Return a compiled classifier of 8 numbers; arguments go to ``compile``."""

    def make(*hidden: Any, **arguments: Any) -> Sequential:
        model = Sequential([Input((8,)), *(hidden or (layers.Dense(16, "relu"),)), layers.Dense(3, "softmax")])
        model.compile(**{"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", **arguments})
        return model

    return make


@pytest.fixture
def same() -> Callable[[Any, Any], bool]:
    """Return whether two lists of weights are equal to the bit."""
    return lambda a, b: len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))
