"""What a step is made of: bound NumPy calls that allocate nothing, kept as long as nothing changes."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from functools import partial
from types import BuiltinFunctionType
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers, ops
from denselite.callbacks import Callback
from denselite.errors import ShapeError
from denselite.models.steps import Lease
from denselite.optimizers import SGD, Adam

ROWS = {"sigmoid-sgd": 32, "relu-adam": 32, "wide-adam": 128}


def benchmark(name: str) -> Sequential:
    """The three nets that speed is measured on."""
    widths, activation = {
        "sigmoid-sgd": ([64, 32], "sigmoid"),
        "relu-adam": ([64, 32], "relu"),
        "wide-adam": ([512, 512], "relu"),
    }[name]
    model = Sequential([Input((784,)), *(layers.Dense(n, activation) for n in widths), layers.Dense(10, "softmax")])
    model.compile(SGD(0.1) if "sgd" in name else Adam(), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def digits(rows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((rows, 784), dtype=np.float32), rng.integers(0, 10, rows)


def calls_of(model: Any, batch: int) -> list[Any]:
    """The calls of the model's only training step."""
    lease = Lease(model, next(step for key, step in model._t_steps.items() if key[0] == "train"))
    try:
        return lease.bind(batch)[2]
    finally:
        lease.close()


def is_numpy(call: Any) -> bool:
    """Whether a call goes to NumPy at once: a ufunc, a built-in, a method of an array or of a generator."""
    if not isinstance(call, partial):
        return False
    function = call.func
    return isinstance(function, np.ufunc | BuiltinFunctionType) or type(function).__name__ == "_ArrayFunctionDispatcher"


class TestCalls:
    @pytest.mark.parametrize("name", ROWS)
    def test_instructions_are_bound_numpy_calls(self, name: str) -> None:
        model = benchmark(name)
        model.fit(*digits(2 * ROWS[name]), batch_size=ROWS[name], verbose=0)
        calls = calls_of(model, ROWS[name])
        others = [getattr(call, "__name__", repr(call)) for call in calls if not is_numpy(call)]
        assert others == ([] if "sgd" in name else ["flush"])  # subnormal numbers in moments: 50 ns but every 128 steps
        assert len(calls) > 40

    def test_schedule_is_the_one_call_of_ours(self) -> None:
        from denselite.optimizers.schedules import ExponentialDecay

        model = benchmark("relu-adam")
        model.compile(SGD(ExponentialDecay(0.1, 10, 0.5)), "sparse_categorical_crossentropy")
        model.fit(*digits(32), verbose=0)
        assert sum(not is_numpy(call) for call in calls_of(model, 32)) == 1

    @pytest.mark.parametrize("name", ROWS)
    def test_step_after_the_first_allocates_no_64_kb(self, name: str) -> None:
        """The buffers of a step (input, activations, gradients) are far larger than what is allowed."""
        rows = 4 * ROWS[name]
        model, data = benchmark(name), digits(20 * rows)
        peaks: list[int] = []

        class Watch(Callback):
            def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
                tracemalloc.reset_peak()
                self.start = tracemalloc.get_traced_memory()[0]

            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                peaks.append(tracemalloc.get_traced_memory()[1] - self.start)

        gc.collect()
        tracemalloc.start()
        try:
            model.fit(*data, batch_size=rows, epochs=2, callbacks=[Watch()], verbose=0)
        finally:
            tracemalloc.stop()
        assert rows * 784 * 4 > 4 * 65536
        assert len(peaks) == 40
        assert max(peaks[1:]) < 65536


class TestFallback:
    @pytest.fixture
    def square(self) -> type[layers.Layer]:
        class Gram(layers.Layer):
            """Adds the mean of all batch² products of rows."""

            def call(self, inputs: Any) -> Any:
                products = np.matmul(inputs, np.transpose(inputs))
                return inputs + np.mean(np.reshape(products, (-1,)))

        return Gram

    def test_layer_with_batch_squared_values_works_for_every_size(self, square: Any) -> None:
        model = Sequential([Input((3,)), square()])
        for rows in (1, 2, 5, 7, 11, 32, 5):
            x = np.random.default_rng(rows).normal(size=(rows, 3)).astype("float32")
            np.testing.assert_allclose(model.predict(x, verbose=0), x + np.mean(x @ x.T), rtol=1e-5, atol=1e-6)

    def test_it_trains_with_a_shorter_last_batch(self, square: Any) -> None:
        model = Sequential([Input((3,)), square(), layers.Dense(1)])
        model.compile("adam", "mse")
        x = np.random.default_rng(0).normal(size=(10, 3))
        losses = model.fit(x, x[:, :1], batch_size=4, epochs=40, verbose=0).history["loss"]
        assert int(model.optimizer.iterations) == 120
        assert losses[-1] < losses[0]


