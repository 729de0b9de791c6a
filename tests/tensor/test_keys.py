from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError
from denselite.tensor.keys import generator, next_seed, set_seed


def test_a_key_gives_the_same_draws_whatever_was_drawn_before() -> None:
    first = generator(3, 5).random(4).tolist()
    generator(3, 6).random(100)
    assert generator(3, 5).random(4).tolist() == first


@pytest.mark.parametrize("other", [(4, 5), (3, 6), (3, 5, 0), (3,), (5, 3)])
def test_keys_that_differ_anywhere_give_other_draws(other: tuple[int, ...]) -> None:
    assert generator(*other).random(4).tolist() != generator(3, 5).random(4).tolist()


def test_neighbouring_keys_are_not_correlated() -> None:
    draws = np.array([generator(1, k).random(1000) for k in range(50)])
    correlation = np.corrcoef(draws) - np.eye(50)
    assert abs(correlation).max() < 5 / np.sqrt(1000)  # 1225 pairs: five standard deviations


def test_a_restarted_sequence_gives_the_same_seeds() -> None:
    set_seed(7)
    first = [next_seed() for _ in range(5)]
    set_seed(7)
    assert [next_seed() for _ in range(5)] == first
    assert len(set(first)) == 5
    assert all(0 <= seed < 2**63 for seed in first)


def test_two_roots_give_two_sequences() -> None:
    set_seed(1)
    first = [next_seed() for _ in range(100)]
    set_seed(2)
    assert set(first).isdisjoint(next_seed() for _ in range(100))


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None])
def test_what_is_no_seed_is_refused(seed: Any) -> None:
    with pytest.raises(ArgumentError, match="A seed is an integer >= 0, got "):
        set_seed(seed)
