"""Products: ``matmul``, ``dot``, ``tensordot``, ``outer`` and ``einsum``, all by way of one matrix product."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from denselite.errors import ShapeError
from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.ops.shaping import expand_dims, reshape, squeeze, swapaxes
from denselite.tensor.dispatch import covers

__all__ = ["dot", "matmul"]


def _matmul_infer(a: Any, b: Any) -> Spec:
    if a.shape[-1] != b.shape[-2]:
        raise ShapeError(f"matmul expects the last axis of {a.shape} to equal the second-last of {b.shape}.")
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return (*batch, a.shape[-2], b.shape[-1]), np.result_type(a.dtype, b.dtype)


def _matmul_kernel(run: Run, out: Array, a: Array, b: Array) -> None:
    run(np.matmul, a, b, out)


_matmul = Op(
    "matmul",
    _matmul_infer,
    _matmul_kernel,
    vjp=lambda g, out, a, b: (_matmul(g, swapaxes(b, -1, -2)), _matmul(swapaxes(a, -1, -2), g)),
    reads=("0", "1"),
    flops=lambda out, a, b: 2 * prod(out.shape) * a.shape[-1],
    sample=lambda rng: ([rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 5))], {}),
)


@covers(np.matmul)
@public
def matmul(x1: Any, x2: Any) -> Any:
    """Return the matrix product; leading axes broadcast.

    Shapes:
        ``x1: (..., n, k)``, ``x2: (..., k, m)`` -> ``(..., n, m)``; a 1-D operand is a row (left)
        or a column (right) whose axis is dropped from the result.

    Raises:
        ShapeError: the inner axes differ, or an operand has no axes.

    Example:
        >>> matmul(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])).tolist()
        [[11.0]]
    """
    rank1, rank2 = np.ndim(x1), np.ndim(x2)
    if rank1 == 0 or rank2 == 0:
        raise ShapeError(
            f"matmul needs at least one axis on both sides, got shapes {np.shape(x1)} and {np.shape(x2)}. Use *."
        )
    if rank1 == 1:
        return squeeze(matmul(expand_dims(x1, 0), x2), axis=-1 if rank2 == 1 else -2)
    if rank2 == 1:
        return squeeze(matmul(x1, expand_dims(x2, 1)), axis=-1)
    if rank1 > 2 and rank2 == 2:  # one large product instead of many small ones
        *lead, k = np.shape(x1)
        return reshape(_matmul(reshape(x1, (prod(lead), k)), x2), (*lead, np.shape(x2)[1]))
    return _matmul(x1, x2)


@covers(np.dot)
@public
def dot(x1: Any, x2: Any) -> Any:
    """Return the dot product: over the last axis of ``x1`` and the second-last of ``x2``.

    Shapes:
        ``x1: (..., k)``, ``x2: (..., k, m)`` -> ``x1.shape[:-1] + x2.shape[:-2] + (m,)``.

    Example:
        >>> float(dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
        11.0
    """
    rank1, rank2 = np.ndim(x1), np.ndim(x2)
    if rank1 == 0 or rank2 == 0:
        return np.multiply(x1, x2)
    if rank2 <= 2:
        return matmul(x1, x2)
    *lead, k, m = np.shape(x2)
    flat = reshape(np.moveaxis(x2, -2, 0), (k, prod(lead) * m))
    return reshape(matmul(x1, flat), (*np.shape(x1)[:-1], *lead, m))
