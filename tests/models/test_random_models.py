"""Models drawn at random: planned equals eager, and the gradient that trains equals the numeric one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import denselite as dl
from denselite import layers

ROWS, FEATURES = 5, 3
SMOOTH = ["tanh", "sigmoid", "softplus", "softmax", "linear", "silu"]  # no kinks for a difference to straddle


@pytest.fixture(autouse=True)
def double_precision() -> Iterator[None]:
    dl.config.set_floatx("float64")
    yield
    dl.config.set_floatx("float32")


def dense(draw: Any, x: Any) -> Any:
    units = draw(st.integers(1, 4))
    return layers.Dense(units, draw(st.sampled_from(SMOOTH)), bias_initializer="normal")(x)


def rescaled(draw: Any, x: Any) -> Any:
    return layers.Rescaling(draw(st.floats(0.5, 2.0)), draw(st.floats(-1.0, 1.0)))(x)


def reshaped(draw: Any, x: Any) -> Any:
    return layers.Flatten()(layers.Reshape((-1, 1))(x))


def joined(draw: Any, x: Any) -> Any:
    return layers.Concatenate()([x, layers.Dense(2, "tanh")(x)])


def added(draw: Any, x: Any) -> Any:
    shared = layers.Dense(x.shape[-1], "tanh")
    return layers.Add()([shared(x), shared(x * 0.5), x])


def computed(draw: Any, x: Any) -> Any:
    return np.tanh(x) * 0.5 + dl.ops.softmax(x) - dl.ops.mean(x, axis=-1, keepdims=True)


@st.composite
def models(draw: Any) -> Any:
    x = inputs = dl.Input((FEATURES,))
    for part in draw(st.lists(st.sampled_from([dense, rescaled, reshaped, joined, added, computed]), max_size=5)):
        x = part(draw, x)
    return dl.Model(inputs, layers.Dense(2)(x))


def data(seed: int, rows: int = ROWS) -> tuple[Any, Any]:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(rows, FEATURES)), generator.normal(size=(rows, 2))


@given(models(), st.integers(0, 99), st.integers(1, 12))
@settings(deadline=None, max_examples=40)
def test_model_drawn_at_random_predicts_in_batches_what_it_computes_eagerly(model: Any, seed: int, batch: int) -> None:
    x, _ = data(seed, rows=9)
    np.testing.assert_allclose(model.predict(x, batch_size=batch, verbose=0), model(x), rtol=1e-12, atol=1e-12)


@given(models(), st.integers(0, 99))
@settings(deadline=None, max_examples=25)
def test_model_drawn_at_random_is_trained_by_the_numeric_gradient(model: Any, seed: int) -> None:
    x, y = data(seed)
    model.compile(dl.optimizers.SGD(1.0), "mse")  # a step of rate 1 is the gradient
    before = model.get_weights()
    model.train_on_batch(x, y)
    gradient = [old - new for old, new in zip(before, model.get_weights(), strict=True)]
    direction = [np.random.default_rng(seed + k).normal(size=w.shape) for k, w in enumerate(before)]
    step = 1e-5

    def loss(sign: float) -> float:
        model.set_weights([w + sign * step * d for w, d in zip(before, direction, strict=True)])
        return float(np.mean(np.square(model(x) - y)))

    slope = (loss(1.0) - loss(-1.0)) / (2 * step)
    along = sum(float(np.sum(g * d)) for g, d in zip(gradient, direction, strict=True))
    # A central difference is off by step² times a third derivative, and by rounding over the step.
    assert along == pytest.approx(slope, rel=1e-6, abs=1e-7)
