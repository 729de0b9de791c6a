"""Generators and iterables: the first batch sets the pattern, epochs end as Keras' do."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from denselite.data import Spec, make_source
from denselite.errors import DataError, DTypeError


def batch(value, size=2):
    return np.full((size, 3), value, np.float32), np.full(size, value)


def generate(*values):
    for value in values:
        yield batch(value)


def first_values(source, order=None):
    """The first number of x in each batch of an epoch."""
    found = []
    for ready in source.batches(order):
        buffers = [np.empty((ready.size, *spec.shape), spec.dtype) for spec in source.specs]
        ready.write(buffers)
        found.append(buffers[0].flat[0].item())
    return found


class Again:
    """An iterable that starts afresh each time."""

    def __init__(self, *values):
        self.values = values

    def __iter__(self):
        return generate(*self.values)


class Sized(Again):
    def __len__(self):
        return len(self.values)


def test_generator_is_described_by_its_first_batch_which_is_not_lost():
    source = make_source(generate(1, 2, 3))
    assert source.specs == [Spec((3,), np.dtype("float32")), Spec((), np.dtype("int64"))]
    assert (source.num_samples, source.batch_size, source.num_batches, source.shuffle_size) == (None, None, None, None)
    assert repr(source.structure) == "(*, *)"
    assert first_values(source) == [1, 2, 3]
    assert source.num_batches == 3


def test_source_takes_one_batch_from_a_generator_before_the_epoch():
    taken = []

    def watched():
        for value in (1, 2):
            taken.append(value)
            yield batch(value)

    make_source(watched())
    assert taken == [1]


@pytest.mark.parametrize(
    ("item", "shown"),
    [
        (np.ones((2, 3)), "(*)"),
        ((np.ones((2, 3)),), "(*)"),
        ((np.ones((2, 3)), np.ones(2)), "(*, *)"),
        ([np.ones((2, 3)), np.ones(2)], "(*, *)"),
        ((np.ones((2, 3)), None), "(*)"),
        ((np.ones((2, 3)), np.ones(2), np.ones(2)), "(*, *, *)"),
        (([[1, 2, 3]], [0]), "(*, *)"),
        ([[1.0, 2.0, 3.0]], "(*)"),
        ({"a": np.ones(2)}, "({'a': *})"),
        (([np.ones(2), np.ones(2)],), "([*, *])"),
        ((np.ones(2), [np.ones(2), np.ones(2)], np.ones(2)), "(*, [*, *], [*, *])"),
    ],
)
def test_batch_may_be_x_alone_or_a_tuple_of_up_to_three(item, shown):
    assert repr(make_source(iter([item])).structure) == shown


@pytest.mark.parametrize("item", [(), (1, 2, 3, 4)])
def test_batch_of_another_number_of_parts_is_refused(item):
    with pytest.raises(DataError, match=rf"batch 0 expects x, \(x,\), .* got a tuple of {len(item)} entries"):
        make_source(iter([item]))


def test_generator_without_batches_is_refused():
    with pytest.raises(DataError, match=r"x is a generator that yields no batch\. At least one is needed"):
        make_source(generate())


def test_batches_may_differ_in_size():
    source = make_source(iter([batch(1, 2), batch(2, 5), batch(3, 1)]))
    assert [ready.size for ready in source.batches()] == [2, 5, 1]


def test_order_is_not_looked_at():
    assert first_values(make_source(generate(1, 2)), order=np.array([1, 0])) == [1, 2]


def test_integer_batches_are_cast_into_float_buffers():
    ready = next(make_source(iter([np.array([[1, 2]])])).batches())
    out = np.empty((1, 2), np.float32)
    ready.write([out])
    assert out.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ((np.ones((2, 3)),), r"batch 1 expects the structure of batch 0, \(\*, \*\), got \(\*\)"),
        (
            (np.ones((2, 4)), np.ones(2)),
            r"batch 1: x expects samples like .* shape \(3,\) and dtype float32; got shape \(4,\)",
        ),
        ((np.ones(2), np.ones(2)), r"batch 1: x expects .* got shape \(\) and dtype float64\. Only the number"),
        ((np.ones((2, 3)), np.ones(2) / 2), r"batch 1: y expects .* dtype int64; got shape \(\) and dtype float64"),
        ((np.ones((2, 3)), np.ones(3, int)), r"cardinality is ambiguous.* Got batch 1: x: 2, batch 1: y: 3"),
        ((np.ones((0, 3)), np.ones(0, int)), r"batch 1: x is empty"),
    ],
)
def test_batch_unlike_the_first_is_refused_by_number(second, message):
    source = make_source(iter([batch(0), second]))
    batches = source.batches()
    next(batches)
    with pytest.raises(DataError, match=message):
        next(batches)


def test_batch_that_holds_no_numbers_is_refused_by_number():
    batches = make_source(iter([batch(0), (np.array([["a"]]), np.ones(1))])).batches()
    next(batches)
    with pytest.raises(DTypeError, match="batch 1: x expects numbers"):
        next(batches)


def test_checks_of_targets_see_every_batch():
    seen = []
    source = make_source(generate(4, 5))
    source.check_targets([lambda labels, name: seen.append((labels.tolist(), name))])
    list(source.batches())
    assert seen == [([4, 4], "batch 0: y"), ([5, 5], "batch 1: y")]


def test_output_without_a_check_is_not_looked_at():
    source = make_source(generate(4))
    source.check_targets([None])
    assert [ready.size for ready in source.batches()] == [2]


def test_iterable_starts_afresh_every_epoch():
    source = make_source(Again(1, 2))
    assert [first_values(source) for _ in range(3)] == [[1, 2]] * 3


def test_iterable_with_a_length_says_it_beforehand():
    assert make_source(Sized(1, 2, 3)).num_batches == 3


def test_exhausted_generator_gives_an_empty_epoch_and_a_warning():
    source = make_source(generate(1, 2))
    assert first_values(source) == [1, 2]
    with pytest.warns(UserWarning, match="^Your input ran out of data before this epoch began"):
        assert first_values(source) == []


def test_generator_with_steps_continues_across_epochs_and_warns_when_it_runs_out():
    source = make_source(generate(1, 2, 3, 4, 5), steps=2)
    assert source.num_batches == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [first_values(source), first_values(source)] == [[1, 2], [3, 4]]
    with pytest.warns(UserWarning, match="ran out of data after 1 of the 2 batches of this epoch: .* steps_per_epoch"):
        assert first_values(source) == [5]
    with pytest.warns(UserWarning, match="after 0 of the 2 batches") as caught:
        assert first_values(source) == []
    assert len(caught) == 1


def test_iterable_with_steps_begins_anew_when_a_pass_is_used_up():
    source = make_source(Again(1, 2), steps=2)
    assert [first_values(source), first_values(source)] == [[1, 2], [1, 2]]


def test_error_in_a_generator_reaches_the_caller():
    def broken():
        yield batch(1)
        raise RuntimeError("disk on fire")

    with pytest.raises(RuntimeError, match="disk on fire"):
        list(make_source(broken()).batches())
