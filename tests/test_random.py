from __future__ import annotations

import numpy as np
import pytest

from denselite import random


def test_integer_seed_draws_the_same_at_every_call() -> None:
    np.testing.assert_array_equal(random.normal((3,), seed=4), random.normal((3,), seed=4))


def test_seed_generator_goes_on() -> None:
    stream = random.SeedGenerator(4)
    first, second = random.uniform((3,), seed=stream), random.uniform((3,), seed=stream)
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, random.uniform((3,), seed=random.SeedGenerator(4)))


def test_names_that_only_keras_has_say_so() -> None:
    with pytest.raises(ImportError, match=r"denselite\.random\.shuffle exists in Keras and not yet in denselite"):
        _ = random.shuffle
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = random.nonsense
