"""What users hand in becomes checked, named arrays."""

from __future__ import annotations

import numpy as np
import pytest

from denselite.data.arrays import as_array, as_arrays, is_array_data, is_literal, is_mapped, num_rows
from denselite.errors import DataError, DTypeError
from denselite.tree import LEAF


class Frame:
    """Stands for a pandas object: turns into an array on request."""

    def __init__(self, values, error=None):
        self.values, self.error = values, error

    def __array__(self, dtype=None, copy=None):
        if self.error:
            raise self.error
        return np.asarray(self.values, dtype=dtype)


class Sparse:
    def toarray(self):
        raise AssertionError("nobody asked for it")


def test_as_arrays_of_an_array_returns_that_very_array():
    x = np.ones((3, 2))
    (found,), structure = as_arrays(x, "x")
    assert found is x
    assert structure == LEAF


@pytest.mark.parametrize("value", [[[1.0, 2.0], [3.0, 4.0]], ((1.0, 2.0), (3.0, 4.0)), Frame([[1.0, 2.0], [3.0, 4.0]])])
def test_as_arrays_of_an_array_like_makes_one_array(value):
    (found,), structure = as_arrays(value, "x")
    assert structure == LEAF
    np.testing.assert_array_equal(found, [[1.0, 2.0], [3.0, 4.0]])


def test_as_arrays_of_nested_arrays_keeps_the_nesting():
    found, structure = as_arrays({"b": [np.ones(2), Frame([5, 6])], "a": [1, 2]}, "x")
    assert [array.tolist() for array in found] == [[1, 2], [1, 1], [5, 6]]
    assert repr(structure) == "{'a': *, 'b': [*, *]}"


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ([], True),
        ([1, 2.0, True], True),
        ([np.float32(1), np.int64(2)], True),
        ([[1], (2,)], True),
        ([np.ones(1)], False),
        ([[1], np.ones(1)], False),
        ([{"a": 1}], False),
        ([[[np.ones(1)]]], False),
    ],
)
def test_is_literal_tells_one_array_from_several(value, literal):
    assert is_literal(value) is literal


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.array([b"a"]), r"\|S1, for example np.bytes_\(b'a'\)"),
        (["a", "b"], r"<U1, for example np.str_\('a'\)"),
        (np.array([{}]), "object, for example {}"),
        (np.ones(2, complex), "complex128"),
        (np.array(["2020-01-01"], "M8[D]"), r"datetime64\[D\]"),
        ([None, 1.0], "object, for example None"),
        (np.empty(0, object), r"object\. Convert"),
    ],
)
def test_as_arrays_of_anything_but_numbers_is_refused_by_name(value, dtype):
    with pytest.raises(DTypeError, match=rf"x\['a'\] expects numbers .* got dtype {dtype}"):
        as_arrays({"a": value}, "x")


def test_as_arrays_of_ragged_list_is_refused():
    with pytest.raises(DTypeError, match=r"y is ragged: its rows differ in length\. Pad them"):
        as_arrays([[1, 2], [3]], "y")


def test_as_arrays_of_something_that_is_no_data_is_refused():
    with pytest.raises(DTypeError, match=r"x\[1\] expects an array, .* got a generator\.$"):
        as_arrays([np.ones(2), (i for i in range(2))], "x")


def test_as_arrays_of_sparse_matrix_says_how_to_convert_it():
    with pytest.raises(DTypeError, match=r"got a Sparse\. Convert it with \.toarray\(\)"):
        as_arrays(Sparse(), "x")


@pytest.mark.parametrize("error", [RuntimeError, ValueError, TypeError])
def test_as_arrays_of_object_whose_conversion_fails_passes_on_the_reason(error):
    with pytest.raises(DataError, match="x is a Frame that gave no array: needs detach"):
        as_arrays(Frame(None, error("needs detach")), "x")


@pytest.mark.parametrize("value", [np.float64(2.5), np.array(2.5), 2.5])
def test_as_array_of_a_single_number_is_refused(value):
    with pytest.raises(DataError, match=r"x expects an array whose first axis counts the samples, .* number 2\.5"):
        as_array(value, "x")


@pytest.mark.parametrize("value", [{}, [{}], {"a": None}])
def test_as_arrays_without_any_leaf_is_refused(value):
    with pytest.raises(DataError) as caught:
        as_arrays(value, "x")
    assert str(caught.value) == f"x holds no arrays: {value!r}."


def test_num_rows_of_different_lengths_lists_every_size():
    arrays = [np.ones((3, 2)), np.ones(4), np.ones(3)]
    with pytest.raises(DataError, match=r"cardinality is ambiguous.* Got x\['a'\]: 3, x\['b'\]: 4, y: 3\."):
        num_rows(arrays, ["x['a']", "x['b']", "y"])


def test_num_rows_of_empty_arrays_is_refused():
    with pytest.raises(DataError, match=r"x is empty: it has shape \(0, 5\)\. At least one sample is needed"):
        num_rows([np.empty((0, 5)), np.empty(0)], ["x", "y"])


def test_num_rows_of_equal_lengths_is_that_length():
    assert num_rows([np.ones((3, 2)), np.ones(3)], ["x", "y"]) == 3


@pytest.mark.parametrize("value", [np.ones(1), [1], (1,), {"a": 1}, "text", Frame([1]), Sparse()])
def test_is_array_data_is_true_for_what_is_taken_whole(value):
    assert is_array_data(value)


@pytest.mark.parametrize("value", [iter([1]), range(3), {1, 2}, object(), print])
def test_is_array_data_is_false_for_what_may_yield_batches(value):
    assert not is_array_data(value)


def test_is_mapped_sees_through_views_and_not_through_copies(tmp_path):
    mapped = np.memmap(tmp_path / "x", np.float32, "w+", shape=(6, 4))
    assert is_mapped(mapped)
    assert is_mapped(mapped[2:].T)
    assert is_mapped(np.asarray(mapped).reshape(4, 6)[1:])
    assert not is_mapped(np.array(mapped))
    assert not is_mapped(np.ones(3)[1:])
