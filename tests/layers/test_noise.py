from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential
from denselite.errors import ArgumentError
from denselite.layers import AlphaDropout, Dropout, GaussianDropout, GaussianNoise, SpatialDropout1D, SpatialDropout2D
from denselite.layers.noise import Noise

ONES = np.ones((20000, 8))
LAYERS = [AlphaDropout, Dropout, GaussianDropout, GaussianNoise, SpatialDropout1D, SpatialDropout2D]
every_layer = pytest.mark.parametrize("layer", LAYERS)


def ones_for(layer: Any) -> Any:
    return np.ones((40, *{SpatialDropout1D: (2,), SpatialDropout2D: (2, 2)}.get(layer, ()), 5), "float32")


@pytest.mark.parametrize(
    ("layer", "mean", "deviation"),
    [(GaussianDropout(0.2, seed=1), 1.0, 0.5), (GaussianNoise(0.2, seed=1), 1.0, 0.2)],  # sqrt(0.2 / 0.8) = 0.5
    ids=["GaussianDropout", "GaussianNoise"],
)
def test_draws_have_the_moments_they_are_told(layer: Any, mean: float, deviation: float) -> None:
    out = layer(ONES, training=True)
    # 160000 draws: the mean is known to deviation/400, the deviation to deviation/566; five of them are allowed
    assert out.mean() == pytest.approx(mean, abs=deviation / 80)
    assert out.std() == pytest.approx(deviation, abs=deviation / 100)


def test_gaussian_dropout_multiplies_and_gaussian_noise_adds() -> None:
    x = np.zeros((4, 3), "float32")
    assert not GaussianDropout(0.5)(x, training=True).any()
    assert GaussianNoise(0.5)(x, training=True).all()


@every_layer
def test_layer_draws_only_in_training(layer: Any) -> None:
    x = ones_for(layer)
    made = layer(0.5, seed=3)
    for out in (made(x), made(x, training=False), layer(0)(x, training=True)):
        np.testing.assert_array_equal(out, x)
    assert not np.array_equal(made(x, training=True), x)


@every_layer
def test_draws_follow_from_the_seed(layer: Any) -> None:
    x = ones_for(layer)
    first, same, other = (layer(0.5, seed=seed)(x, training=True) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


@every_layer
def test_model_draws_anew_at_every_step_and_repeats_with_its_seed(layer: Any) -> None:
    x = ones_for(layer)

    def losses() -> list[float]:
        model = Sequential([Input(x.shape[1:]), layer(0.5, seed=4)])
        model.compile("sgd", "mse")
        return [float(model.train_on_batch(x, np.zeros_like(x))) for _ in range(3)]

    assert len(set(losses())) == 3
    assert losses() == losses()


@every_layer
def test_seed_is_kept_as_it_was_given(layer: Any) -> None:
    assert layer(0.5).get_config()["seed"] is None
    assert layer(0.5, seed=7).get_config()["seed"] == 7


def test_integers_are_disturbed_in_the_layers_own_dtype() -> None:
    assert GaussianNoise(0.5, dtype="float64")(np.ones((2, 2), "int32"), training=True).dtype == np.float64


MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "rate of 1": (lambda: GaussianDropout(1.0), ArgumentError, r"^GaussianDropout\(\) argument 'rate' should be less than 1, got 1\.0"),
    "rate below 0": (lambda: GaussianDropout(-0.5), ArgumentError, "'rate' should be greater than or equal to 0, got -0.5"),
    "stddev above 1": (lambda: GaussianNoise(2), ArgumentError, r"^GaussianNoise\(\) argument 'stddev' should be less than or equal to 1, got 2"),
    "seed below 0": (lambda: GaussianNoise(0.5, -1), ArgumentError, "'seed' should be greater than or equal to 0, got -1"),
    "noise of nothing": (lambda: Noise(name="n").disturb(ONES), NotImplementedError, r"^Noise 'n' has no disturb\(\)"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
