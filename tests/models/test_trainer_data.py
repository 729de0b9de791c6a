"""The kinds of data that fit, evaluate and predict take."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers
from denselite.optimizers import SGD


def line() -> Sequential:
    """y = w·x from w = 0 with a learning rate of 0.1."""
    model = Sequential([Input((1,)), layers.Dense(1, use_bias=False, kernel_initializer="zeros")])
    model.compile(SGD(0.1), "mse")
    return model


def weight(model: Any) -> float:
    return float(model.get_weights()[0].item())


X = np.array([[1.0], [2.0], [3.0]])
Y = 2 * X
# By hand, rows one by one: w += 0.2·x·(2x - w·x): 0 → 0.4 → 0.4 + 0.2·4·1.6 = 1.68 → 1.68 + 0.2·9·0.32 = 2.256
ONE_BY_ONE = 2.256


class Batches:
    """An indexable data set with hooks, as ``keras.utils.PyDataset``."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return X[index : index + 1], Y[index : index + 1]

    def on_epoch_end(self) -> None:
        self.told.append("end")


def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for k in range(3):
        yield X[k : k + 1], Y[k : k + 1]


class Arrays:
    """An object that becomes an array on request."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self.values, dtype)


@pytest.mark.parametrize(
    "data",
    [
        lambda: {"x": X, "y": Y, "batch_size": 1},
        lambda: {"x": X.tolist(), "y": Y.tolist(), "batch_size": 1},
        lambda: {"x": Arrays(X), "y": Arrays(Y), "batch_size": 1},
        lambda: {"x": X[:, 0].astype("int8"), "y": Y[:, 0].astype("float16"), "batch_size": 1},
        lambda: {"x": np.asfortranarray(np.repeat(X, 2, axis=1))[:, :1], "y": Y[::-1][::-1], "batch_size": 1},
        lambda: {"x": batches()},
        lambda: {"x": list(zip(X[:, None], Y[:, None], strict=True)).__iter__()},
        lambda: {"x": Batches()},
        lambda: {"x": ((*batch, np.ones(1)) for batch in batches())},
    ],
    ids=["arrays", "lists", "array-likes", "other-dtypes", "strided", "generator", "iterator", "indexable", "weighted"],
)
def test_each_kind_of_data_trains_the_same(data: Any) -> None:
    model = line()
    model.fit(**data(), shuffle=False, verbose=0)
    assert weight(model) == pytest.approx(ONE_BY_ONE, rel=1e-6)


def test_sample_weights_scale_the_steps() -> None:
    """0 + 0.5·0.4 = 0.2; the second row weighs nothing; 0.2 + 0.2·9·1.8 = 3.44."""
    model = line()
    model.fit(X, Y, batch_size=1, sample_weight=np.array([0.5, 0.0, 1.0]), shuffle=False, verbose=0)
    assert weight(model) == pytest.approx(3.44, rel=1e-6)


def test_class_weights_scale_the_steps() -> None:
    """Targets 2, 4, 6 are the classes; as above with the weights 0.5, 0 and 1."""
    model = line()
    model.fit(X, Y, batch_size=1, class_weight={2: 0.5, 4: 0.0}, shuffle=False, verbose=0)
    assert weight(model) == pytest.approx(3.44, rel=1e-6)


def test_last_batch_may_be_shorter() -> None:
    """Rows 1, 2: 0 + 0.1·(2·1·2 + 2·2·4)/2 = 1.0; row 3: 1.0 + 0.2·9·1.0 = 2.8."""
    model = line()
    model.fit(X, Y, batch_size=2, shuffle=False, verbose=0)
    assert weight(model) == pytest.approx(2.8, rel=1e-6)


def test_batches_of_changing_size_train(data: Any) -> None:
    x, y = data
    model = Sequential([Input((8,)), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    sizes = [7, 1, 32, 3, 32, 25]
    model.fit(((x[:k], y[:k]) for k in sizes), verbose=0)
    assert int(model.optimizer.iterations) == len(sizes)


def test_hooks_of_an_indexable_are_called_each_epoch() -> None:
    source, model = Batches(), line()
    model.fit(source, epochs=3, verbose=0)
    assert source.told == ["end"] * 3


def test_generator_that_ends_early_warns_and_ends() -> None:
    model = line()
    with pytest.warns(UserWarning, match="ran out of data"):
        history = model.fit(batches(), epochs=2, verbose=0)
    assert history.epoch == [0]


def test_mapped_file_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the rows of the batches asked for are copied out of it."""
    rows = 200_000
    mapped = np.memmap(tmp_path / "x.bin", "float64", "w+", shape=(rows, 16))
    mapped[:64] = 1.0
    model = Sequential([Input((16,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    import tracemalloc

    tracemalloc.start()
    try:
        model.fit(mapped, np.zeros(rows), batch_size=32, steps_per_epoch=2, verbose=0)
        model.predict(mapped, batch_size=32, steps=2, verbose=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < mapped.nbytes / 4  # the order of the rows alone takes an eighth of it in each of two copies


def two_inputs() -> Model:
    a, b = Input((2,), name="a"), Input((3,), name="b")
    total = layers.Add(name="total")([layers.Dense(1)(a), layers.Dense(1)(b)])
    model = Model({"a": a, "b": b}, total)
    model.compile(SGD(0.1), "mse")
    return model


def test_inputs_go_by_name_in_any_order() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(6, 2)), rng.normal(size=(6, 3))
    model = two_inputs()
    np.testing.assert_array_equal(
        model.predict({"b": b, "a": a}, verbose=0), model.predict({"a": a, "b": b}, verbose=0)
    )
    model.fit({"b": b, "a": a}, np.zeros(6), verbose=0)
    model.evaluate(((({"a": a, "b": b}), np.zeros(6)) for _ in range(2)), verbose=0)


def test_list_of_inputs_goes_by_place() -> None:
    x, y = Input((2,)), Input((2,))
    model = Model([x, y], x - y)
    found = model.predict([np.full((4, 2), 5.0), np.full((4, 2), 3.0)], verbose=0)
    np.testing.assert_array_equal(found, np.full((4, 2), 2.0))


def test_targets_and_weights_go_to_their_outputs() -> None:
    """Only the second output has a weight: only its layer moves."""
    inputs = Input((2,))
    first, second = layers.Dense(1, name="first"), layers.Dense(1, name="second")
    model = Model(inputs, {"first": first(inputs), "second": second(inputs)})
    model.compile(SGD(0.1), "mse")
    before = [first.get_weights()[0], second.get_weights()[0]]
    targets = {"second": np.full(8, 9.0), "first": np.full(8, 9.0)}
    weights = {"first": np.zeros(8), "second": np.ones(8)}
    model.fit(np.ones((8, 2)), targets, sample_weight=weights, verbose=0)
    assert np.array_equal(before[0], first.get_weights()[0])
    assert not np.array_equal(before[1], second.get_weights()[0])


def test_deferred_model_is_built_by_its_first_data(data: Any) -> None:
    model = Sequential([layers.Dense(4, "relu"), layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    assert not model.built
    model.fit(data[0], data[1], verbose=0)
    assert model.count_params() == 8 * 4 + 4 + 4 * 3 + 3
