from __future__ import annotations

import random

import numpy as np
import pytest

from denselite import utils
from denselite.errors import ArgumentError
from denselite.tensor.keys import next_seed


def draw() -> tuple[float, float, int]:
    return random.random(), float(np.random.random()), next_seed()


def test_one_seed_repeats_all_three_generators() -> None:
    utils.set_random_seed(5)
    first = draw()
    assert draw() != first
    utils.set_random_seed(5)
    assert draw() == first


def test_python_and_numpy_are_seeded_as_by_themselves() -> None:
    utils.set_random_seed(5)
    assert random.random() == random.Random(5).random()
    assert np.random.random() == np.random.RandomState(5).random()


@pytest.mark.parametrize("seed", [-1, 1.5, "1", None, True])
def test_what_is_no_seed_is_refused(seed: object) -> None:
    with pytest.raises(ArgumentError, match="A seed is an integer >= 0"):
        utils.set_random_seed(seed)  # type: ignore[arg-type]
