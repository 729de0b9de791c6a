"""Where an op's rule says that rows are treated apart, each row alone gives its part of the result."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from denselite.ops.op import Op
from tests.contracts.op_laws import ALL, SEED, sample

RULED = [op for op in ALL if op.apart is not None]
ROWS = 4
CASES: dict[str, list[tuple[list[tuple[int, ...]], dict[str, Any]]]] = {  # shapes and attributes, beside the sample
    "argsort": [([(ROWS, 3)], {"axis": axis, "descending": False}) for axis in (0, 1)],
    "broadcast_to": [([shape], {"shape": (ROWS, 3)}) for shape in ((ROWS, 1), (ROWS, 3), (3,), (1, 3))],
    "concatenate": [([(ROWS, 3), (ROWS, 3)], {"axis": axis}) for axis in (0, 1)],
    "cumsum": [([(ROWS, 3)], {"axis": axis}) for axis in (0, 1)],
    "matmul": [
        ([a, b], {})
        for a in ((ROWS, ROWS), (ROWS, 2, ROWS), (1, 2, ROWS), (ROWS, ROWS, ROWS))
        for b in ((ROWS, ROWS), (ROWS, ROWS, 3), (1, ROWS, 3))
    ],
    "multiply": [
        ([a, b], {})
        for a in ((ROWS, ROWS), (ROWS, 1), (1, ROWS), (ROWS,), (ROWS, 3, ROWS))
        for b in ((ROWS, ROWS), (ROWS,), (), (1, 1))
    ],
    "pad": [([(ROWS, 3)], {"widths": widths, "value": 0.0}) for widths in (((0, 0), (1, 0)), ((1, 0), (0, 0)))],
    "softmax": [([(ROWS, 3)], {"axis": axis}) for axis in (0, 1)],
    "sum": [
        ([(ROWS, 3, 2)], {"axes": axes, "keepdims": keepdims})
        for axes in ((0,), (1,), (1, 2), (0, 2))
        for keepdims in (False, True)
    ],
    "transpose": [([(ROWS, 3, 2)], {"axes": axes}) for axes in ((0, 2, 1), (1, 0, 2), (2, 1, 0))],
}
NARROW = {"take_along_axis"}  # rows of indices along rows that are the same for all: nobody does that
INDEXED = {"take": [(ROWS, 3), (3, ROWS), (ROWS, ROWS)], "take_along_axis": [(ROWS, ROWS)]}


def cases(op: Op) -> Any:
    rng = np.random.default_rng(SEED)
    yield sample(op)
    for shapes, attrs in CASES.get(op.name, []):
        yield [rng.normal(size=shape) for shape in shapes], attrs
    for shape, axis in itertools.product(INDEXED.get(op.name, []), (0, 1)):
        yield [rng.normal(size=shape), rng.integers(0, 3, (ROWS, ROWS))], {"axis": axis}


def one_row(arrays: Any, rows: Any, i: int) -> Any:
    return [array[i : i + 1] if has_rows else array for array, has_rows in zip(arrays, rows, strict=True)]


def computed(op: Op, arrays: Any, attrs: Any) -> Any:
    """What the op makes of them; None where they do not go together."""
    try:
        return np.asarray(op.compute(arrays, attrs))
    except (ValueError, IndexError):
        return None


def together(op: Op, rows: Any, whole: Any, arrays: Any, attrs: Any) -> bool:
    """Whether the results of single rows, put together, are the result of all."""
    if "shape" in attrs:
        attrs = attrs | {"shape": (1, *attrs["shape"][1:])}
    alone = [computed(op, one_row(arrays, rows, i), attrs) for i in range(len(whole))]
    if any(part is None or len(part) != 1 for part in alone):
        return False
    found = np.concatenate(alone)
    return found.shape == whole.shape and np.allclose(found, whole, rtol=1e-12, atol=0)


@pytest.mark.parametrize("op", [pytest.param(op, id=op.name) for op in RULED if op.name not in ("reshape", "slice")])
def test_rule_holds_where_rows_alone_give_what_rows_together_do_and_nowhere_else(op: Op) -> None:
    assert op.apart is not None
    held = 0
    for arrays, attrs in cases(op):
        whole = computed(op, arrays, attrs)
        if whole is None or whole.ndim == 0:
            continue
        for rows in itertools.product((False, True), repeat=len(arrays)):
            counts = {array.shape[:1] for array, has_rows in zip(arrays, rows, strict=True) if has_rows}
            if counts == {whole.shape[:1]}:
                expected = together(op, rows, whole, arrays, attrs)
                holds = op.apart(rows, whole, *arrays, **attrs)
                narrow = op.name in NARROW and not holds
                assert holds == expected or narrow, (rows, [a.shape for a in arrays], attrs)
                held += holds
    assert held, "no case in which the rule holds"
