"""Sums and maxima over the last axis are NumPy's, however many rows there are and however long they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.graph.graph import BATCH, trace_graph
from denselite.ops.last_axis import FEW, MANY, SHORT
from denselite.program.program import Program

ROWS = (0, 1, MANY - 1, MANY, 33)
WIDTHS = (1, 2, FEW, FEW + 1, SHORT + 1)


def planned(function: Any, x: Any) -> Any:
    program = Program(
        trace_graph(lambda _, inputs: [function(inputs["x"])], {"x": ((BATCH, *x.shape[1:]), x.dtype)}),
    )
    with program.lease(len(x)) as step:
        step.inputs["x"][...] = x
        step()
        return step.outputs[0].copy()


def log_softmax(x: Any) -> Any:
    shifted = x.astype("f8") - x.max(-1, keepdims=True, initial=-np.inf)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


@pytest.mark.parametrize("run", [lambda f, x: f(x), planned], ids=["eager", "planned"])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("rows", ROWS)
def test_reductions_over_the_last_axis_are_numpys(rows: int, width: int, dtype: str, run: Any) -> None:
    x = np.random.default_rng(0).normal(size=(rows, width)).astype(dtype) * 5
    close = {"rtol": 1e-5, "atol": 1e-4} if dtype == "f4" else {"rtol": 1e-12, "atol": 1e-10}
    np.testing.assert_allclose(run(lambda x: ops.sum(x, -1), x), x.astype("f8").sum(-1), **close)
    np.testing.assert_allclose(run(lambda x: ops.sum(x, 1, keepdims=True), x), x.sum(-1, "f8", keepdims=True), **close)
    np.testing.assert_allclose(run(ops.log_softmax, x), log_softmax(x), **close)
    np.testing.assert_allclose(run(ops.softmax, x), np.exp(log_softmax(x)), **close)


def test_a_row_may_have_several_axes_and_rows_too() -> None:
    x = np.random.default_rng(0).normal(size=(4, 5, 3, 2)).astype("f4")
    np.testing.assert_allclose(planned(lambda x: ops.sum(x, (2, 3)), x), x.sum((2, 3)), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(planned(ops.softmax, x), np.exp(log_softmax(x)), rtol=1e-5)
    np.testing.assert_allclose(ops.sum(x), x.sum(), rtol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_stays_in_its_row(bad: float) -> None:
    x = np.ones((2 * MANY, 10), "f4")
    x[3, 4] = bad
    others = np.arange(len(x)) != 3
    for function in (lambda x: ops.sum(x, -1), ops.softmax, ops.log_softmax):
        with np.errstate(all="ignore"):
            found, one = function(x), function(x[3:4])
        assert np.isfinite(found[others]).all()
        np.testing.assert_array_equal(found[3], one[0])


def test_sum_of_integers_is_exact() -> None:
    x = np.full((20, 3), 2**24 + 1, "i8")
    assert ops.sum(x, -1).tolist() == [3 * (2**24 + 1)] * 20
