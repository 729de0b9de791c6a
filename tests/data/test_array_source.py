"""Arrays as batches: the right rows, in the right order, without allocating and without reading a mapped file whole."""

from __future__ import annotations

import time
import tracemalloc

import numpy as np
import pytest

from denselite.data import make_source, shuffled
from denselite.data.array_source import permutation
from denselite.errors import ArgumentError, DataError


def buffers_for(source, size):
    return [np.empty((size, *spec.shape), spec.dtype) for spec in source.specs]


def epoch(source, order=None):
    """All batches of an epoch, as lists of arrays."""
    found = []
    for batch in source.batches(order):
        buffers = buffers_for(source, batch.size)
        batch.write(buffers)
        found.append(buffers)
    return found


X = np.arange(20.0, dtype=np.float32).reshape(10, 2)
Y = np.arange(10)


def test_batches_without_an_order_are_consecutive_rows_and_the_last_is_short():
    source = make_source(X, Y, batch_size=4)
    assert (source.num_samples, source.batch_size, source.num_batches, source.shuffle_size) == (10, 4, 3, 10)
    found = epoch(source)
    assert [len(x) for x, _ in found] == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate([x for x, _ in found]), X)
    np.testing.assert_array_equal(np.concatenate([y for _, y in found]), Y)


def test_batches_with_an_order_follow_it_in_every_leaf():
    source = make_source({"b": X, "a": X * 2}, Y, np.linspace(0, 1, 10), batch_size=3)
    order = shuffled(10, seed=1, epoch=0)
    found = [np.concatenate(leaf) for leaf in zip(*epoch(source, order), strict=True)]
    for leaf, expected in zip(found, [X * 2, X, Y, np.linspace(0, 1, 10).astype("f4")], strict=True):
        np.testing.assert_array_equal(leaf, expected[order])


def test_batch_size_larger_than_the_data_gives_one_batch_of_all_rows():
    source = make_source(X, batch_size=1000)
    assert (source.batch_size, source.num_batches) == (10, 1)
    assert [batch.size for batch in source.batches()] == [10]


def test_batches_can_be_written_to_buffers_of_another_dtype():
    source = make_source(np.arange(10, dtype=np.uint8), batch_size=4)
    out = np.empty(4, np.float32)
    next(source.batches(np.arange(9, -1, -1))).write([out])
    assert out.tolist() == [9, 8, 7, 6]


def test_batch_written_to_too_few_buffers_is_an_error():
    for order in (None, np.arange(10)):
        with pytest.raises(ValueError, match="zip"):
            next(make_source(X, Y).batches(order)).write([np.empty((10, 2), np.float32)])


@pytest.mark.parametrize(
    "order",
    [np.arange(9), np.arange(10.0), np.arange(1, 11), np.arange(-1, 9), np.arange(10).reshape(2, 5)],
    ids=["short", "float", "too large", "negative", "matrix"],
)
def test_order_that_is_no_permutation_of_the_rows_is_refused_before_the_first_batch(order):
    with pytest.raises(ArgumentError, match="An order is 10 integers from 0 to 9, got shape"):
        make_source(X).batches(order)


