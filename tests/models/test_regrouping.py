"""Predictions and evaluations choose their own batches where nobody can tell, and nowhere else."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, callbacks, layers
from denselite.errors import DivergenceError
from denselite.models import regrouping
from denselite.utils import track_nans

X = np.random.default_rng(4).normal(size=(2500, 6))


class Centered(layers.Layer):
    """Looks across the rows of a batch."""

    def call(self, inputs: Any) -> Any:
        return inputs - np.mean(inputs, axis=0)


class Sizes(callbacks.Callback):
    """Keeps the sizes of the batches that are predicted."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        self.sizes.append(len(logs["outputs"]))


def make(*inner: Any) -> Any:
    return Sequential([Input((6,), dtype="float64"), layers.Dense(8, "relu", dtype="float64"), *inner])


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows a batch of every prediction that might be regrouped."""
    sizes: list[int] = []

    def spy(*args: Any) -> Any:
        source = regrouping.regrouped(*args)
        sizes.append(source.usual_size)
        return source

    monkeypatch.setattr("denselite.models.trainer.regrouped", spy)
    return sizes


def test_default_is_a_few_large_batches_of_about_one_size(chosen: list[int]) -> None:
    model = make(layers.BatchNormalization(dtype="float64"), layers.Dropout(0.5, dtype="float64"))
    found = model.predict(X, verbose=0)
    assert chosen == [ceil(2500 / 3)]
    np.testing.assert_allclose(found, model.predict(X, batch_size=32, verbose=0), rtol=1e-12)


@pytest.mark.parametrize("rows", [1, 31, 32, 33, 1024, 1025])
def test_every_number_of_rows_is_predicted_whole(rows: int) -> None:
    model = make()
    np.testing.assert_allclose(model.predict(X[:rows], verbose=0), model(X[:rows]), rtol=1e-12)


def test_structures_of_inputs_and_outputs_stay(chosen: list[int]) -> None:
    a, b = Input((6,), dtype="float64"), Input((2,), dtype="float64")
    model = Model({"a": a, "b": b}, {"sum": layers.Dense(1)(a), "b": layers.Rescaling(2.0)(b)})
    found = model.predict({"a": X, "b": X[:, :2]}, verbose=0)
    assert chosen == [834]
    np.testing.assert_allclose(found["b"], 2.0 * X[:, :2], rtol=1e-6)
    assert found["sum"].shape == (2500, 1)


def test_layer_that_looks_across_rows_gets_the_batches_that_are_documented(chosen: list[int]) -> None:
    model = make(Centered())
    found = model.predict(X, verbose=0)
    assert chosen == [32]
    parts = [model(X[start : start + 32]) for start in range(0, len(X), 32)]
    np.testing.assert_allclose(found, np.concatenate(parts), atol=1e-6)


def test_who_counts_batches_gets_the_ones_that_are_documented(chosen: list[int]) -> None:
    model, sizes = make(), Sizes()
    model.predict(X, callbacks=[sizes], verbose=0)
    assert sizes.sizes == [32] * 78 + [4]
    assert len(model.predict(X, steps=2, verbose=0)) == 2500
    assert len(model.predict(X, batch_size=7, verbose=0)) == 2500
    assert chosen == []


def test_memory_of_a_batch_has_a_bound(chosen: list[int]) -> None:
    model = Sequential([Input((4,)), layers.Dense(20_000), layers.Dense(1)])
    model.predict(X[:, :4], verbose=0)
    assert chosen == [ceil(2500 / ceil(2500 / (regrouping.MOST_BYTES // 80_020)))]


def test_memory_that_holds_no_more_rows_than_usual_leaves_them(chosen: list[int]) -> None:
    model = Sequential([Input((4,)), layers.Dense(100_000), layers.Dense(1)])
    model.predict(X[:64, :4], verbose=0)
    assert chosen == [32]


def test_nan_is_told_of_the_batch_that_is_documented() -> None:
    x = X[:100].copy()
    x[70] = np.nan
    model = make()
    with track_nans(model), pytest.raises(DivergenceError, match="6 of 192 values"):
        model.predict(x, verbose=0)


def test_eager_model_is_run_batch_by_batch(chosen: list[int]) -> None:
    model = make()
    model.compile("sgd", "mse", run_eagerly=True)
    model.predict(X[:100], verbose=0)
    assert chosen == [32]


def test_rows_that_are_counted_up_to_a_number_are_left_in_batches_that_are_documented() -> None:
    model = make(layers.Lambda(lambda x: x[:100] * 2.0))
    assert len(model.predict(X, verbose=0)) == len(X)


# Evaluation and validation.


def judged(**compiled: Any) -> tuple[Any, Any]:
    model = make(layers.Dense(3, "softmax", dtype="float64", kernel_regularizer="l2"))
    model.compile(
        "sgd",
        **{
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy", "sparse_top_k_categorical_accuracy"],
            **compiled,
        },
    )
    return model, np.random.default_rng(6).integers(0, 3, len(X))


def test_evaluation_adds_up_the_same_sums_in_larger_batches(chosen: list[int]) -> None:
    model, y = judged()
    weights = np.random.default_rng(7).random(len(X))
    found = model.evaluate(X, y, sample_weight=weights, verbose=0)
    assert chosen == [834]
    np.testing.assert_allclose(found, model.evaluate(X, y, 32, sample_weight=weights, verbose=0), rtol=1e-6)


def test_loss_of_a_whole_batch_gets_the_batches_that_are_documented(chosen: list[int]) -> None:
    model, y = judged(loss="dice", metrics=[])
    found = model.evaluate(X, np.eye(3)[y], verbose=0)
    assert chosen == [32]
    assert found == model.evaluate(X, np.eye(3)[y], batch_size=32, verbose=0)
    assert found != model.evaluate(X, np.eye(3)[y], batch_size=1000, verbose=0)


def test_who_counts_batches_of_an_evaluation_gets_the_ones_that_are_documented(chosen: list[int]) -> None:
    model, y = judged()
    for counts in ({"batch_size": 7}, {"steps": 4}, {"callbacks": [callbacks.Callback()]}):
        model.evaluate(X, y, verbose=0, **counts)
    assert chosen == []


@pytest.mark.parametrize("batch_size", [None, 50])
def test_validation_takes_larger_batches_than_training(batch_size: int | None, chosen: list[int]) -> None:
    model, y = judged()
    history = model.fit(X[:100], y[:100], batch_size=batch_size, validation_data=(X, y), verbose=0).history
    assert chosen == [834]
    assert history["val_loss"] == pytest.approx([model.evaluate(X, y, batch_size=10, verbose=0)[0]], rel=1e-6)


def test_label_out_of_range_leaves_a_metric_with_the_batches_that_are_documented(chosen: list[int]) -> None:
    model, y = judged(loss=lambda y, p: np.mean(p, axis=-1), metrics=["sparse_categorical_crossentropy"])
    found = model.evaluate(X, y[:, None] - 1, verbose=0)
    assert chosen == [32]
    assert found == model.evaluate(X, y[:, None] - 1, batch_size=32, verbose=0)
    model.evaluate(X, y[:, None], verbose=0)
    assert chosen == [32, 834]


class Switched(layers.Layer):
    """Looks across rows once it is told to."""

    across = False

    def call(self, inputs: Any) -> Any:
        return inputs - np.mean(inputs, axis=0) if self.across else inputs


def test_layer_that_begins_to_look_across_rows_is_noticed_by_the_next_validation(chosen: list[int]) -> None:
    switched = Switched()
    model = make(switched)
    model.compile("sgd", "mse")
    begin = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(switched, "across", True))
    y = np.zeros((len(X), 8))
    model.fit(X[:64], y[:64], epochs=3, validation_data=(X, y), callbacks=[begin], verbose=0)
    assert chosen == [834, 32, 32]


class Tests(callbacks.Callback):
    """Counts the batches of validation."""

    count = 0

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self.count += 1


def test_who_counts_batches_of_a_validation_gets_the_ones_that_are_documented(chosen: list[int]) -> None:
    model, y = judged()
    counter = Tests()
    model.fit(X[:64], y[:64], validation_data=(X, y), callbacks=[counter], verbose=0)
    assert counter.count == 79
    model.fit(X[:64], y[:64], validation_data=(X, y), validation_batch_size=40, verbose=0)
    model.fit(X[:64], y[:64], validation_data=(X, y), validation_steps=2, verbose=0)
    assert chosen == []


def test_generator_keeps_its_batches() -> None:
    model, sizes = make(), Sizes()
    model.predict((X[start : start + 10] for start in range(0, 50, 10)), callbacks=[sizes], verbose=0)
    assert sizes.sizes == [10] * 5
    assert len(model.predict((X[start : start + 10] for start in range(0, 50, 10)), verbose=0)) == 50