class TestKeeping:
    def test_same_signature_is_traced_once(self, data: Any) -> None:
        traces: list[int] = []

        class Counted(layers.Layer):
            def call(self, inputs: Any) -> Any:
                traces.append(inputs.shape[0])
                return inputs

        model = Sequential([Input((8,)), Counted(), layers.Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        traces.clear()
        model.fit(*data, verbose=0)
        first = len(traces)
        model.fit(*data, epochs=2, batch_size=7, verbose=0)
        for k in range(1, 9):
            model.train_on_batch(data[0][:k], data[1][:k])
        assert len(traces) == first
        model.layers[0].note = "anything"
        model.fit(*data, verbose=0)
        assert len(traces) == 2 * first

    def test_nine_batch_sizes_in_turn_give_the_right_rows(self, net: Any, data: Any) -> None:
        """More sizes than a memory keeps bound."""
        model, x = net(), data[0]
        whole = model.predict(x, verbose=0)
        for _ in range(2):
            for size in range(1, 14):
                np.testing.assert_allclose(model.predict(x, batch_size=size, verbose=0), whole, rtol=1e-5, atol=1e-6)


class TestDepth:
    def test_400_layers_train(self) -> None:
        inputs = x = Input((4,))
        for _ in range(200):
            x = layers.Activation("tanh")(layers.Dense(4, kernel_initializer="identity")(x))
        model = Model(inputs, x)
        model.compile(SGD(0.01), "mse")
        rows = np.random.default_rng(0).normal(size=(8, 4)) * 0.1
        before = model.evaluate(rows, -rows, verbose=0)
        model.fit(rows, -rows, epochs=3, verbose=0)
        assert model.evaluate(rows, -rows, verbose=0) < before

    def test_2000_operations_run(self) -> None:
        inputs = x = Input((1,))
        for _ in range(2000):
            x = x + 1
        model = Model(inputs, x)
        np.testing.assert_array_equal(model.predict(np.zeros((2, 1)), verbose=0), np.full((2, 1), 2000.0))


class TestServing:
    def test_10_000_predictions_of_a_row_leave_memory_flat(self, net: Any, data: Any) -> None:
        assert grown(net(), data[0][:1], 10_000) < 16_384

    @pytest.mark.slow
    def test_100_000_predictions_of_a_row_leave_memory_flat(self, net: Any, data: Any) -> None:
        assert grown(net(), data[0][:1], 100_000) < 16_384

    def test_8_threads_get_what_one_gets(self, net: Any) -> None:
        model = net(layers.Dense(64, "relu"), layers.Dense(64, "tanh"))
        x = np.random.default_rng(0).normal(size=(8, 50, 8)).astype("float32")
        alone = [model.predict(rows, batch_size=16, verbose=0) for rows in x]
        fresh = net(layers.Dense(64, "relu"), layers.Dense(64, "tanh"))  # traced by whichever thread comes first
        fresh.set_weights(model.get_weights())
        wrong: list[int] = []
        ready = threading.Barrier(8)

        def serve(k: int) -> None:
            ready.wait()
            found = [fresh.predict(x[k], batch_size=16, verbose=0) for _ in range(30)]
            wrong.extend(k for rows in found if not np.array_equal(rows, alone[k]))

        threads = [threading.Thread(target=serve, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    def test_deferred_model_is_built_once_by_8_threads(self) -> None:
        for _ in range(5):
            model = Sequential([layers.Dense(4, "relu"), layers.Dense(2)])
            ready = threading.Barrier(8)
            found: list[Any] = []

            def serve(model: Any = model, ready: Any = ready, found: Any = found) -> None:
                ready.wait()
                found.append(model.predict(np.ones((3, 5)), verbose=0))

            threads = [threading.Thread(target=serve) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(model.weights) == 4
            assert len(found) == 8
            assert all(np.array_equal(found[0], other) for other in found)


def grown(model: Any, row: np.ndarray, count: int) -> int:
    """How many bytes more are held after ``count`` predictions than after a hundred."""
    for _ in range(100):
        model.predict(row, verbose=0)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(count):
            model.predict(row, verbose=0)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def test_loss_that_does_not_reach_a_weight_leaves_it(data: Any) -> None:
    """As in Keras on JAX its gradient is zero."""
    inputs = Input((8,))
    used, unused = layers.Dense(1, name="used"), layers.Dense(1, name="unused")
    model = Model(inputs, used(inputs) + 0 * ops.stop_gradient(unused(inputs)))
    model.compile("sgd", "mse")
    before = unused.get_weights()[0]
    model.fit(data[0], data[0][:, 0], verbose=0)
    assert np.array_equal(before, unused.get_weights()[0])


def test_model_that_needs_batches_of_one_size_is_traced_for_that() -> None:
    inputs = Input((4,), batch_size=2)
    model = Model(inputs, layers.Dense(1)(ops.reshape(inputs, (2, 2, 2))))
    model.compile("sgd", "mse")
    x = np.ones((6, 4), "float32")
    assert model.predict(x, batch_size=2, verbose=0).shape == (6, 2, 1)
    model.fit(x, np.ones((6, 2, 1), "float32"), batch_size=2, verbose=0)
    with pytest.raises(ShapeError, match="reshape cannot give shape"):
        model.predict(x, batch_size=3, verbose=0)
