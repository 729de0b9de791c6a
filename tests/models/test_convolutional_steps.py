"""A small convolutional net: its shapes, and what its training step is made of."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.callbacks import Callback
from tests.models.test_steps import calls_of, is_numpy

ROWS = 128


@pytest.fixture
def net() -> Sequential:
    made = [
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, "relu"),
        layers.Dense(10, "softmax"),
    ]
    model = Sequential([Input((28, 28, 1)), *made])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def digits(rows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((rows, 28, 28, 1), dtype=np.float32), rng.integers(0, 10, rows)


def test_shapes_and_parameters_are_those_worked_out_by_hand(net: Sequential) -> None:
    shapes = [layer.output.shape[1:] for layer in net.layers]
    assert shapes == [(28, 28, 32), (28, 28, 32), (14, 14, 32), (6272,), (128,), (10,)]
    # 9·1·32 + 32, 9·32·32 + 32, 6272·128 + 128, 128·10 + 10
    assert net.count_params() == 320 + 9_248 + 802_944 + 1_290 == 813_802


def test_step_is_a_list_of_numpy_calls(net: Sequential) -> None:
    net.fit(*digits(ROWS), batch_size=ROWS, verbose=0)
    calls = calls_of(net, ROWS)
    (flush,) = [call for call in calls if not is_numpy(call)]
    assert flush.__name__ == "flush"  # of subnormal numbers in moments
    calls.remove(flush)
    counts = Counter(call.func.__name__ for call in calls)
    # The second convolution has an image in cache at a time, the first 37. Each chunk has a product forwards and one
    # for the kernel, of the second convolution also one for its images; each product has windows laid out for it.
    products = 2 * 4 + 3 * 128
    assert counts["matmul"] == products
    assert sum(call.func.__name__ == "copyto" and call.args[0].ndim == 6 for call in calls) == products


def test_step_after_the_first_allocates_no_64_kb(net: Sequential) -> None:
    peaks: list[int] = []

    class Watch(Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            tracemalloc.reset_peak()
            self.start = tracemalloc.get_traced_memory()[0]

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            peaks.append(tracemalloc.get_traced_memory()[1] - self.start)

    data = digits(4 * ROWS)
    gc.collect()
    tracemalloc.start()
    try:
        net.fit(*data, batch_size=ROWS, callbacks=[Watch()], verbose=0)
    finally:
        tracemalloc.stop()
    assert len(peaks) == 4
    assert max(peaks[1:]) < 65536


def test_images_are_learned() -> None:
    """Which half of an image is bright: a net of each kind of layer tells it after a few steps."""
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 64)
    x = rng.random((64, 6, 6, 1), dtype=np.float32)
    x[y == 1, :3] += 1.0
    x[y == 0, 3:] += 1.0
    made = [
        layers.Conv2D(4, 3, padding="same", activation="relu", kernel_initializer="he_normal"),
        layers.AveragePooling2D(2),
        layers.SeparableConv2D(4, 2, padding="same", activation="relu"),
        layers.Conv2DTranspose(4, 2, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(2),
    ]
    model = Sequential([Input((6, 6, 1)), *made])
    from_logits = {"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": True}}
    model.compile("adam", from_logits, metrics=["accuracy"])
    model.optimizer.learning_rate = 0.02
    history = model.fit(x, y, epochs=20, batch_size=16, verbose=0).history
    assert history["accuracy"][-1] == 1.0
