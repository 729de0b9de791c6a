"""Sample weights: matched to the targets, or made from class weights."""

from __future__ import annotations

import numpy as np
import pytest

from denselite.data.weights import match_weights, weigh_classes
from denselite.errors import ArgumentError, DataError, DTypeError
from denselite.tree import LEAF, flatten

FLOAT = np.dtype("float32")
TWO = flatten([0, 0])[1]


def test_one_array_for_one_output_is_kept():
    weights = [np.ones(3)]
    assert match_weights(weights, LEAF, LEAF) == (weights, LEAF)


def test_one_array_of_numbers_a_sample_serves_every_output():
    weight = np.ones((3, 1))
    found, structure = match_weights([weight], LEAF, TWO)
    assert [array is weight for array in found] == [True, True]
    assert structure == TWO


def test_none_leaves_an_output_without_weights():
    structure = flatten([0, None])[1]
    assert match_weights([np.ones(3)], structure, TWO)[1] == structure


def test_one_array_of_more_than_a_number_a_sample_for_several_outputs_is_refused():
    with pytest.raises(
        DataError, match=r"expects shape \(num_samples,\) when one array serves several outputs, got \(3, 2\)"
    ):
        match_weights([np.ones((3, 2))], LEAF, TWO)


@pytest.mark.parametrize("weights", [[1], [1, 2, 3], (1, 2), {"a": 1, "b": 2}, [1, [2]]])
def test_weights_nested_unlike_the_targets_are_refused(weights):
    leaves, structure = flatten(weights)
    with pytest.raises(
        DataError, match=r"sample_weight expects one array for each output, nested like y \(\[\*, \*\]\)"
    ):
        match_weights([np.ones(3) for _ in leaves], structure, TWO)


def test_weights_without_targets_are_refused():
    with pytest.raises(DataError, match="batch 4: sample_weight weighs the loss of targets, but y is None"):
        match_weights([np.ones(3)], LEAF, None, "batch 4: ")


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 2, 1, 7]),
        [0, 2, 1, 7],
        np.array([[0], [2], [1], [7]], np.uint8),
        np.array([0.1, 1.9, 1.0, 7.0]),
        np.eye(8)[[0, 2, 1, 7]],
    ],
)
def test_class_weights_become_sample_weights_and_a_missing_class_weighs_one(y):
    found = weigh_classes(y, {0: 0.5, 2: 4, np.int64(7): np.float64(3.0)}, FLOAT)
    np.testing.assert_array_equal(found, np.array([0.5, 4.0, 1.0, 3.0], np.float32), strict=True)


def test_class_weights_of_a_long_array_agree_with_one_lookup_a_row():
    y = np.random.default_rng(0).integers(0, 3, 300_000)
    found = weigh_classes(y, {1: 2.0, 2: 3.0}, FLOAT)
    np.testing.assert_array_equal(found, np.array([1, 2, 3], np.float32)[y])


@pytest.mark.parametrize("class_weight", [[1.0, 2.0], "balanced", 3])
def test_class_weight_that_is_no_dict_is_refused(class_weight):
    with pytest.raises(ArgumentError, match=r"class_weight expects a dict from class .* got"):
        weigh_classes([0], class_weight, FLOAT)


@pytest.mark.parametrize("entry", [{"a": 1.0}, {0: "x"}, {0: -1.0}, {0: float("nan")}, {0: float("inf")}, {0.5: 1.0}])
def test_class_weight_with_an_entry_that_is_no_weight_of_a_class_is_refused(entry):
    with pytest.raises(ArgumentError, match=r"class_weight expects a dict .* got the entry"):
        weigh_classes([0], entry, FLOAT)


def test_class_weight_for_several_outputs_is_refused():
    with pytest.raises(DataError, match=r"class_weight expects a model with one output, got y nested as \[\*, \*\]"):
        weigh_classes([np.ones(2), np.ones(2)], {0: 1.0}, FLOAT)


def test_class_weight_for_targets_of_three_axes_is_refused():
    with pytest.raises(DataError, match=r"class_weight expects y of shape .* got \(2, 3, 4\)"):
        weigh_classes(np.ones((2, 3, 4)), {0: 1.0}, FLOAT)


def test_class_weight_for_nan_labels_is_refused():
    with pytest.raises(DataError, match="class_weight expects finite numbers in y, got nan in row 1"):
        weigh_classes([0.0, np.nan], {0: 1.0}, FLOAT)


def test_class_weight_for_string_labels_is_refused():
    with pytest.raises(DTypeError, match="y expects numbers"):
        weigh_classes(["a", "b"], {0: 1.0}, FLOAT)
