"""A few rows are predicted again by the short way: the same numbers, and nothing that has changed is missed."""

from __future__ import annotations

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, callbacks, layers, random
from denselite.errors import DataError, DenseliteError, ShapeError
from denselite.models import trainer


@pytest.fixture
def model() -> Any:
    return Sequential([Input((3,)), layers.Dense(4, "tanh"), layers.Dense(2)])


def rows(count: int, dtype: Any = np.float32) -> Any:
    return np.random.default_rng(count).normal(size=(count, 3)).astype(dtype)


@pytest.fixture
def long_ways(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every prediction that went the long way."""
    made: list[Any] = []
    collect = trainer.collect
    monkeypatch.setattr(trainer, "collect", lambda *args: made.append(args) or collect(*args))
    return made


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_short_way_gives_what_the_long_one_does(model: Any, long_ways: list[Any], dtype: Any) -> None:
    x = rows(5, dtype)
    expected = model.predict(x, verbose=0)
    for count in (5, 1, 3, 5):
        np.testing.assert_array_equal(model.predict(x[:count], verbose=0), model(x[:count]).astype(np.float32))
    np.testing.assert_array_equal(model.predict_on_batch(x), expected)
    assert len(long_ways) == 1


def test_what_it_returns_is_the_callers_own(model: Any) -> None:
    x = rows(2)
    model.predict(x, verbose=0)
    first = model.predict(x, verbose=0)
    kept = first.copy()
    model.predict(-x, verbose=0)
    np.testing.assert_array_equal(first, kept)


def test_outputs_keep_their_structure(long_ways: list[Any]) -> None:
    inputs = Input((3,))
    model = Model(inputs, {"a": layers.Dense(1)(inputs), "b": [layers.Dense(2)(inputs)]})
    x = rows(2)
    first, second = model.predict(x, verbose=0), model.predict(x, verbose=0)
    assert len(long_ways) == 1
    assert first["a"].shape == second["a"].shape == (2, 1)
    np.testing.assert_array_equal(first["b"][0], second["b"][0])


@pytest.mark.parametrize("nested", [list, lambda outputs: dict(zip("ab", outputs, strict=True))])
def test_outputs_that_are_not_nested_further_are_all_there(nested: Any, long_ways: list[Any]) -> None:
    inputs = Input((3,))
    model = Model(inputs, nested([layers.Dense(1)(inputs), layers.Dense(2)(inputs)]))
    first, second = model.predict(rows(2), verbose=0), model.predict(rows(2), verbose=0)
    assert len(long_ways) == 1
    assert type(second) is type(first)
    for key in first if isinstance(first, dict) else (0, 1):
        np.testing.assert_array_equal(first[key], second[key])


def test_changed_weights_count(model: Any) -> None:
    x = rows(2)
    model.predict(x, verbose=0)
    model.set_weights([np.ones_like(w) for w in model.get_weights()])
    np.testing.assert_allclose(model.predict(x, verbose=0), model(x), rtol=1e-6)
    model.compile("sgd", "mse")
    model.fit(rows(8), np.ones((8, 2)), verbose=0)
    np.testing.assert_allclose(model.predict(x, verbose=0), model(x), rtol=1e-6)


def test_changed_layer_counts(model: Any, long_ways: list[Any]) -> None:
    x = rows(2)
    before = model.predict(x, verbose=0)
    model.layers[0].activation = np.cos
    after = model.predict(x, verbose=0)
    assert len(long_ways) == 2
    assert not np.array_equal(before, after)


def test_hook_takes_effect_at_once_and_sees_every_batch(model: Any, long_ways: list[Any]) -> None:
    x, seen = rows(2), []
    before = model.predict(x, verbose=0)
    handle = model.layers[1].register_forward_hook(lambda layer, args, output: seen.append(1) or output * 0)
    for _ in range(3):
        assert not model.predict(x, verbose=0).any()
    assert len(seen) == 3
    handle.remove()
    np.testing.assert_array_equal(model.predict(x, verbose=0), before)


class Noisy(layers.Layer):
    """Draws whether it trains or not."""

    def call(self, inputs: Any) -> Any:
        return inputs + random.normal(inputs.shape, seed=random.SeedGenerator(1))


def test_what_runs_python_goes_the_long_way(long_ways: list[Any]) -> None:
    model = Sequential([Input((3,)), Noisy()])
    x = rows(2)
    for _ in range(3):
        model.predict(x, verbose=0)
    assert len(long_ways) == 3


@pytest.mark.parametrize(
    "more", [{"verbose": 1}, {"callbacks": [callbacks.Callback()]}, {"steps": 1}, {"batch_size": 1}]
)
def test_who_wants_more_goes_the_long_way(model: Any, long_ways: list[Any], more: dict[str, Any], capsys: Any) -> None:
    x = rows(2)
    expected = model.predict(x, verbose=0)
    np.testing.assert_allclose(model.predict(x, **{"verbose": 0, **more}), expected, rtol=1e-6)
    assert len(long_ways) == 2


@pytest.mark.parametrize("wrong", [np.ones((2, 4), np.float32), np.empty((0, 3), np.float32), np.ones((2, 3), object)])
def test_wrong_rows_are_refused_as_ever(model: Any, wrong: Any) -> None:
    model.predict(rows(2), verbose=0)
    with pytest.raises((ShapeError, DataError, DenseliteError)):
        model.predict(wrong, verbose=0)


@pytest.mark.parametrize("wrong", [0, -1, 2.5, "two"])
def test_wrong_batch_size_is_refused_as_ever(model: Any, wrong: Any) -> None:
    model.predict(rows(2), verbose=0)
    with pytest.raises(DenseliteError, match="batch_size"):
        model.predict(rows(2), batch_size=wrong, verbose=0)


def test_overflow_is_silent_inside_and_told_outside(model: Any) -> None:
    x = np.full((1, 3), 3e38, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            model.predict(x, verbose=0)
    with pytest.warns(RuntimeWarning, match="overflow"):
        np.multiply(x, x)


def test_copy_predicts_by_itself(model: Any) -> None:
    x = rows(2)
    expected = model.predict(x, verbose=0)
    copy = pickle.loads(pickle.dumps(model))  # noqa: S301 (made here)
    model.set_weights([w * 0 for w in model.get_weights()])
    np.testing.assert_array_equal(copy.predict(x, verbose=0), expected)


def test_threads_get_what_one_gets(model: Any) -> None:
    batches = [rows(1 + k % 4) for k in range(200)]
    expected = [model.predict(x, verbose=0) for x in batches]
    with ThreadPoolExecutor(8) as pool:
        for one, many in zip(expected, pool.map(lambda x: model.predict(x, verbose=0), batches), strict=True):
            np.testing.assert_array_equal(one, many)
