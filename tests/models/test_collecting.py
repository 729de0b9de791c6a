"""Predicting batch after batch: several threads give what one does, and rows are read where they lie."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from denselite import Input, Model, Sequential, callbacks, layers, random
from denselite.data.batch import SlicedBatch
from denselite.models import collecting
from denselite.models.steps import Lease
from denselite.program.threads import blas_setting

X = np.random.default_rng(5).normal(size=(103, 6)).astype("float32")


def make(*inner: Any) -> Any:
    x = Input((6,))
    h = layers.BatchNormalization()(layers.Dense(8, "relu")(x))
    for layer in inner:
        h = layer(h)
    return Model(x, {"a": layers.Dense(3, "softmax")(h), "b": [layers.Dropout(0.5)(h)]})


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let three threads share the smallest predictions; return which of them took part."""
    monkeypatch.setattr(collecting, "SMALL", 0)
    monkeypatch.setattr(collecting, "HIGH", 0)
    monkeypatch.setattr(collecting, "blas_setting", lambda: 3)
    seen: list[int] = []

    class Seen(Lease):
        def bind(self, batch: int) -> Any:
            if threading.get_ident() not in seen:
                seen.append(threading.get_ident())
            time.sleep(2e-3)  # for the others to have a turn
            return super().bind(batch)

    monkeypatch.setattr(collecting, "Lease", Seen)
    return seen


def one_by_one(model: Any, size: int) -> Any:
    with threadpool_limits(1, "blas"):
        parts = [model.predict_on_batch(X[start : start + size]) for start in range(0, len(X), size)]
    return np.concatenate([part["a"] for part in parts]), np.concatenate([part["b"][0] for part in parts])


# Threads.


def test_three_threads_give_what_one_gives(threads: list[int]) -> None:
    model = make()
    found = model.predict(X, batch_size=10, verbose=0)
    assert len(threads) == 3
    a, b = one_by_one(model, 10)
    np.testing.assert_array_equal(found["a"], a)
    np.testing.assert_array_equal(found["b"][0], b)


def test_first_steps_of_the_data_are_shared_too(threads: list[int]) -> None:
    model = make()
    found = model.predict(X, batch_size=10, steps=7, verbose=0)
    assert len(threads) == 3
    np.testing.assert_array_equal(found["a"], one_by_one(model, 10)[0][:70])


