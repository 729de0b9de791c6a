"""The arguments of fit, evaluate and predict, right and wrong."""

from __future__ import annotations

import numpy as np
import pytest

from denselite import tree
from denselite.data import Spec, make_source
from denselite.data.array_source import ArraySource
from denselite.data.iterable_source import IterableSource
from denselite.data.sequence_source import SequenceSource
from denselite.errors import ArgumentError, DataError, DTypeError

X = np.ones((6, 3), np.float32)
Y = np.array([0, 1, 1, 0, 1, 1])


class Endless:
    """A data set without a length, as a PyDataset may be."""

    def __len__(self):
        raise NotImplementedError

    def __getitem__(self, index):
        return (X * index,)


def test_specs_are_the_leaves_of_x_then_y_then_weights():
    source = make_source({"b": X, "a": Y}, [Y, X], [np.ones(6), None])
    assert source.specs == [
        Spec((), np.dtype("int64")),
        Spec((3,), np.dtype("float32")),
        Spec((), np.dtype("int64")),
        Spec((3,), np.dtype("float32")),
        Spec((), np.dtype("float32")),
    ]
    assert repr(source.structure) == "({'a': *, 'b': *}, [*, *], [*, None])"
    assert source.structure.y == tree.flatten([0, 0])[1]


def test_structure_without_targets_has_none_for_them():
    assert make_source(X).structure[1:] == (None, None)


@pytest.mark.parametrize(
    ("dtype", "floatx", "expected"),
    [
        ("f8", "float32", "float32"),
        ("f2", "float32", "float32"),
        (">f4", "float32", "float32"),
        ("f4", "float64", "float64"),
        ("f4", "float16", "float16"),
        ("u1", "float32", "uint8"),
        (">i4", "float32", "int32"),
        ("?", "float32", "bool"),
    ],
)
def test_floats_become_floatx_and_integers_stay(dtype, floatx, expected):
    assert make_source(np.ones(3, dtype), floatx=floatx).specs == [Spec((), np.dtype(expected))]


def test_sample_weights_become_floatx_even_from_integers():
    assert make_source(X, Y, np.ones(6, int)).specs[2] == Spec((), np.dtype("float32"))


def test_lists_of_numbers_are_taken_although_keras_refuses_them():
    source = make_source([[1, 2], [3, 4], [5, 6]], [0.0, 1.0, 0.0])
    assert source.specs == [Spec((2,), np.dtype("int64")), Spec((), np.dtype("float32"))]


def test_one_weight_a_sample_serves_both_outputs():
    source = make_source(X, [Y, Y], np.ones(6))
    assert repr(source.structure.sample_weight) == "[*, *]"
    assert len(source.specs) == 5


def test_class_weights_become_sample_weights():
    source = make_source(X, Y, class_weight={1: 3.0}, batch_size=6)
    buffers = [np.empty((6, *spec.shape), spec.dtype) for spec in source.specs]
    next(source.batches()).write(buffers)
    assert buffers[2].tolist() == [1, 3, 3, 1, 3, 3]


def test_default_batch_size_is_32():
    assert make_source(np.ones(100)).batch_size == 32


@pytest.mark.parametrize("value", [0, -1, 2.0, "32", True, np.float32(3)])
@pytest.mark.parametrize("name", ["batch_size", "steps"])
def test_count_that_is_no_positive_integer_is_refused(name, value):
    with pytest.raises(ArgumentError) as caught:
        make_source(X, **{name: value})
    assert str(caught.value) == f"{name} expects an integer of 1 or more, or None, got {value!r}."


def test_numpy_integer_is_a_count():
    assert make_source(X, batch_size=np.int64(2)).num_batches == 3


def test_missing_x_is_refused():
    with pytest.raises(ArgumentError, match=r"x is None\. Give the inputs"):
        make_source(None, Y)


def test_class_weight_with_sample_weight_is_refused():
    with pytest.raises(ArgumentError, match="class_weight and sample_weight cannot be given together"):
        make_source(X, Y, np.ones(6), class_weight={0: 1.0})


def test_class_weight_without_targets_is_refused():
    with pytest.raises(ArgumentError, match="class_weight weighs the classes in y, but y is None"):
        make_source(X, class_weight={0: 1.0})


def test_lengths_that_differ_are_refused_with_all_sizes():
    with pytest.raises(DataError, match=r"cardinality is ambiguous.* Got x: 6, y: 5, sample_weight: 6\.$"):
        make_source(X, Y[:5], np.ones(6))


def test_empty_data_is_refused():
    with pytest.raises(DataError, match=r"x is empty: it has shape \(0, 3\)"):
        make_source(X[:0], Y[:0])


@pytest.mark.parametrize(("x", "kind"), [("text", "str"), (b"text", "bytes")])
def test_text_is_refused_as_data(x, kind):
    with pytest.raises(DTypeError, match="x expects numbers"):
        make_source(x)


@pytest.mark.parametrize(
    ("x", "advice"), [(5, "of type int.$"), (make_source, "Call it first?"), (object(), "of type object.$")]
)
def test_something_that_is_neither_arrays_nor_batches_is_refused(x, advice):
    with pytest.raises(
        DTypeError, match=f"x expects arrays .*, or a generator, iterable or data set of batches; got .*{advice}"
    ):
        make_source(x)


def test_kind_of_source_follows_from_what_x_can_do():
    assert isinstance(make_source(X), ArraySource)
    assert isinstance(make_source(iter([(X, Y)])), IterableSource)
    assert isinstance(make_source({"batch": (X, Y)}.values()), IterableSource)
    assert isinstance(make_source(Endless(), steps=2), IterableSource)
    assert isinstance(make_source(type("Data", (list,), {"__array__": None})([X])), ArraySource)

    class Indexable:
        def __len__(self):
            return 2

        def __getitem__(self, index):
            return X, Y

    assert isinstance(make_source(Indexable()), SequenceSource)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"y": Y}, "y cannot"),
        ({"sample_weight": Y}, "sample_weight cannot"),
        ({"class_weight": {0: 1.0}}, "class_weight cannot"),
        ({"y": Y, "class_weight": {0: 1.0}}, "y and class_weight cannot"),
    ],
)
def test_arguments_that_batches_bring_themselves_are_refused_beside_a_generator(arguments, named):
    batches = iter([(X, Y)])
    with pytest.raises(ArgumentError, match=f"which yields whole batches: {named} be given with it. Let it yield"):
        make_source(batches, **arguments)
    assert next(batches)[0] is X  # nothing was taken from it
