"""Nested structures: taken apart, put together again, compared."""

from __future__ import annotations

import pytest

from denselite.errors import DataError
from denselite.tree import EMPTY, LEAF, Structure, flatten, unflatten


@pytest.mark.parametrize(
    ("tree", "leaves", "shown"),
    [
        (7, [7], "*"),
        (None, [], "None"),
        ([1, (2,)], [1, 2], "[*, (*,)]"),
        ({"b": 1, "a": [2, None]}, [2, 1], "{'a': [*, None], 'b': *}"),
        ({}, [], "{}"),
    ],
)
def test_flatten_of_nested_tree_round_trips(tree, leaves, shown):
    found, structure = flatten(tree)
    assert found == leaves
    assert repr(structure) == shown
    assert structure.num_leaves == len(leaves)
    assert unflatten(structure, found) == tree


def test_flatten_of_dicts_sorts_keys_so_insertion_order_does_not_matter():
    assert flatten({"b": 1, "a": 2}) == flatten({"a": 2, "b": 1})


def test_structure_of_same_nesting_is_equal_and_hashes_alike():
    one, other = flatten([1, {"a": 2}])[1], flatten(["x", {"a": "y"}])[1]
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize("other", [[1], (1, 2), [1, [2]], [1, None], {"0": 1, "1": 2}])
def test_structure_of_other_nesting_differs(other):
    assert flatten([1, 2])[1] != flatten(other)[1]


def test_flatten_with_is_leaf_keeps_what_it_names_whole():
    leaves, structure = flatten([[1, 2], [3]], is_leaf=lambda entry: isinstance(entry[0], int))
    assert leaves == [[1, 2], [3]]
    assert structure == Structure("list", (), (LEAF, LEAF))


def test_paths_name_each_leaf_as_code_reaches_it():
    structure = flatten({"a": (1, None, 2), "b": 4})[1]
    assert structure.paths("x") == ["x['a'][0]", "x['a'][2]", "x['b']"]
    assert LEAF.paths("y") == ["y"]
    assert EMPTY.paths("y") == []


def test_flatten_of_keys_that_cannot_be_sorted_is_refused():
    with pytest.raises(DataError, match=r"keys that can be sorted, all strings at best, got \['a', 1\]"):
        flatten({"a": 0, 1: 0})


def test_unflatten_with_wrong_number_of_leaves_is_refused():
    with pytest.raises(DataError, match=r"\[\*, \*\] holds 2 leaves, got 1"):
        unflatten(flatten([1, 2])[1], [1])
