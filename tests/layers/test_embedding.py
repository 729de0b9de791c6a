from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import Input, Sequential, layers
from denselite.errors import ArgumentError, DataError, ShapeError
from denselite.layers import Embedding

TABLE = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])


def test_each_id_is_replaced_by_its_row() -> None:
    assert Embedding(3, 2, weights=TABLE)(np.array([[2, 0]])).tolist() == [[[4.0, 5.0], [0.0, 1.0]]]


def test_gradient_of_a_row_is_the_sum_over_its_ids() -> None:
    model = Sequential([Input((3,), dtype="int32"), Embedding(3, 1, weights=np.zeros((3, 1)))])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 1.0
    model.train_on_batch(np.array([[0, 2, 2]]), np.ones((1, 3, 1)))
    # mse over three numbers: each id adds 2/3 · (1 - 0)
    np.testing.assert_allclose(model.get_weights()[0], [[2 / 3], [0.0], [4 / 3]], rtol=1e-6)


def test_weights_given_are_the_table_and_the_attribute_is_the_list_of_variables() -> None:
    layer = Embedding(3, 2, weights=TABLE)
    assert layer.built
    assert [weight.name for weight in layer.weights] == ["embeddings"]
    layer.build((None, 3))
    assert len(layer.weights) == 1
    assert "weights" not in layer.get_config()
    with pytest.raises(AttributeError):
        layer.weights = []


def test_mask_is_false_where_the_id_is_padding() -> None:
    assert Embedding(3, 2, mask_zero=True).compute_mask(np.array([[0, 2]])).tolist() == [[False, True]]
    assert Embedding(3, 2).compute_mask(np.array([[0, 2]])) is None
    assert [Embedding(3, 2, mask_zero=told).supports_masking for told in (True, False)] == [True, False]


@pytest.mark.parametrize(("ids", "told"), [([0, 3], "3"), ([-1, 0], "-1"), ([-1, 5], "-1")])
def test_id_outside_the_table_is_an_error_that_tells_it(ids: list[int], told: str) -> None:
    with pytest.raises(DataError, match=rf"^Embedding 'e' has rows for the ids 0 to 2, got {told}\.$"):
        Embedding(3, 2, name="e")(np.array([ids]))


def test_id_outside_the_table_ends_a_fit_and_changes_no_weight() -> None:
    model = Sequential([Input((2,), dtype="int32"), Embedding(3, 2, name="e"), layers.Flatten(), layers.Dense(1)])
    model.compile("adam", "mse")
    before = model.get_weights()
    with pytest.raises(DataError, match=r"^Embedding 'e' has rows for the ids 0 to 2, got 7\."):
        model.fit(np.array([[0, 7]]), np.ones((1, 1)), verbose=0)
    for weight, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)


def test_nothing_to_look_up_gives_nothing() -> None:
    assert Embedding(3, 2)(np.zeros((0, 4), "int32")).shape == (0, 4, 2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"input_dim": 0, "output_dim": 2}, ArgumentError, r"'input_dim' should be greater than 0, got 0"),
        ({"input_dim": 3}, ArgumentError, r"^Embedding\(\) needs the argument 'output_dim'"),
        ({"input_dim": 3, "output_dim": 2, "input_length": 5}, ArgumentError,
         r"'input_length' \(Leave it out: the input has its length\)"),
        ({"input_dim": 3, "output_dim": 2, "weights": np.ones((2, 3))}, ShapeError,
         r"set_weights\(\) got arrays of other shapes\. .*embeddings: expected \(3, 2\), got \(2, 3\)"),
    ],
)  # fmt: skip
def test_wrong_argument_is_an_error_that_names_it(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Embedding(**arguments)
