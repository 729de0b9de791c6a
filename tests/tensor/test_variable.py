from __future__ import annotations

import numpy as np
import pytest

from denselite.errors import ArgumentError, DTypeError, ShapeError
from denselite.tensor.context import Trace
from denselite.tensor.variable import Variable, storage_epoch


def test_a_list_gets_floatx_and_an_array_keeps_its_dtype() -> None:
    assert Variable([1.0, 2.0]).dtype == np.float32
    assert Variable(np.zeros(2)).dtype == np.float64
    assert Variable(np.zeros(2, "i4")).dtype == np.int32
    assert Variable([1.0], dtype="float64").dtype == np.float64


def test_a_callable_makes_the_value() -> None:
    variable = Variable(lambda shape, dtype: np.full(shape, 3, dtype), shape=(2,), dtype="float64")
    assert variable.numpy().tolist() == [3.0, 3.0]


def test_a_callable_without_a_shape_is_refused() -> None:
    with pytest.raises(ArgumentError, match="'w' needs a shape, since its initializer is a callable"):
        Variable(lambda shape, dtype: np.zeros(shape), name="w")


def test_a_value_of_another_shape_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"'w' has shape \(3,\), its initial value has \(2,\)"):
        Variable(np.zeros(2), shape=(3,), name="w")


@pytest.mark.parametrize("value", [np.array(["a"]), np.array([object()]), np.zeros(2, complex)])
def test_a_dtype_that_is_no_number_is_refused(value: np.ndarray) -> None:
    with pytest.raises(DTypeError, match="cannot be computed with"):
        Variable(value)


def test_the_value_is_copied_in_and_out() -> None:
    source = np.zeros(2)
    variable = Variable(source)
    source[...] = 1.0
    out = variable.numpy()
    out[...] = 2.0
    assert variable.numpy().tolist() == [0.0, 0.0]


def test_the_value_is_seen_read_only() -> None:
    view = Variable(np.zeros(2)).value
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1.0


def test_assignments_write_in_place_and_cast() -> None:
    variable = Variable(np.zeros(2, "f4"))
    place = variable.storage
    variable.assign([1, 2])
    variable.assign_add(1.0)
    variable.assign_sub(np.array([0.5, 0.5], "f8"))
    variable.assign(variable)
    assert variable.storage is place
    assert place.tolist() == [1.5, 2.5]
    assert place.dtype == np.float32


def test_an_assignment_of_another_shape_leaves_the_value() -> None:
    variable = Variable(np.zeros(2), name="w")
    with pytest.raises(ShapeError, match=r"'w' has shape \(2,\), the value assigned to it has \(3,\)"):
        variable.assign(np.ones(3))
    assert variable.numpy().tolist() == [0.0, 0.0]


def test_only_floats_are_trainable() -> None:
    assert Variable(np.zeros(2)).trainable
    assert not Variable(np.zeros(2, "i8")).trainable
    variable = Variable(np.zeros(2))
    variable.trainable = False
    assert not variable.trainable


def test_inside_a_trace_reading_gives_one_tensor_and_assigning_the_next() -> None:
    variable = Variable(np.zeros(2))
    trace = Trace()
    with trace.active():
        first = variable.value
        assert variable.value is first
        variable.assign(first + 1)
        assert variable.value is not first
    assert variable.numpy().tolist() == [0.0, 0.0]
    assert [v for v, _ in trace.writes] == [variable]


def test_an_array_assigned_inside_a_trace_is_recorded() -> None:
    variable = Variable(np.zeros(2))
    trace = Trace()
    with trace.active():
        variable.assign(np.ones(2))
    ((_, tensor),) = trace.writes
    assert tensor.shape == (2,)


def test_moving_the_storage_is_noticed() -> None:
    variable = Variable(np.ones(2))
    epoch = storage_epoch()
    place = np.zeros(2)
    variable.move(place)
    assert variable.storage is place
    assert place.tolist() == [1.0, 1.0]
    assert storage_epoch() == epoch + 1


def test_a_variable_is_an_array_to_numpy_and_a_number_to_python() -> None:
    assert np.asarray(Variable(np.ones(2))).tolist() == [1.0, 1.0]
    assert float(Variable(np.array(2.5))) == 2.5
    assert int(Variable(np.array(2))) == 2
    assert len(Variable(np.ones(3))) == 3
    assert Variable(np.ones((2, 3)))[1].tolist() == [1.0] * 3
    assert repr(Variable(np.ones(2), name="w")) == "<Variable path=w, shape=(2,), dtype=float64>"
