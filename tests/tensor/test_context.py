from __future__ import annotations

import threading

import numpy as np

from denselite.tensor.context import Trace, constant, current_scope, current_trace, scope, untraced
from denselite.tensor.variable import Variable


def test_a_trace_is_current_inside_only() -> None:
    trace = Trace()
    with trace.active():
        assert current_trace() is trace
        with Trace().active():
            assert current_trace() is not trace
        assert current_trace() is trace
        with untraced():
            assert current_trace() is None
    assert current_trace() is None


def test_a_trace_is_of_its_thread() -> None:
    seen: list[object] = []
    with Trace().active():
        thread = threading.Thread(target=lambda: seen.append(current_trace()))
        thread.start()
        thread.join()
    assert seen == [None]


def test_scopes_nest_and_may_be_absolute() -> None:
    with scope("model"), scope("dense") as path:
        assert path == current_scope() == "model/dense"
        with scope("loss", absolute=True):
            assert current_scope() == "loss"
    assert current_scope() == ""


def test_a_constant_is_a_copy_that_nobody_writes() -> None:
    array = np.zeros(2)
    tensor = constant(array)
    array[...] = 1.0
    assert tensor.attrs["value"].tolist() == [0.0, 0.0]
    assert not tensor.attrs["value"].flags.writeable


def test_call_sites_count_by_key() -> None:
    trace = Trace()
    assert [trace.call_site(k) for k in ("a", "a", "b", "a")] == [0, 1, 0, 2]


def test_computing_at_once_inside_a_trace_is_for_good() -> None:
    variable = Variable(np.zeros(2))
    trace = Trace()
    with trace.active(), untraced():
        variable.assign([1.0, 2.0])
    assert variable.numpy().tolist() == [1.0, 2.0]
    assert trace.writes == []


def test_a_lent_value_is_read_to_the_end_of_the_trace_and_not_written() -> None:
    variable = Variable(np.zeros(2))
    trace = Trace()
    with trace.active():
        leaf = variable.value
        trace.lend(variable, leaf + 1.0)
        assert variable.value is not leaf
    assert trace.writes == []
    assert trace.leaves[id(variable)][1] is leaf
