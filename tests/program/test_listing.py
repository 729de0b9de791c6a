from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.graph.autodiff import gradients
from denselite.graph.graph import BATCH, trace_graph
from denselite.ops.random import SeedGenerator, dropout_mask
from denselite.program.listing import Listing
from denselite.program.program import Program
from denselite.tensor.context import scope
from denselite.tensor.variable import Variable


@pytest.fixture
def program() -> Program:
    kernel = Variable(np.ones((4, 2), "f4"), name="kernel")
    bias = Variable(np.zeros(2, "f4"), name="bias")

    def step(trace: Any, inputs: dict[str, Any]) -> list[Any]:
        with scope("dense"):
            hidden = ops.relu(inputs["x"] @ kernel + bias)
        with scope("loss"):
            loss = np.mean(np.square(hidden - inputs["y"]))
        return [loss, *gradients(loss, [trace.read(v) for v in (kernel, bias)])]  # type: ignore[list-item]

    specs = {"x": ((BATCH, 4), np.dtype("f4")), "y": ((BATCH, 2), np.dtype("f4"))}
    return Program(trace_graph(step, specs), {1: np.zeros((4, 2), "f4"), 2: np.zeros(2, "f4")})


EXPECTED = """\
A program at batch 8, from x 8×4 float32, y 8×2 float32

FORWARD, from the top down                           │ BACKWARD, from the bottom up

dense  kernel 4×2, bias 2                   160 FLOP │ 176 FLOP
  v1 = x @ kernel              8×2           64B A   │   v9 = v3 > 0                  8×2           16B C
  v2 = v1 + bias               8×2           64B A ↺ │   v10 = keep(v9, v8)           8×2           64B B ↺
  v3 = relu(v2)                8×2           64B A ↺ │   ∂bias = sum(v10, axis 0)     2              8B →
                                                     │   ∂kernel = x.T @ v10          4×2           32B →

loss                                         49 FLOP │ 16 FLOP
  v4 = v3 - y                  8×2           64B B   │   v8 = 0.125 * v4              8×2           64B B ↺
  v5 = square(v4)              8×2           64B C
  v6 = sum(v5, axis 0, 1)      ()             4B D
  v7 = v6 / 16                 ()             4B D ↺

                       forward        backward
instructions                 7               5
NumPy calls                  7               5
FLOPs                      209             192

memory        4 buffers, 196B, 472B if none were shared
              inputs 192B, weights 40B
"""


def test_rows_stand_beside_what_they_cause(program: Program) -> None:
    text = str(Listing(program.plan, 8, {1: "∂kernel", 2: "∂bias"}))
    assert text + "\n" == EXPECTED
    assert max(map(len, text.splitlines())) <= 110


def test_layers_come_in_the_order_of_the_forward_pass_with_their_weights(program: Program) -> None:
    text = str(program.listing(8))
    assert text.index("dense  kernel 4×2, bias 2") < text.index("loss")


def test_rows_are_data_too(program: Program) -> None:
    rows = program.listing(8).instructions
    first = rows[0]
    assert (first.name, first.text, first.op, first.layer) == ("v1", "x @ kernel", "matmul", "dense")
    assert (first.phase, first.shape, first.dtype, first.nbytes) == ("forward", (8, 2), "float32", 64)
    assert (first.home, first.calls, first.flops, first.python) == ("slot", 1, 2 * 8 * 4 * 2, False)
    assert [row.home for row in rows if row.op == "relu"] == ["over"]
    assert {row.phase for row in rows if row.layer == "dense"} == {"forward", "backward"}
    assert [row.home for row in rows if row.name in ("out1", "out2")] == ["target", "target"]