def test_permutation_becomes_contiguous_intp():
    order = permutation(np.arange(20, dtype=np.int32)[::2] // 2, 10)
    assert order.dtype == np.intp
    assert order.flags.c_contiguous


def test_steps_without_batch_size_share_the_rows_out():
    source = make_source(X, steps=3)
    assert (source.batch_size, source.num_batches) == (4, 3)


def test_epochs_of_given_steps_continue_one_pass_and_then_begin_anew():
    source = make_source(Y, batch_size=2, steps=2)
    with pytest.warns(UserWarning, match="ran out of data after 1 of the 2 batches of this epoch"):
        epochs = [[batch[0].tolist() for batch in epoch(source)] for _ in range(4)]
    assert epochs == [[[0, 1], [2, 3]], [[4, 5], [6, 7]], [[8, 9]], [[0, 1], [2, 3]]]


def test_epochs_that_use_up_a_pass_exactly_begin_the_next_without_a_warning():
    source = make_source(Y, batch_size=5, steps=2)
    first, second = epoch(source), epoch(source, np.arange(9, -1, -1))
    assert [batch[0].tolist() for batch in first] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert [batch[0].tolist() for batch in second] == [[9, 8, 7, 6, 5], [4, 3, 2, 1, 0]]


def test_epoch_that_continues_a_pass_keeps_its_order():
    source = make_source(Y, batch_size=5, steps=1)
    backwards = np.arange(9, -1, -1)
    assert epoch(source, backwards)[0][0].tolist() == [9, 8, 7, 6, 5]
    assert epoch(source, np.arange(10))[0][0].tolist() == [4, 3, 2, 1, 0]


def test_two_epochs_at_once_do_not_disturb_each_other():
    source = make_source(Y, batch_size=5)
    first, second = source.batches(), source.batches(np.arange(9, -1, -1))
    sizes = [next(first).size, next(second).size, next(first).size, next(second).size]
    assert sizes == [5, 5, 5, 5]


def test_check_targets_sees_each_output_with_its_name_at_once():
    source = make_source([X, X], {"p": Y, "q": Y * 2}, Y)
    seen = []
    source.check_targets([None, lambda labels, name: seen.append((labels.tolist(), name))])
    assert seen == [((Y * 2).tolist(), "y['q']")]


def test_check_targets_passes_on_what_a_check_raises():
    def refuse(labels, name):
        raise DataError(f"{name} is wrong")

    with pytest.raises(DataError, match=r"^y is wrong$"):
        make_source(X, Y).check_targets([refuse])


def steps_peak(source, order, buffers):
    """The most memory that a step after the first two allocates."""
    batches = source.batches(order)
    for _ in range(2):
        next(batches).write(buffers)
    tracemalloc.start()
    for _ in range(4):
        next(batches).write(buffers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize("into", [np.float32, np.float64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, ">f4"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_step_after_the_first_allocates_next_to_nothing(dtype, into, shuffle):
    x = np.zeros((6 * 512, 300), dtype)
    source = make_source(x, np.zeros(len(x), np.int64), batch_size=512)
    buffers = [np.empty((512, 300), into), np.empty(512, np.float32)]  # 600 kB and more
    assert steps_peak(source, shuffled(len(x), 0, 0) if shuffle else None, buffers) < 4096


@pytest.mark.parametrize("dtype", [np.float64, np.uint8, np.float32])
def test_mapped_file_of_eight_gibibytes_is_never_read_whole(tmp_path, dtype):
    width = (1 << 19) // np.dtype(dtype).itemsize
    x = np.memmap(tmp_path / "x", dtype, "w+", shape=(1 << 14, width))  # sparse: takes no room on the disk
    x[[3, -1], 0] = 7
    begun = time.perf_counter()
    tracemalloc.start()
    source = make_source(x, np.zeros(len(x)), batch_size=2)
    buffers = [np.empty((2, width), np.float32), np.empty(2, np.float32)]
    order = np.arange(len(x))[::-1]
    tracemalloc.reset_peak()
    batches = source.batches(order)
    next(batches).write(buffers)
    assert buffers[0][:, 0].tolist() == [7, 0]
    next(batches).write(buffers)
    next(source.batches()).write(buffers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 << 20  # the staging of two rows, the buffers, the order
    assert time.perf_counter() - begun < 2  # reading 8 GiB takes longer


def test_mapped_labels_are_checked_and_mapped_rows_split_without_a_copy(tmp_path):
    from denselite.data import check_labels, split_validation

    y = np.memmap(tmp_path / "y", np.int64, "w+", shape=(1 << 21,))
    y[-1] = 10
    tracemalloc.start()
    train, validate = split_validation(y, None, None, 0.25)
    with pytest.raises(DataError, match="got 10 in row 2097151"):
        check_labels(y, 10, "loss")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20
    assert np.shares_memory(train[0], y)
    assert np.shares_memory(validate[0], y)


def test_overhead_of_a_batch_is_a_few_microseconds():
    x = np.zeros((64_000, 1), np.float32)
    source = make_source(x, np.zeros(len(x), np.int64), batch_size=32)
    order, buffers = shuffled(len(x), 0, 0), [np.empty((32, 1), np.float32), np.empty(32, np.int64)]

    def seconds_a_batch():
        begun = time.perf_counter()
        for batch in source.batches(order):
            batch.write(buffers)
        return (time.perf_counter() - begun) / 2000

    assert min(seconds_a_batch() for _ in range(5)) < 10e-6  # 1.3e-6 measured; the rest is for a busy machine
