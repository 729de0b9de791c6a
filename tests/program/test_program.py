from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from denselite.graph.graph import BATCH, trace_graph
from denselite.program.arena import Arena
from denselite.program.program import BOUND_SIZES, IDLE_MEMORIES, Program
from denselite.tensor.variable import Variable


def network(w: Variable) -> Program:
    specs = {"x": ((BATCH, 8), np.dtype("f8"))}
    return Program(trace_graph(lambda _, inputs: [np.tanh(np.tanh(inputs["x"] @ w) @ w)], specs))


@pytest.fixture
def w() -> Variable:
    return Variable(np.random.default_rng(0).normal(size=(8, 8)))


def expected(x: np.ndarray, w: Variable) -> Any:
    return np.tanh(np.tanh(x @ w.numpy()) @ w.numpy())


def predict(program: Program, x: np.ndarray) -> np.ndarray:
    with program.lease(len(x)) as step:
        step.inputs["x"][...] = x
        step()
        return step.outputs[0].copy()


def test_a_short_last_batch_works_in_the_same_buffers(w: Variable) -> None:
    memory = network(w).acquire()
    full, short = memory.bind(32), memory.bind(5)
    for a, b in zip(full.arrays, short.arrays, strict=True):
        assert a.ctypes.data == b.ctypes.data
    assert short.outputs[0].shape == (5, 8)


def test_a_larger_batch_grows_the_memory_and_gives_the_same(w: Variable) -> None:
    program = network(w)
    x = np.random.default_rng(1).normal(size=(100, 8))
    for size in (10, 100, 10):
        np.testing.assert_allclose(predict(program, x[:size]), expected(x[:size], w), rtol=1e-12)
    assert program.acquire().capacity == 100


def test_a_batch_size_is_bound_once_and_few_are_kept(w: Variable) -> None:
    memory = network(w).acquire()
    memory.bind(64)
    assert memory.bind(3) is memory.bind(3)
    for size in range(1, 30):
        memory.bind(size)
    assert len(memory.bound) == BOUND_SIZES


def test_buffers_start_on_cache_lines(w: Variable) -> None:
    memory = network(w).acquire()
    memory.bind(7)
    assert all(slot.ctypes.data % 64 == 0 for slot in memory.slots)


def test_two_leases_have_no_memory_in_common(w: Variable) -> None:
    program = network(w)
    with program.lease(4) as one, program.lease(4) as other:
        mine = [a for a in one.arrays if not np.shares_memory(a, w.storage)]
        for a in mine:
            assert not any(np.shares_memory(a, b) for b in other.arrays)
        one.inputs["x"][...] = 1.0
        other.inputs["x"][...] = 2.0
        one()
        other()
        np.testing.assert_allclose(one.outputs[0], expected(np.ones((4, 8)), w), rtol=1e-12)


def test_a_lease_is_given_back_and_lent_again_also_after_an_error(w: Variable) -> None:
    program = network(w)
    with program.lease(4) as step:
        first = step
    with pytest.raises(RuntimeError, match="user"), program.lease(4):
        raise RuntimeError("user")
    with program.lease(4) as step:
        assert step is first


def test_idle_memories_are_capped(w: Variable) -> None:
    program = network(w)
    memories = [program.acquire() for _ in range(IDLE_MEMORIES + 5)]
    for memory in memories:
        program.release(memory)
    assert len(program._idle) == IDLE_MEMORIES


def test_eight_threads_get_the_answers_of_one(w: Variable) -> None:
    program = network(w)
    inputs = [np.random.default_rng(i).normal(size=(1 + i, 8)) for i in range(8)]
    answers = [expected(x, w) for x in inputs]
    wrong: list[int] = []
    start = threading.Barrier(8)

    def work(i: int) -> None:
        start.wait()
        same = [np.allclose(predict(program, inputs[i]), answers[i], rtol=1e-12, atol=0) for _ in range(50)]
        wrong.extend(i for found in same if not found)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_weights_assigned_in_place_are_seen(w: Variable) -> None:
    program = network(w)
    x = np.ones((2, 8))
    predict(program, x)
    w.assign(np.zeros((8, 8)))
    assert not predict(program, x).any()


def test_weights_that_an_arena_moves_are_found_again(w: Variable) -> None:
    program = network(w)
    x = np.ones((2, 8))
    before = predict(program, x)
    Arena([w])
    np.testing.assert_array_equal(predict(program, x), before)
    w.assign(np.zeros((8, 8)))
    assert not predict(program, x).any()


def test_a_program_says_how_much_it_computes(w: Variable) -> None:
    assert network(w).flops(3) == 2 * (2 * 3 * 8 * 8 + 3 * 8)


def test_a_step_ignores_infinities_and_nan() -> None:
    specs = {"x": ((BATCH,), np.dtype("f8"))}
    program = Program(trace_graph(lambda _, inputs: [np.log(inputs["x"]) / inputs["x"]], specs))
    with program.lease(2) as step:
        step.inputs["x"][...] = [0.0, -1.0]
        step()  # the suite turns warnings into errors
        assert np.isneginf(step.outputs[0][0])
        assert np.isnan(step.outputs[0][1])


def test_assigned_variables_change_when_the_step_commits() -> None:
    count, copy = Variable(np.zeros(())), Variable(np.full((), -1.0))

    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        copy.assign(count)
        count.assign(count + np.sum(inputs["x"]))
        return []

    program = Program(trace_graph(function, {"x": ((BATCH,), np.dtype("f8"))}))
    with program.lease(2) as step:
        step.inputs["x"][...] = 1.0
        step()
        assert (float(count), float(copy)) == (0.0, -1.0)
        for call in step.commit:
            call()
        assert (float(count), float(copy)) == (2.0, 0.0)


def test_variables_that_exchange_values_do_not_lose_one() -> None:
    a, b, c = Variable(np.full(3, 1.0)), Variable(np.full(3, 2.0)), Variable(np.full(3, 3.0))

    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        old = a.value
        a.assign(b)
        b.assign(c)
        c.assign(old)
        return []

    program = Program(trace_graph(function, {"x": ((BATCH,), np.dtype("f8"))}))
    with program.lease(1) as step:
        step()
        for call in step.commit:
            call()
    assert [v.numpy()[0] for v in (a, b, c)] == [2.0, 3.0, 1.0]