def test_bar_counts_the_batches_of_all_threads(threads: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(callbacks.ProgbarLogger, "due", lambda self, batch: seen.append(batch))
    monkeypatch.setattr("denselite.callbacks.progress._is_live", lambda: True)
    make().predict(X, batch_size=10, verbose=1)
    assert len(threads) == 3
    assert seen == list(range(11))


class Counted(layers.Layer):
    """Counts the batches that it has seen."""

    def build(self, shape: Any) -> None:
        self.count = self.add_weight((), "zeros", trainable=False, name="count")

    def call(self, x: Any) -> Any:
        self.count.assign(self.count + 1.0)
        return x


class Noisy(layers.Layer):
    """Draws whether it trains or not."""

    def call(self, x: Any) -> Any:
        return x + random.normal(x.shape, seed=random.SeedGenerator(1))


def ten_at_a_time() -> Iterator[Any]:
    for start in range(0, 60, 10):
        yield X[start : start + 10]


@pytest.mark.parametrize(
    ("change", "inner", "arguments"),
    [
        pytest.param({"SMALL": 10**9}, (), {}, id="small products"),
        pytest.param({"HIGH": 11}, (), {}, id="products of few rows"),
        pytest.param({"blas_setting": lambda: 1}, (), {}, id="one thread of BLAS"),
        pytest.param({"blas_setting": lambda: 64}, (), {}, id="many threads of BLAS"),
        pytest.param({}, (), {"batch_size": 200}, id="one batch"),
        pytest.param({}, (), {"x": ten_at_a_time(), "batch_size": None}, id="a generator"),
        pytest.param({}, (Noisy(),), {}, id="draws"),
        pytest.param({}, (Counted(),), {}, id="state"),
        pytest.param(
            {},
            (),
            {"callbacks": [callbacks.LambdaCallback(on_predict_batch_end=lambda batch, logs: None)]},
            id="a callback that follows",
        ),
    ],
)
def test_what_cannot_be_shared_or_gains_nothing_is_not(
    threads: list[int], monkeypatch: pytest.MonkeyPatch, change: Any, inner: Any, arguments: Any
) -> None:
    for name, value in change.items():
        monkeypatch.setattr(collecting, name, value)
    make(*inner).predict(**{"x": X, "batch_size": 10, "verbose": 0, **arguments})
    assert len(threads) == 1


def test_steps_that_run_eagerly_are_not_shared(threads: list[int]) -> None:
    model = make()
    model.compile(run_eagerly=True)
    model.predict(X, batch_size=10, verbose=0)
    assert len(threads) == 1


@pytest.mark.parametrize("where", ["here", "elsewhere"])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_error_in_a_thread_ends_the_others_and_is_raised(
    threads: list[int], monkeypatch: pytest.MonkeyPatch, where: str, error: type[BaseException]
) -> None:
    model, here, before, written = make(), threading.get_ident(), blas_setting(), []
    model.predict(X, batch_size=1, verbose=0)
    write = SlicedBatch.write

    def failing(self: SlicedBatch, buffers: Any) -> None:
        written.append(self)
        if len(written) > 5 and (threading.get_ident() == here) == (where == "here"):
            raise error("broken")
        write(self, buffers)

    monkeypatch.setattr(SlicedBatch, "write", failing)
    with pytest.raises(error, match="broken"):
        model.predict(X, batch_size=1, verbose=0)
    assert len(written) < 15
    monkeypatch.undo()
    assert blas_setting() == before
    np.testing.assert_allclose(model.predict(X, batch_size=50, verbose=0)["a"], one_by_one(model, 50)[0], rtol=1e-6)


# Rows that are read where they lie.


@pytest.fixture
def in_place(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Read the smallest batches where they lie; return the sizes of those that were copied."""
    monkeypatch.setattr(collecting, "COPIED", 0)
    copied: list[int] = []
    write = SlicedBatch.write
    monkeypatch.setattr(SlicedBatch, "write", lambda self, out: copied.append(self.size) or write(self, out))
    return copied


def strided(x: Any) -> Any:
    return np.repeat(x, 2, axis=1)[:, ::2]


def misaligned(x: Any) -> Any:
    raw = np.zeros(x.nbytes + 1, np.uint8)
    found = np.ndarray(x.shape, x.dtype, raw.data, offset=1)
    found[...] = x
    return found


def read_only(x: Any) -> Any:
    found = x.copy()
    found.flags.writeable = False
    return found


@pytest.mark.parametrize("kind", [np.copy, read_only])
def test_rows_are_read_where_they_lie_and_left_as_they_are(in_place: list[int], kind: Any) -> None:
    model, x = make(), kind(X)
    found = model.predict(x, batch_size=40, verbose=0)
    assert in_place == []
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(found["a"], one_by_one(model, 40)[0])


def test_rows_of_a_file_are_read_where_they_lie(in_place: list[int], tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    model = make()
    found = model.predict(np.load(tmp_path / "x.npy", mmap_mode="r"), batch_size=40, verbose=0)
    assert in_place == []
    np.testing.assert_array_equal(found["a"], one_by_one(model, 40)[0])


@pytest.mark.parametrize("kind", [strided, misaligned, lambda x: x.astype("float64"), lambda x: x.astype(">f4")])
def test_rows_that_lie_otherwise_are_copied(in_place: list[int], kind: Any) -> None:
    model = make()
    found = model.predict(kind(X), batch_size=40, verbose=0)
    assert in_place == [40, 40, 23]
    np.testing.assert_array_equal(found["a"], one_by_one(model, 40)[0])


def test_views_and_several_readers_follow_the_rows(in_place: list[int]) -> None:
    a, b = Input((6,)), Input((6,))
    rows = layers.Reshape((2, 3))(a)
    model = Model(
        [a, b], [layers.Dense(2)(layers.Flatten()(rows)), layers.Add()([a, b]), layers.Dot(1)([a, b]) * a[:, 1:3]]
    )
    found = model.predict([X, -2 * X], batch_size=25, verbose=0)
    assert in_place == []
    for ours, one in zip(found, model([X, -2 * X]), strict=True):
        np.testing.assert_allclose(ours, one, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("through", [layers.Identity(), layers.Reshape((3, 2)), layers.Flatten()])
def test_model_that_gives_its_input_back_gives_a_copy(in_place: list[int], through: Any) -> None:
    x = X.copy()
    found = Sequential([Input((6,)), through]).predict(x, batch_size=40, verbose=0)
    assert not np.shares_memory(found, x)
    np.testing.assert_array_equal(found.reshape(x.shape), x)


def test_bound_calls_are_those_of_the_memory_again_after_rows_lay_elsewhere(in_place: list[int]) -> None:
    model = make()
    model.predict(X, batch_size=40, verbose=0)
    np.testing.assert_array_equal(
        model.predict(strided(X), batch_size=40, verbose=0)["a"], model.predict(X, batch_size=40, verbose=0)["a"]
    )
