"""Whatever happens inside fit leaves the model as some whole number of steps made it, and usable."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.callbacks import Callback
from denselite.models.interrupt import Interrupt
from denselite.optimizers import Adam
from denselite.optimizers.schedules import LearningRateSchedule
from denselite.utils import set_random_seed


@pytest.fixture(autouse=True)
def python_handles_interrupts() -> Iterator[None]:
    """A test run that was started in the background ignores SIGINT: give it Python's handler for a test."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class TroubleError(RuntimeError):
    """What goes wrong in these tests."""


def make(rate: Any = 0.01) -> Sequential:
    set_random_seed(7)
    model = Sequential([Input((8,)), layers.Dense(8, "relu"), layers.Dropout(0.2), layers.Dense(3, "softmax")])
    model.compile(Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def state(model: Any) -> list[np.ndarray]:
    """Weights, slots and counters; the learning rate is the same in all of them."""
    return [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables if v.name != "learning_rate")]


def after(steps: int, data: Any) -> list[np.ndarray]:
    """The state after a number of steps with nothing going wrong."""
    model = make()
    model.fit(*data, batch_size=10, shuffle=False, steps_per_epoch=steps, verbose=0)
    return state(model)


def in_step_3(what: Any) -> Callback:
    """A callback that does something after the third batch."""

    class Do(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 2:
                what()

    return Do()


def fail() -> None:
    raise TroubleError


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def assert_whole(model: Any, steps: int, data: Any) -> None:
    for found, expected in zip(state(model), after(steps, data), strict=True):
        np.testing.assert_array_equal(found, expected)
    held = model.optimizer.iterations.numpy()
    model.fit(*data, batch_size=10, verbose=0)
    assert int(model.optimizer.iterations) == int(held) + 10
    assert np.isfinite(model.evaluate(*data, verbose=0)).all()


def test_callback_that_raises(data: Any) -> None:
    model = make()
    with pytest.raises(TroubleError):
        model.fit(*data, batch_size=10, shuffle=False, callbacks=[in_step_3(fail)], verbose=0)
    assert_whole(model, 3, data)


def test_generator_that_raises(data: Any) -> None:
    def batches() -> Iterator[Any]:
        for k in range(3):
            yield data[0][10 * k : 10 * k + 10], data[1][10 * k : 10 * k + 10]
        raise TroubleError

    model = make()
    with pytest.raises(TroubleError):
        model.fit(batches(), verbose=0)
    assert_whole(model, 3, data)


def test_batch_that_does_not_fit(data: Any) -> None:
    x, y = data
    model = make()
    with pytest.raises(ValueError, match=r"batch 2: x expects samples like those of batch 0"):
        model.fit(iter([(x[:10], y[:10]), (x[10:20], y[10:20]), (x[:10, :3], y[:10])]), verbose=0)
    assert_whole(model, 2, data)


def test_label_out_of_range_in_a_later_batch(data: Any) -> None:
    x, y = data
    model = make()
    with pytest.raises(ValueError, match=r"class labels from 0 to 2 in batch 1: y, got 9 in row 0"):
        model.fit(iter([(x[:10], y[:10]), (x[10:20], np.full(10, 9))]), verbose=0)
    assert_whole(model, 1, data)


def test_schedule_that_raises(data: Any) -> None:
    class Breaks(LearningRateSchedule):
        broken = True

        def __call__(self, step: Any) -> Any:
            if int(step) == 3 and self.broken:
                raise TroubleError
            return 0.01

    schedule = Breaks()
    model = make(schedule)
    with pytest.raises(TroubleError):
        model.fit(*data, batch_size=10, shuffle=False, verbose=0)
    schedule.broken = False
    assert_whole(model, 3, data)


@pytest.mark.parametrize("broken", ["call", "build"])
def test_layer_that_raises_when_traced(data: Any, broken: str) -> None:
    class Fragile(layers.Layer):
        broken = ""

        def build(self, input_shape: Any) -> None:
            if Fragile.broken == "build":
                raise TroubleError
            self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

        def call(self, inputs: Any) -> Any:
            if Fragile.broken == "call":
                raise TroubleError
            return inputs * self.scale

    set_random_seed(7)
    model = Sequential([Fragile(), layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    Fragile.broken = broken
    with pytest.raises(TroubleError):
        model.fit(*data, verbose=0)
    Fragile.broken = ""
    history = model.fit(*data, epochs=2, verbose=0)
    assert history.history["loss"][1] < history.history["loss"][0]
    assert [w.shape for w in model.get_weights()] == [(8,), (8, 3), (3,)]


@pytest.mark.parametrize("where", ["callback", "generator"])
def test_ctrl_c_waits_for_the_step(data: Any, where: str) -> None:
    def batches() -> Iterator[Any]:
        for k in range(5):
            if k == 2:
                press()
            yield data[0][10 * k : 10 * k + 10], data[1][10 * k : 10 * k + 10]

    model = make()
    old = signal.getsignal(signal.SIGINT)
    given: dict[str, Any] = {"x": batches()}
    if where == "callback":
        given = {"x": data[0], "y": data[1], "batch_size": 10, "shuffle": False, "callbacks": [in_step_3(press)]}
    with pytest.raises(KeyboardInterrupt):
        model.fit(**given, verbose=0)
    assert signal.getsignal(signal.SIGINT) is old
    assert_whole(model, 3, data)


@pytest.mark.parametrize("hook", ["on_epoch_end", "on_train_end", "on_train_begin"])
def test_ctrl_c_between_passes_is_not_lost(data: Any, hook: str) -> None:
    callback = Callback()
    setattr(callback, hook, lambda *_: press())
    model = make()
    with pytest.raises(KeyboardInterrupt):
        model.fit(*data, batch_size=10, callbacks=[callback], verbose=0)


def test_second_ctrl_c_is_immediate(data: Any) -> None:
    def twice() -> None:
        press()
        press()
        raise AssertionError("the second one was not immediate")

    with pytest.raises(KeyboardInterrupt):
        make().fit(*data, batch_size=10, callbacks=[in_step_3(twice)], verbose=0)


def test_ctrl_c_in_evaluate_and_train_on_batch(data: Any) -> None:
    class Press(Callback):
        def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
            press()

    model = make()
    old = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        model.evaluate(*data, callbacks=[Press()], verbose=0)
    assert signal.getsignal(signal.SIGINT) is old
    model.train_on_batch(*data)
    assert signal.getsignal(signal.SIGINT) is old


def test_handler_of_the_user_is_left_alone() -> None:
    seen: list[int] = []
    old = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        with Interrupt() as interrupt:
            press()
        assert (seen, interrupt.requested) == ([signal.SIGINT], False)
    finally:
        signal.signal(signal.SIGINT, old)


def test_error_inside_is_not_replaced_by_the_interrupt() -> None:
    def both() -> None:
        press()
        fail()

    with pytest.raises(TroubleError), Interrupt():
        both()
