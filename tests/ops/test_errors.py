"""Arguments that do not fit: one line that says who, what was expected and what came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from denselite import ops
from denselite.errors import ArgumentError, DenseliteError, ShapeError
from denselite.ops.random import SeedGenerator
from denselite.tensor.context import Trace

X = np.ones((2, 3))

CASES: list[tuple[Callable[[Any], Any], type[DenseliteError], str]] = [
    (
        lambda x: ops.matmul(x, x),
        ShapeError,
        r"matmul expects the last axis of \(2, 3\) to equal the second-last of \(2, 3\)",
    ),
    (
        lambda x: ops.matmul(x, np.array(1.0)),
        ShapeError,
        r"at least one axis on both sides, got shapes \(2, 3\) and \(\)",
    ),
    (lambda x: ops.tensordot(x, x, axes=1), ShapeError, r"tensordot expects equal sizes, got axes \[1\] of \(2, 3\)"),
    (
        lambda x: ops.reshape(x, (4, 2)),
        ShapeError,
        r"reshape cannot give shape \(4, 2\) to 6 elements \(shape \(2, 3\)\)",
    ),
    (lambda x: ops.reshape(x, (-1, 4)), ShapeError, r"reshape cannot give shape \(-1, 4\) to 6 elements"),
    (lambda x: ops.reshape(x, (-1, -1)), ShapeError, r"reshape takes one -1 at most, got \(-1, -1\)"),
    (lambda x: ops.transpose(x, (0, 0)), ArgumentError, r"transpose expects each of 2 axes once, got \(0, 0\)"),
    (lambda x: ops.sum(x, axis=2), ArgumentError, "sum: axis 2 is out of range for 2 axes"),
    (lambda x: ops.sum(x, axis=(0, -2)), ArgumentError, r"sum expects each axis once, got axis=\(0, -2\) for 2 axes"),
    (lambda x: ops.softmax(x, axis=-3), ArgumentError, "softmax: axis -3 is out of range for 2 axes"),
    (lambda x: ops.squeeze(x, axis=0), ShapeError, r"squeeze drops axes of size 1, got axis 0 of shape \(2, 3\)"),
    (lambda x: ops.broadcast_to(x, (3, 3)), ShapeError, r"broadcast_to cannot repeat shape \(2, 3\) to \(3, 3\)"),
    (lambda x: ops.concatenate([x, x[:, :1]], axis=0), ShapeError, "concatenate expects equal shapes but for axis 0"),
    (lambda x: ops.concatenate([]), ArgumentError, "concatenate needs at least one tensor, got none"),
    (lambda x: ops.split(x, 2, axis=1), ShapeError, "split cannot cut axis 1 of size 3 into 2 equal parts"),
    (lambda x: ops.pad(x, 1, mode="edge"), ArgumentError, "pad has mode 'constant' only, got 'edge'"),
    (lambda x: ops.take_along_axis(x, np.zeros((3, 1), int), 1), ShapeError, r"but for axis 1, got \(3, 1\)"),
    (lambda x: ops.einsum("ij,kj", x), ArgumentError, r"einsum\('ij,kj'\) names 2 operands, got 1"),
    (lambda x: ops.einsum("...j", x), ArgumentError, "takes letters, ',' and '->' only; write an ellipsis out"),
    (lambda x: ops.einsum("ii->i", x), ArgumentError, "repeats a letter in one term; diagonals are not here"),
    (
        lambda x: ops.einsum("ij->ik", x),
        ArgumentError,
        "has a result whose letters are not each once and from the operands",
    ),
    (lambda x: ops.einsum("ijk->i", x), ShapeError, r"expects 3 axes for 'ijk', got shape \(2, 3\)"),
    (lambda x: ops.einsum("ij,ij->i", x, x.T), ShapeError, "got two sizes for 'i': 2 and 3"),
]


@pytest.mark.parametrize(("call", "error", "message"), CASES)
@pytest.mark.parametrize("recorded", [False, True])
def test_an_argument_that_does_not_fit_is_one_line(
    call: Any, error: type[DenseliteError], message: str, recorded: bool
) -> None:
    x: Any = Trace().add_input("x", X.shape, X.dtype) if recorded else X
    with pytest.raises(error, match=message) as caught:
        call(x)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", [-1, 0.5, "1", True])
def test_a_seed_that_is_none_is_refused(seed: Any) -> None:
    with pytest.raises(ArgumentError, match=r"SeedGenerator expects an integer seed >= 0 or None, got "):
        SeedGenerator(seed)
