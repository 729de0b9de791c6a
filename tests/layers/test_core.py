from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite.errors import ArgumentError, DTypeError, ShapeError, UnknownNameError
from denselite.layers import Activation, Dropout, Flatten, Rescaling, Reshape

ONES = np.ones((2000, 8), "float32")


def test_activation_is_the_function() -> None:
    assert Activation("relu")(np.array([[-1.0, 2.0]])).tolist() == [[0.0, 2.0]]
    assert Activation(np.negative)(np.array([[-1.0, 2.0]])).tolist() == [[1.0, -2.0]]
    assert Activation(None)(np.array([[-1.0, 2.0]])).tolist() == [[-1.0, 2.0]]


def test_dropout_zeroes_its_share_and_scales_the_rest() -> None:
    out = Dropout(0.25, seed=1)(ONES, training=True)
    assert set(np.unique(out)) == {np.float32(0), np.float32(1 / 0.75)}
    # 16000 draws of p = 0.25: a standard deviation of 0.0034; five of them are 0.017
    assert np.mean(out == 0) == pytest.approx(0.25, abs=0.017)


def test_dropout_follows_from_its_seed() -> None:
    first, same, other = (Dropout(0.5, seed=seed)(ONES, training=True) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(("rate", "expected"), [(0, 1.0), (0.0, 1.0), (1, 0.0), (1.0, 0.0)])
def test_dropout_of_nothing_and_of_everything(rate: float, expected: float) -> None:
    assert set(np.unique(Dropout(rate)(ONES, training=True))) == {np.float32(expected)}


def test_dropout_out_of_training_returns_the_input() -> None:
    assert np.array_equal(Dropout(0.9)(ONES), ONES)


@pytest.mark.parametrize("noise_shape", [(None, 1), (2000, 1), [None, 1]])
def test_noise_shape_shares_the_mask_along_its_axes_of_size_1(noise_shape: Any) -> None:
    out = Dropout(0.5, noise_shape=noise_shape, seed=1)(ONES, training=True)
    assert (out == out[:, :1]).all()
    assert len(np.unique(out)) == 2


def test_flatten_of_channels_first_puts_channels_last_first() -> None:
    x = np.arange(12.0).reshape(1, 2, 3, 2)
    expected = np.moveaxis(x, 1, -1).reshape(1, -1)
    assert np.array_equal(Flatten("channels_first")(x), expected)
    assert np.array_equal(Flatten()(x), x.reshape(1, -1))


def test_flatten_of_rows_without_axes_gives_one_column() -> None:
    assert Flatten()(np.arange(3.0)).tolist() == [[0.0], [1.0], [2.0]]


@pytest.mark.parametrize(
    ("target", "shape"), [(6, (1, 6)), ((-1,), (1, 6)), ([3, 2], (1, 3, 2)), ((1, -1, 2), (1, 1, 3, 2))]
)
def test_reshape_gives_rows_the_target_shape(target: Any, shape: tuple[int, ...]) -> None:
    assert Reshape(target)(np.zeros((1, 6))).shape == shape


def test_reshape_to_nothing_leaves_the_batch() -> None:
    assert Reshape(())(np.zeros((4, 1))).shape == (4,)


@pytest.mark.parametrize("scale", [[0.5, 2.0], (0.5, 2.0), np.array([0.5, 2.0])], ids=["list", "tuple", "array"])
def test_rescaling_takes_a_number_for_each_entry_and_saves_it(scale: Any) -> None:
    layer = Rescaling(scale, 1)
    assert layer(np.array([[2, 2]])).tolist() == [[2.0, 5.0]]
    assert layer.get_config()["scale"] == [0.5, 2.0]


X = np.zeros((2, 3))
MISTAKES: dict[str, tuple[Any, type[Exception], str]] = {
    "activation unknown": (lambda: Activation("softmx"), UnknownNameError, r"^Activation\(\) argument 'activation': Unknown .* Did you mean 'softmax'"),
    "activation missing": (lambda: Activation(), ArgumentError, r"^Activation\(\) needs the argument 'activation'"),  # type: ignore[call-arg]
    "rate above 1": (lambda: Dropout(1.5), ArgumentError, r"^Dropout\(\) argument 'rate' should be less than or equal to 1, got 1\.5"),
    "rate below 0": (lambda: Dropout(-0.1), ArgumentError, r"'rate' should be greater than or equal to 0, got -0\.1"),
    "rate of text": (lambda: Dropout("x"), ArgumentError, r"'rate' should be a number greater than or equal to 0 and less than or equal to 1, got 'x'"),
    "rate nan": (lambda: Dropout(float("nan")), ArgumentError, "argument 'rate' is NaN"),
    "seed below 0": (lambda: Dropout(0.5, seed=-1), ArgumentError, r"^Dropout\(\) argument 'seed' should be greater than or equal to 0, got -1"),
    "noise shape of text": (lambda: Dropout(0.5, noise_shape="ab"), ArgumentError, "a noise_shape holds sizes greater than 0 and None, got 'ab'"),
    "noise shape of 0": (lambda: Dropout(0.5, noise_shape=(0, 1)), ArgumentError, r"a noise_shape holds sizes greater than 0 and None, got \(0, 1\)"),
    "noise shape of another rank": (lambda: Dropout(0.5, (None, 1, 1), name="d")(X, training=True), ShapeError, r"^Dropout 'd' has the noise_shape \(None, 1, 1\), which does not fit the input shape \(2, 3\)\. Give each axis"),
    "noise shape of another size": (lambda: Dropout(0.5, (None, 2))(X, training=True), ShapeError, r"noise_shape \(None, 2\), which does not fit"),
    "data format": (lambda: Flatten("channels_middle"), ArgumentError, r"'data_format' should be 'channels_last' or 'channels_first' or None, got 'channels_middle'"),
    "target of 0": (lambda: Reshape((2, 0)), ArgumentError, r"^Reshape\(\) argument 'target_shape': a target shape holds positive sizes and at most one -1, got \(2, 0\)"),
    "two -1": (lambda: Reshape((-1, -1)), ArgumentError, r"at most one -1, got \(-1, -1\)"),
    "target of None": (lambda: Reshape(None), ArgumentError, r"at most one -1, got None"),
    "target of text": (lambda: Reshape("ab"), ArgumentError, "at most one -1, got 'ab'"),
    "target of True": (lambda: Reshape((True, 3)), ArgumentError, r"at most one -1, got \(True, 3\)"),
    "rows that do not divide": (lambda: Reshape((2, -1), name="r")(X), ShapeError, r"^Reshape 'r' cannot give rows of shape \(3,\) \(3 elements\) the shape \(2, -1\)\.$"),
    "scale of text": (lambda: Rescaling("a"), ArgumentError, r"^Rescaling\(\) argument 'scale': it takes a number, or one for each .*, got 'a'"),
    "offset of None": (lambda: Rescaling(1, None), ArgumentError, "argument 'offset': it takes a number"),
    "scale that does not fit": (lambda: Rescaling([1.0, 2.0], name="r")(X), ShapeError, r"^Rescaling 'r' expects one number for each of the 3 entries of the last axis, got scale of shape \(2,\)"),
    "ragged rows": (lambda: Flatten(name="f")([[1], [2, 3]]), ShapeError, "^Flatten 'f' expects rows of one length, got a list of lists that differ"),
    "several arrays": (lambda: Flatten(name="f")([X, X]), ArgumentError, r"^Flatten 'f' expects one array, got a list of 2\. Call it once for each of the 2\.$"),
    "a dict": (lambda: Flatten(name="f")({"a": X}), ArgumentError, r"^Flatten 'f' expects one array, got a dict of 1\.$"),
    "a number": (lambda: Flatten(name="f")(3.0), ShapeError, r"^Flatten 'f' expects an input with a batch axis, got a single number\. Write \[\[number\]\]"),
    "text": (lambda: Flatten(name="f")(np.array(["a"])), DTypeError, r"^Flatten 'f' expects numbers, got an array of dtype <U1\. Convert it with astype"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistake_is_one_clear_error(case: str) -> None:
    call, error, message = MISTAKES[case]
    with pytest.raises(error, match=message):
        call()
