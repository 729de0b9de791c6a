"""Draws: their shapes, dtypes, ranges and what they refuse are Keras'. The numbers are not, nor are they meant to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

LOGITS = np.log(np.array([[0.2, 0.8], [0.5, 0.5]], "float32"))
ONES = np.ones((3, 4), "float32")

DRAWS: dict[str, Callable[[Any], Any]] = {
    "uniform": lambda r: r.uniform((2, 3), -1.0, 1.0, seed=1),
    "uniform-list": lambda r: r.uniform([2, 3], dtype="float16", seed=1),
    "uniform-int": lambda r: r.uniform(3, seed=1),
    "uniform-scalar": lambda r: r.uniform((), seed=1),
    "normal": lambda r: r.normal((2, 3), 1.0, 2.0, "float32", 1),
    "truncated": lambda r: r.truncated_normal((2, 3), 1.0, 2.0, "float64", 1),
    "randint": lambda r: r.randint((2, 3), 0, 5, seed=1),
    "randint-dtype": lambda r: r.randint((2, 3), 0, 5, "uint8", 1),
    "categorical": lambda r: r.categorical(LOGITS, 5, seed=1),
    "categorical-dtype": lambda r: r.categorical(LOGITS, 5, "int64", 1),
    "dropout": lambda r: r.dropout(ONES, 0.5, None, 1),
    "dropout-half": lambda r: r.dropout(ONES.astype("float16"), 0.5, seed=1),
    "shuffle": lambda r: r.shuffle(np.arange(12).reshape(4, 3), 1, 1),
    "gamma": lambda r: r.gamma((2, 3), 2.0, None, 1),
    "gamma-array": lambda r: r.gamma((2, 3), np.array([1.0, 2.0, 3.0]), seed=1),
    "binomial": lambda r: r.binomial((2, 3), 10, 0.3, None, 1),
    "beta": lambda r: r.beta((2, 3), 2.0, 3.0, None, 1),
}


@pytest.mark.parametrize("case", DRAWS)
def test_draws_have_keras_shape_and_dtype(twins32: Any, case: str) -> None:
    def shape_and_dtype(lib: Any) -> Any:
        drawn = np.asarray(DRAWS[case](lib.random))
        return [list(drawn.shape), str(drawn.dtype)]

    twins32.same(shape_and_dtype)


EXACT: dict[str, Callable[[Any], Any]] = {
    "no-spread": lambda r: r.normal((3,), np.array([1.0, 10.0, 100.0]), 0.0, seed=1),
    "one-integer": lambda r: r.randint((3,), np.array([0, 5, 9]), np.array([1, 6, 10]), seed=1),
    "certain": lambda r: r.binomial((3,), np.array([3.0, 4.0, 5.0]), np.array([0.0, 1.0, 1.0]), seed=1),
    "drop-none": lambda r: r.dropout(ONES, 0.0),
    "drop-all": lambda r: r.dropout(ONES, 1.0),
    "sorted-again": lambda r: np.sort(np.asarray(r.shuffle(np.arange(12).reshape(4, 3), seed=1)), axis=0),
    "sure-class": lambda r: r.categorical(np.array([[0.0, -1e9], [-1e9, 0.0]]), 3, seed=1),
    "same-twice": lambda r: np.asarray(r.uniform((4,), seed=3)) - np.asarray(r.uniform((4,), seed=3)),
    "as-its-generator": lambda r: (
        np.asarray(r.uniform((4,), seed=3)) - np.asarray(r.uniform((4,), seed=r.SeedGenerator(3)))
    ),
}


@pytest.mark.parametrize("case", EXACT)
def test_draws_without_chance_are_keras(twins: Any, case: str) -> None:
    twins.same(lambda lib: EXACT[case](lib.random))


WRONG: dict[str, Callable[[Any], Any]] = {
    "float-dtype": lambda r: r.uniform((2,), dtype="int32"),
    "normal-dtype": lambda r: r.normal((2,), dtype="int32"),
    "integer-dtype": lambda r: r.randint((2,), 0, 3, dtype="float32"),
    "logits": lambda r: r.categorical(np.zeros(3), 2),
    "axis": lambda r: r.shuffle(np.arange(3), axis=2),
    "alpha-shape": lambda r: r.gamma((3,), np.ones((2, 3))),
    "binomial-dtype": lambda r: r.binomial((3,), 3, 0.5, dtype="int32"),
    "seed": lambda r: r.uniform((2,), seed=1.5),
    "generator-seed": lambda r: r.SeedGenerator("a"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_keras_refuses_to_draw_is_refused(twins: Any, case: str) -> None:
    for lib in twins.libs:
        with pytest.raises(ValueError):  # noqa: PT011 (each library has its own words)
            WRONG[case](lib.random)


def test_config_of_a_seed_generator_is_keras(twins: Any) -> None:
    twins.same(
        lambda lib: [
            lib.random.SeedGenerator(3, name="s").get_config(),
            lib.random.SeedGenerator(name="s").get_config(),
        ]
    )
