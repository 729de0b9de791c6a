from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from denselite import ops
from denselite.graph.graph import trace_graph
from denselite.program.program import Program

SIZES = {"a": 2, "b": 3, "c": 4, "d": 1}


def tensors(equation: str) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=[SIZES[letter] for letter in term]) for term in equation.split("->")[0].split(",")]


@st.composite
def equations(draw: Any) -> str:
    terms = [
        draw(st.permutations(list(SIZES)).map(lambda p, n=n: "".join(p[:n])))
        for n in draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    ]
    letters = sorted(set("".join(terms)))
    result = draw(st.permutations(letters).flatmap(lambda p: st.integers(0, len(p)).map(lambda n: "".join(p[:n]))))
    return f"{','.join(terms)}->{result}"


@settings(max_examples=150, derandomize=True, deadline=None)
@given(equations())
def test_any_equation_is_numpys(equation: str) -> None:
    operands = tensors(equation)
    np.testing.assert_allclose(ops.einsum(equation, *operands), np.einsum(equation, *operands), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("equation", ["ab,bc", "ba", "abc,cd"])
def test_without_an_arrow_the_letters_that_appear_once_are_kept(equation: str) -> None:
    operands = tensors(equation)
    np.testing.assert_allclose(ops.einsum(equation, *operands), np.einsum(equation, *operands), rtol=1e-12)


def test_a_product_is_lowered_to_one_matrix_product() -> None:
    specs: Any = {"x": ((2, 3, 4), np.dtype("f8")), "y": ((4, 3, 5), np.dtype("f8"))}
    program = Program(trace_graph(lambda _, i: [np.einsum("abc,cbd->da", i["x"], i["y"])], specs, batch=1))
    names = [program.plan.graph.values[k].op.name for k in program.plan.instructions()]
    assert names.count("matmul") == 1
    assert set(names) <= {"matmul", "reshape"}
