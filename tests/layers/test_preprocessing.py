"""Normalization, Discretization and CategoryEncoding: hand-worked numbers, data that comes in pieces, errors, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from denselite import Input, Model, Sequential, layers
from denselite.errors import ArgumentError, DataError, DTypeError, ShapeError, StateError, UncoveredError
from denselite.layers import adapting
from denselite.models import load_model, model_from_json

X = np.array([[0.0, 7.0], [2.0, 9.0]], "float32")


def test_normalization_has_mean_0_and_deviation_1_over_its_data() -> None:
    layer = layers.Normalization()
    layer.adapt(X)
    assert layer(X).tolist() == [[-1.0, -1.0], [1.0, 1.0]]
    assert [weight.tolist() for weight in layer.get_weights()] == [[1.0, 8.0], [1.0, 1.0], 0]
    assert (layer.mean.tolist(), layer.variance.tolist()) == ([[1.0, 8.0]], [[1.0, 1.0]])
    assert layer.trainable_weights == []


def test_normalization_before_adapt_leaves_inputs_as_they_are() -> None:
    layer = layers.Normalization()
    assert layer.mean is None
    assert layer(X).tolist() == X.tolist()


def test_normalization_adapted_in_blocks_is_adapted_to_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = np.random.default_rng(3).normal(5.0, 2.0, (101, 3))
    np.save(tmp_path / "x.npy", data)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    monkeypatch.setattr(adapting, "_ENTRIES", 30)
    assert [len(block) for block in adapting.pieces(mapped)] == [10] * 10 + [1]
    layer = layers.Normalization(dtype="float64")
    layer.adapt(mapped)
    # Sums in another order: 1e-12.
    np.testing.assert_allclose(layer.get_weights()[0], data.mean(0), rtol=1e-12)
    np.testing.assert_allclose(layer.get_weights()[1], data.var(0), rtol=1e-12)


def test_normalization_adapted_again_starts_anew_and_a_model_follows() -> None:
    layer = layers.Normalization()
    layer.adapt(X)
    model = Sequential([Input((2,)), layer])
    assert model.predict(X, verbose=0).tolist() == [[-1.0, -1.0], [1.0, 1.0]]
    layer.adapt(X * 2)
    assert model.predict(X * 2, verbose=0).tolist() == [[-1.0, -1.0], [1.0, 1.0]]


def test_normalization_of_constant_features_is_finite() -> None:
    assert layers.Normalization(mean=1.0, variance=0.0)(np.array([[1.0, 3.0]])).tolist() == [[0.0, 2e7]]


def test_normalization_is_saved_with_its_statistics(tmp_path: Path) -> None:
    layer = layers.Normalization()
    layer.adapt(X)
    model = Sequential([Input((2,)), layer])
    model.save(tmp_path / "m.npz")
    assert load_model(tmp_path / "m.npz").predict(X, verbose=0).tolist() == [[-1.0, -1.0], [1.0, 1.0]]


def test_errors_of_normalization_say_what_to_do() -> None:
    layer = layers.Normalization(name="n")
    with pytest.raises(DataError, match=r"^Normalization 'n': adapt\(\) got no data"):
        layer.adapt(iter([]))
    with pytest.raises(DataError, match=r"^Normalization 'n': adapt\(\) takes an array or batches that are arrays"):
        layer.adapt([[1.0]])
    with pytest.raises(DataError, match=r"^Normalization 'n': adapt\(\) takes an array or batches of arrays, got 5"):
        layer.adapt(5)
    with pytest.raises(DTypeError, match=r"^Normalization 'n' expects numbers"):
        layer.adapt(np.array([["a"]]))
    layer.adapt(X)
    with pytest.raises(ShapeError, match=r"^Normalization 'n' was built for input shape \(2, 2\), got data of shape"):
        layer.adapt([np.ones((2, 3))])
    with pytest.raises(StateError, match=r"^Normalization 'm' was given its mean and variance"):
        layers.Normalization(mean=0.0, variance=1.0, name="m").adapt(X)
    with pytest.raises(ArgumentError, match=r"^Normalization\(\) takes mean and variance of one shape, or neither"):
        layers.Normalization(mean=1.0)
    with pytest.raises(ArgumentError, match="it takes a number, or a list of them, got 1j"):
        layers.Normalization(mean=1j, variance=1.0)
    with pytest.raises(ArgumentError, match="axis is an integer, a list of them or None, got 'last'"):
        layers.Normalization("last")
    with pytest.raises(ArgumentError, match=r"at most as many axes as there are in axis=\[\]"):
        layers.Normalization(None, [1.0], [1.0])
    with pytest.raises(ShapeError, match=r"which do not fit the sizes \(2,\) that input shape"):
        layers.Normalization(mean=[1.0] * 3, variance=[1.0] * 3)(X)


def test_discretization_puts_a_boundary_into_the_bin_above_it() -> None:
    layer = layers.Discretization([0.0, 1.0])
    bins = layer(np.array([[-1.0, 0.0, 0.5, 1.0, np.inf, np.nan]]))
    assert bins.tolist() == [[0, 1, 1, 2, 2, 2]]
    assert bins.dtype == np.int32


def test_discretization_finds_quartiles_and_tells_them_in_its_config() -> None:
    layer = layers.Discretization(num_bins=4)
    layer.adapt(np.arange(1.0, 101.0))
    assert layer.bin_boundaries == pytest.approx([25.0, 50.0, 75.0])  # computed in float32
    again = layers.Discretization.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    again.adapt(np.arange(1.0, 101.0) * 2)
    assert again.bin_boundaries == pytest.approx([50.0, 100.0, 150.0])


def test_discretization_reads_a_mapped_file_in_blocks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(1000.0))
    monkeypatch.setattr(adapting, "_ENTRIES", 100)
    layer = layers.Discretization(num_bins=2)
    layer.adapt(np.load(tmp_path / "x.npy", mmap_mode="r"))
    assert layer.bin_boundaries == pytest.approx([500.0], abs=10)  # epsilon is 0.01 of 1000


def test_discretization_in_a_model_is_computed_and_saved() -> None:
    layer = layers.Discretization(num_bins=2, output_mode="one_hot")
    layer.adapt([1.0, 2.0, 3.0, 4.0])
    model = Sequential([Input((1,)), layer])
    again = model_from_json(model.to_json())
    assert again.output_shape == (None, 2)
    assert again.predict(np.array([[1.0], [3.0]]), verbose=0).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_errors_of_discretization_say_what_to_do() -> None:
    with pytest.raises(ArgumentError, match=r"^Discretization\(\) takes bin_boundaries or num_bins, got neither"):
        layers.Discretization()
    with pytest.raises(ArgumentError, match="bin_boundaries are numbers in ascending order, got"):
        layers.Discretization([1.0, 0.0])
    with pytest.raises(ArgumentError, match="bin_boundaries are numbers in ascending order, got"):
        layers.Discretization(["a"])
    with pytest.raises(UncoveredError, match="sparse=True exists in Keras and not in denselite"):
        layers.Discretization([1.0], sparse=True)
    with pytest.raises(StateError, match=r"^Discretization 'd' has no bin_boundaries yet. Call adapt"):
        layers.Discretization(num_bins=2, name="d")(X)
    with pytest.raises(StateError, match=r"^Discretization 'd' was not given num_bins"):
        layers.Discretization([1.0], name="d").adapt(X)
    with pytest.raises(DTypeError, match=r"^Discretization 'd' expects numbers, got an array of dtype <U1"):
        layers.Discretization(num_bins=2, name="d").adapt(np.array(["a"]))
    with pytest.raises(DataError, match=r"^Discretization 'd': adapt\(\) got no data"):
        layers.Discretization(num_bins=2, name="d").adapt([])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("one_hot", [[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]]),
        ("multi_hot", [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        ("count", [[1.0, 1.0, 0.0], [0.0, 0.0, 2.0]]),
        ("binary", [[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    ],
)
def test_categories_are_encoded(mode: str, expected: Any) -> None:
    x = np.array([[0, 1], [2, 2]])
    layer = layers.CategoryEncoding(3, mode)
    assert layer(x).tolist() == expected
    model = Sequential([Input((2,), dtype="int32"), layers.CategoryEncoding(3, mode)])
    assert model.predict(x, verbose=0).tolist() == expected
    assert model.output_shape == (None, *np.shape(expected)[1:])
    assert layer.compute_output_shape((None, 2)) == model.output_shape


def test_more_categories_than_a_small_type_can_tell_apart_are_encoded() -> None:
    assert np.flatnonzero(layers.CategoryEncoding(300, "one_hot")(np.array([[5]], "uint8"))).tolist() == [5]


def test_count_weights_say_what_each_category_counts() -> None:
    inputs, weights = Input((2,), dtype="int32"), Input((2,))
    model = Model([inputs, weights], layers.CategoryEncoding(3, "count")(inputs, count_weights=weights))
    given = [np.array([[0, 2]]), np.array([[0.5, 0.25]], "float32")]
    assert model.predict(given, verbose=0).tolist() == [[0.5, 0.0, 0.25]]
    with pytest.raises(ArgumentError, match=r"^CategoryEncoding 'c' takes count_weights with output_mode='count'"):
        layers.CategoryEncoding(3, name="c")(*given)


def test_modes_that_are_none_are_an_error_that_lists_them() -> None:
    with pytest.raises(ArgumentError, match="it is one of 'count', 'one_hot', 'multi_hot', got 'int'"):
        layers.CategoryEncoding(3, "int")
