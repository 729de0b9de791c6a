"""Numbers too small to be fast: a slot whose gradient has stopped loses them."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import denselite as keras
from denselite import optimizers
from denselite.optimizers.subnormals import EVERY, bind_flushing
from denselite.tensor.variable import Variable

TINY = float(np.finfo(np.float32).tiny)
RULES: dict[str, Any] = {
    "adam": optimizers.Adam,
    "amsgrad": lambda: optimizers.Adam(amsgrad=True),
    "adamax": optimizers.Adamax,
    "adadelta": lambda: optimizers.Adadelta(rho=0.9),
    "averaged": lambda: optimizers.SGD(0.0, use_ema=True, ema_momentum=0.9),
    "lamb": optimizers.Lamb,
    "lion": optimizers.Lion,
    "momentum": lambda: optimizers.SGD(momentum=0.9),
    "nadam": optimizers.Nadam,
    "rmsprop": lambda: optimizers.RMSprop(momentum=0.9, centered=True),
}


def subnormal(array: Any) -> int:
    sizes = np.abs(array)
    return int(((sizes > 0) & (sizes < np.finfo(array.dtype).tiny)).sum())


def steps(optimizer: Any, variable: Variable, gradient: Any, count: int) -> int:
    """Take steps; return after how many of them, about, a slot held a subnormal number."""
    landing = np.zeros_like(variable.storage)
    prepare, update = optimizer.bind([variable], [landing])
    slow = 0
    for k in range(count):
        np.copyto(landing, gradient)
        with np.errstate(all="ignore"):
            for call in (*prepare, *update):
                call()
        if k % 16 == 0:
            slow += 16 * any(subnormal(slot.storage) for slot in optimizer.variables if slot.shape)
    return slow


@pytest.mark.parametrize("name", RULES)
def test_feature_silent_for_ten_thousand_steps_leaves_no_subnormal_number_behind(name: str) -> None:
    optimizer = RULES[name]()
    weight = Variable(np.zeros(3, "float32"))
    steps(optimizer, weight, np.array([1.0, -1e-3, 0.0], "float32"), 1)
    slow = steps(optimizer, weight, 0.0, 10_000)
    assert not any(subnormal(slot.storage) for slot in optimizer.variables if slot.shape)
    assert slow <= 2 * EVERY  # one wait for the next look a slot, where a mean of means follows later


def test_flush_leaves_all_other_numbers_and_comes_with_the_same_step_wherever_a_run_begins() -> None:
    optimizer = optimizers.SGD(momentum=1.0)
    weight = Variable(np.zeros(6, "float32"))
    optimizer.build([weight])
    values = np.array([TINY, -TINY, TINY / 2, -TINY / 2, np.inf, np.nan], "float32")
    optimizer.variables[-1].assign(values)
    optimizer.iterations.assign(5 * EVERY - 2)
    steps(optimizer, weight, 0.0, 1)
    np.testing.assert_array_equal(optimizer.variables[-1].storage, values)
    steps(optimizer, weight, 0.0, 1)
    np.testing.assert_array_equal(optimizer.variables[-1].storage, [TINY, -TINY, 0, 0, np.inf, np.nan])


def test_rule_without_slots_has_no_call_for_them() -> None:
    weight = Variable(np.zeros(3, "float32"))
    named = [getattr(call, "__name__", "") for call in optimizers.SGD().bind([weight], [weight.numpy()])[1]]
    assert "flush" not in named


def test_unit_that_died_costs_no_more_than_one_that_lives() -> None:
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(3, "relu", kernel_initializer="ones"), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse")
    x = np.random.default_rng(0).random((64, 4), dtype="float32")
    model.fit(x, x[:, :1], batch_size=8, verbose=0)
    model.layers[0].bias.assign([0.0, -1e6, 0.0])  # whatever comes in, its gradient is 0 from now on
    model.fit(x, x[:, :1], batch_size=8, epochs=160, verbose=0)
    momentum, velocity = (slot.storage[:, 1] for slot in model.optimizer.variables[2:4])
    assert momentum.tolist() == [0.0] * 4  # after 1280 steps; 0.9**800 is a subnormal number
    assert (velocity > TINY).all()  # 0.999 forgets more slowly


def test_look_allocates_nothing_large() -> None:
    slot = Variable(np.full(300_000, np.finfo(np.float64).tiny / 4), name="m")
    done = np.asarray(EVERY - 1)
    (flush,) = bind_flushing([{"m": slot}], done)
    tracemalloc.start()
    try:
        flush()
        assert tracemalloc.get_traced_memory()[1] < 65536
    finally:
        tracemalloc.stop()
    assert not slot.numpy().any()
