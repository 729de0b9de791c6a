"""Rows of an embedding: only those that a batch names are updated, with the numbers of an update of the whole table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import denselite as keras

RNG = np.random.default_rng(11)
X = RNG.integers(-3, 9, (20, 4)) % 9  # rows named several times in a batch, some never
Y = RNG.normal(size=(20, 1))


def embedder(optimizer: Any, **options: Any) -> Any:
    keras.utils.set_random_seed(2)
    table = keras.layers.Embedding(12, 3, dtype="float64", **options)
    model = keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            table,
            keras.layers.Flatten(dtype="float64"),
            keras.layers.Dense(1, dtype="float64"),
        ]
    )
    model.compile(optimizer, "mse")
    return model


def landings(model: Any) -> list[str]:
    (step,) = model._t_steps.values()
    return list(step.landings.values())


OPTIMIZERS = {"SGD": {"learning_rate": 0.1}, "Adagrad": {"learning_rate": 0.1}}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rows_are_updated_as_the_whole_table_would_be(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by_rows = embedder(getattr(keras.optimizers, name)(**OPTIMIZERS[name]))
    by_rows.fit(X, Y, batch_size=6, epochs=3, verbose=0)
    assert landings(by_rows) == ["∂kernel", "∂bias"]
    monkeypatch.setattr(getattr(keras.optimizers, name), "keeps_still", lambda self: False)
    whole = embedder(getattr(keras.optimizers, name)(**OPTIMIZERS[name]))
    whole.fit(X, Y, batch_size=6, epochs=3, verbose=0)
    assert landings(whole) == ["∂embeddings", "∂kernel", "∂bias"]
    for ours, expected in zip(by_rows.optimizer.variables, whole.optimizer.variables, strict=True):
        np.testing.assert_allclose(ours.numpy(), expected.numpy(), rtol=1e-12)
    for ours, expected in zip(by_rows.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.SGD(0.1, momentum=0.9),
        lambda: keras.optimizers.SGD(0.1, weight_decay=0.1),
        lambda: keras.optimizers.SGD(0.1, global_clipnorm=1.0),
        lambda: keras.optimizers.SGD(0.1, use_ema=True),
        lambda: keras.optimizers.Adam(),
    ],
    ids=["momentum", "decay", "clipping", "averages", "Adam"],
)
def test_table_whose_other_rows_move_too_is_swept(optimizer: Any) -> None:
    model = embedder(optimizer())
    model.fit(X, Y, verbose=0)
    assert "∂embeddings" in landings(model)


@pytest.mark.parametrize("options", [{"embeddings_constraint": "non_neg"}, {"embeddings_regularizer": "l2"}])
def test_table_with_a_constraint_or_a_penalty_is_swept(options: dict[str, Any]) -> None:
    model = embedder("sgd", **options)
    model.fit(X, Y, verbose=0)
    assert "∂embeddings" in landings(model)


def test_a_schedule_that_raises_leaves_nothing_behind() -> None:
    fail = [False]

    class Failing(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step: Any) -> Any:
            if fail[0]:
                raise RuntimeError("no rate")
            return 0.1

    def trained(interrupted: bool) -> list[Any]:
        model = embedder(keras.optimizers.SGD(Failing()))
        model.train_on_batch(X, Y)
        if interrupted:
            fail[0] = True
            with pytest.raises(RuntimeError, match="no rate"):
                model.train_on_batch(X + 1, Y)
            fail[0] = False
        model.train_on_batch(X, Y)
        return model.get_weights()

    for ours, expected in zip(trained(interrupted=True), trained(interrupted=False), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_listing_tells_which_rows_are_updated_and_by_what() -> None:
    text = str(embedder("sgd").listing(X, Y, batch_size=6))
    rows, whole = text.index("then the update of rows of "), text.index("then the optimizer's update")
    assert rows < whole
    assert "/embeddings: 1" in text[rows:whole]  # and some ten calls
    assert "1 at" in text[rows:whole]  # np.add.at sums up the gradients of a row