def test_totals_are_sums_of_the_rows_and_of_the_plan(program: Program) -> None:
    listing = program.listing(8)
    totals, rows = listing.totals, listing.instructions
    assert sum(totals.flops) == program.flops(8) == sum(row.flops for row in rows)
    assert sum(totals.calls) == sum(row.calls for row in rows)
    with program.lease(8) as step:
        assert sum(totals.calls) == len(step.calls)
    assert totals.weight_bytes == (8 + 2) * 4
    assert totals.input_bytes == (32 + 16) * 4
    assert totals.buffer_bytes < totals.unshared_bytes
    memory = program.acquire()
    memory.bind(8)
    assert (totals.buffers, totals.buffer_bytes) == (len(memory.layout.sizes), sum(memory.layout.sizes))


def test_sizes_follow_the_batch(program: Program) -> None:
    small, large = program.listing(1), program.listing(1000)
    assert "1000×2" in str(large)
    assert large.totals.flops[0] > 900 * small.totals.flops[0]
    assert "inputs 23.4K" in str(large)  # 1000 · 6 floats


def test_a_program_without_backward_has_one_column() -> None:
    specs = {"x": ((BATCH,), np.dtype("f4"))}
    text = str(Program(trace_graph(lambda _, inputs: [np.tanh(inputs["x"])], specs)).listing(3))
    assert "BACKWARD" not in text
    assert "backward" not in text
    assert "│" not in text
    assert "  v1 = tanh(x)" in text


def test_views_cost_nothing_and_some_read_like_what_they_show() -> None:
    specs = {"x": ((BATCH, 4), np.dtype("f4"))}
    program = Program(trace_graph(lambda _, inputs: [inputs["x"][:, 1:3].T @ inputs["x"]], specs))
    view, product = program.listing(2).instructions
    assert (view.text, view.home, view.calls, view.flops) == ("x[:, 1:3]", "view", 0, 0)
    assert product.text == "v1.T @ x"


def test_doubles_in_a_program_of_singles_are_pointed_out() -> None:
    specs = {"x": ((BATCH,), np.dtype("f4"))}
    program = Program(trace_graph(lambda _, inputs: [np.tanh(inputs["x"] * np.sqrt(2.0))], specs))
    assert "float64       2 values in a program of float32: v1, v2" in str(program.listing())
    fine = Program(trace_graph(lambda _, inputs: [np.tanh(inputs["x"] * 2.0)], specs))
    assert "float64" not in str(fine.listing())


def test_python_code_in_a_step_is_pointed_out() -> None:
    seeds = SeedGenerator(1)
    specs = {"x": ((BATCH, 4), np.dtype("f4")), "step": ((), np.dtype("i8"))}

    def function(trace: Any, inputs: dict[str, Any]) -> list[Any]:
        trace.step = inputs["step"]
        return [inputs["x"] * dropout_mask((4,), 0.5, seed=seeds)]

    assert "Python code   runs in v1" in str(Program(trace_graph(function, specs)).listing())


def test_state_and_further_sections_are_told() -> None:
    count = Variable(np.zeros(()), name="count")

    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        count.assign(count + 1)
        return [np.tanh(inputs["x"])]

    program = Program(trace_graph(function, {"x": ((BATCH,), np.dtype("f4"))}))
    with program.lease(2) as step:
        text = str(Listing(program.plan, 2, extra=[("the update", step.calls)]))
    assert "then it writes\n  count ()" in text
    assert "then the update: 2 calls\n  1 " in text
    assert "1 tanh" in text


def test_one_name_in_two_layers_is_told_apart_across_them() -> None:
    first, second = Variable(np.ones(4, "f4"), name="kernel"), Variable(np.ones(4, "f4"), name="kernel")

    def function(_: Any, inputs: dict[str, Any]) -> list[Any]:
        with scope("a"):
            y = inputs["x"] * first
        with scope("b"):
            return [y * second + first]

    program = Program(trace_graph(function, {"x": ((BATCH, 4), np.dtype("f4"))}))
    assert [row.text for row in program.listing().instructions] == ["x * kernel", "v1 * kernel", "v2 + a.kernel"]
