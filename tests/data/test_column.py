"""One array of the data set: its rows reach a buffer, whatever its memory looks like."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from denselite.data.batch import SlicedBatch
from denselite.data.column import CAST_ONCE_BYTES, Column

ROWS = np.array([5, 0, 3], np.intp)
FLOAT = np.dtype("float32")


def misaligned(values):
    """The same values, one byte off in memory."""
    raw = np.zeros(values.nbytes + 1, np.uint8)
    array = np.ndarray(values.shape, values.dtype, raw.data, offset=1)
    array[...] = values
    return array


VALUES = np.arange(24.0).reshape(6, 4)
LAYOUTS = {
    "float32": VALUES.astype("f4"),
    "float64": VALUES,
    "float16": VALUES.astype("f2"),
    "uint8": VALUES.astype("u1"),
    "int64": VALUES.astype("i8"),
    "big-endian": VALUES.astype(">f4"),
    "fortran": np.asfortranarray(VALUES),
    "strided": np.repeat(VALUES, 2, axis=1)[:, ::2],
    "reversed": VALUES[::-1].copy()[::-1],
    "misaligned": misaligned(VALUES.astype("f4")),
}


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("prepared", [False, True])
@pytest.mark.parametrize("into", ["f4", "f8", "i8"])
@pytest.mark.parametrize("array", LAYOUTS.values(), ids=LAYOUTS)
def test_rows_of_any_layout_reach_a_buffer_of_any_dtype(array, into, prepared, mapped):
    column = Column(array, FLOAT if array.dtype.kind == "f" else array.dtype, 4, mapped)
    if prepared:
        column.prepare()
    out = np.full((3, 4), -1, into)
    column.gather(ROWS, out)
    np.testing.assert_array_equal(out, VALUES[ROWS])
    SlicedBatch([column], 1, 3).write([out])
    np.testing.assert_array_equal(out, VALUES[1:4])


def test_rows_of_a_bool_array_reach_a_float_buffer():
    column = Column(np.array([True, False, True]), np.dtype(bool), 3, False)
    out = np.empty(3, np.float32)
    column.gather(np.array([2, 1, 0]), out)
    assert out.tolist() == [1, 0, 1]


def test_prepare_casts_an_array_in_memory_once():
    column = Column(VALUES, FLOAT, 4, False)
    column.prepare()
    cast = column.array
    assert (cast.dtype, cast.flags.c_contiguous) == (FLOAT, True)
    column.prepare()
    assert column.array is cast


def test_prepare_of_a_fitting_array_copies_nothing():
    array = VALUES.astype("f4")
    column = Column(array, FLOAT, 4, False)
    column.prepare()
    assert column.array is array


def test_prepare_leaves_mapped_and_huge_arrays_where_they_are():
    mapped = Column(VALUES, FLOAT, 4, True)
    mapped.prepare()
    assert mapped.array is VALUES
    huge_array = np.broadcast_to(np.float64(2), (CAST_ONCE_BYTES // 8 + 1, 1))
    huge = Column(huge_array, FLOAT, 4, False)
    huge.prepare()
    assert huge.array.base is huge_array.base
    out = np.empty((2, 1), np.float32)
    huge.gather(np.array([7, CAST_ONCE_BYTES // 8]), out)
    assert out.tolist() == [[2], [2]]


@pytest.mark.parametrize(
    "array",
    [np.zeros((400, 2000)), np.zeros((2000, 400)).T, misaligned(np.zeros((400, 2000))), np.zeros((400, 2000), ">f8")],
    ids=["plain", "fortran", "misaligned", "big-endian"],
)
def test_gather_from_a_mapped_array_never_copies_all_of_it(array):
    column = Column(array, FLOAT, 4, True)
    out = np.empty((3, 2000), np.float32)
    tracemalloc.start()
    column.gather(ROWS, out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200_000  # the rows asked for are 48,000 bytes, the array is 6,400,000
