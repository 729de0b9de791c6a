"""The public draws: what they share. That their numbers follow their distributions is in tests/ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers, random, utils

Draw = Callable[..., Any]
LOGITS = np.log(np.array([[0.2, 0.3, 0.5]] * 4))

DRAWS: dict[str, Draw] = {
    "uniform": lambda **seed: random.uniform((4, 3), **seed),
    "normal": lambda **seed: random.normal((4, 3), **seed),
    "truncated_normal": lambda **seed: random.truncated_normal((4, 3), **seed),
    "randint": lambda **seed: random.randint((4, 3), 0, 1000, **seed),
    "gamma": lambda **seed: random.gamma((4, 3), 2.0, **seed),
    "beta": lambda **seed: random.beta((4, 3), 2.0, 3.0, **seed),
    "binomial": lambda **seed: random.binomial((4, 3), 1000, 0.5, **seed),
    "categorical": lambda **seed: random.categorical(LOGITS, 8, **seed),
    "dropout": lambda **seed: random.dropout(np.ones((8, 8)), 0.5, **seed),
    "shuffle": lambda **seed: random.shuffle(np.arange(24).reshape(8, 3), **seed),
}
every = pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)


@every
def test_integer_seed_draws_the_same_at_every_call(draw: Draw) -> None:
    np.testing.assert_array_equal(draw(seed=4), draw(seed=4))
    assert (draw(seed=4) != draw(seed=5)).any()


@every
def test_seed_generator_goes_on_and_repeats_from_its_start(draw: Draw) -> None:
    stream = random.SeedGenerator(4)
    first, second = draw(seed=stream), draw(seed=stream)
    assert (first != second).any()
    again = random.SeedGenerator.from_config(random.SeedGenerator(4).get_config())
    np.testing.assert_array_equal(draw(seed=again), first)
    np.testing.assert_array_equal(draw(seed=again), second)


@every
def test_draw_without_a_seed_follows_from_set_random_seed(draw: Draw) -> None:
    utils.set_random_seed(3)
    first, second = draw(), draw()
    assert (first != second).any()
    utils.set_random_seed(3)
    np.testing.assert_array_equal(draw(), first)


class Noisy(layers.Layer):
    """Adds draws to its input; `seed` as the draws take it."""

    def __init__(self, seed: Any) -> None:
        super().__init__()
        self.seed = seed

    def call(self, inputs: Any) -> Any:
        return inputs + random.normal(inputs.shape, seed=self.seed) + random.normal(inputs.shape, seed=self.seed)


def after(seed: Any, steps: int) -> Any:
    """The predictions of a model that has drawn in `steps` training steps before."""
    model = Sequential([Input((3,)), Noisy(seed), layers.Dense(1, kernel_initializer="ones")])
    model.compile(optimizer="sgd", loss="mse")
    model.optimizer.learning_rate = 0.0
    for _ in range(steps):
        model.train_on_batch(np.zeros((4, 3)), np.zeros(4))
    return model.predict(np.zeros((4, 3)), verbose=0)


def test_number_as_seed_in_a_layer_is_the_same_at_every_step() -> None:
    np.testing.assert_array_equal(after(1, 0), after(1, 3))
    twice = random.normal((4, 3), seed=1) * 2
    np.testing.assert_allclose(after(1, 0), twice.sum(1, keepdims=True), rtol=1e-6)


@pytest.mark.parametrize("make", [lambda: random.SeedGenerator(1), lambda: None], ids=["generator", "none"])
def test_stream_in_a_layer_goes_on_with_the_steps_and_the_calls(make: Any) -> None:
    def run(steps: int) -> Any:
        utils.set_random_seed(8)
        return after(make(), steps)

    np.testing.assert_array_equal(run(2), run(2))
    assert (run(2) != run(3)).all()


def test_draws_without_a_seed_in_a_layer_serve_all_batch_sizes_with_one_program() -> None:
    model = Sequential([Input((3,)), Noisy(None)])
    for rows in (2, 5, 3):
        assert model.predict(np.zeros((rows, 3)), verbose=0).shape == (rows, 3)
    (step,) = model._t_steps.values()
    assert list(step._programs) == [None]


def test_name_and_seed_of_a_generator_are_in_its_config() -> None:
    assert random.SeedGenerator(3, name="mine").get_config() == {"seed": 3, "name": "mine"}
    assert random.SeedGenerator().get_config()["seed"] is None


@pytest.mark.parametrize("seed", [1.5, "a", -1, True])
def test_seed_that_is_none_says_so(seed: Any) -> None:
    with pytest.raises(ValueError, match="expects an integer seed >= 0"):
        random.uniform((2,), seed=seed)
