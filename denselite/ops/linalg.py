"""Products: ``matmul``, ``dot``, ``tensordot`` and ``outer``, all by way of one matrix product."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ShapeError
from denselite.ops.apart import broadcast
from denselite.ops.elementwise import multiply
from denselite.ops.op import Array, Op, Run, Spec, public
from denselite.ops.shaping import expand_dims, moveaxis, normalize_axis, reshape, squeeze, swapaxes, transpose
from denselite.tensor.dispatch import covers
from denselite.tensor.dtypes import joint_dtype

__all__ = ["dot", "matmul", "outer", "tensordot"]


def _matmul_infer(a: Any, b: Any) -> Spec:
    if a.shape[-1] != b.shape[-2]:
        raise ShapeError(f"matmul expects the last axis of {a.shape} to equal the second-last of {b.shape}.")
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return (*batch, a.shape[-2], b.shape[-1]), joint_dtype(a.dtype, b.dtype)


def _matmul_kernel(run: Run, out: Array, a: Array, b: Array) -> None:
    if a.ndim == b.ndim == 2:
        run(a.dot, b, out)  # the same product, called faster
    else:
        run(np.matmul, a, b, out)


def _matmul_apart(rows: Sequence[bool], out: Any, a: Any, b: Any) -> bool:
    """The rows are those of the left matrix, or there is a matrix for each."""
    return broadcast(rows, out, a, b) if out.ndim > 2 else tuple(rows) == (True, False)


_matmul: Op = Op(
    "matmul",
    _matmul_infer,
    _matmul_kernel,
    vjp=lambda g, out, a, b: (_matmul(g, swapaxes(b, -1, -2)), _matmul(swapaxes(a, -1, -2), g)),
    reads=("0", "1"),
    flops=lambda out, a, b: 2 * prod(out.shape) * a.shape[-1],
    apart=_matmul_apart,
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
        return multiply(x1, x2)
    if rank2 <= 2:
        return matmul(x1, x2)
    *lead, k, m = np.shape(x2)
    flat = reshape(moveaxis(x2, -2, 0), (k, prod(lead) * m))
    return reshape(matmul(x1, flat), (*np.shape(x1)[:-1], *lead, m))


@covers(np.tensordot)
@public
def tensordot(x1: Any, x2: Any, axes: int | Sequence[Any] = 2) -> Any:
    """Return the sum of products over chosen axes of both tensors.

    Args:
        x1: a tensor.
        x2: a tensor.
        axes: how many, the last of ``x1`` and the first of ``x2``; or one list of axes for each.

    Raises:
        ShapeError: the axes paired differ in size.

    Example:
        >>> tensordot(np.ones((2, 3, 4)), np.ones((3, 4, 5)), axes=2).shape
        (2, 5)
    """
    shape1, shape2 = tuple(np.shape(x1)), tuple(np.shape(x2))
    if isinstance(axes, int):
        axes = (range(len(shape1) - axes, len(shape1)), range(axes))
    over1, over2 = (
        [normalize_axis(a, len(shape), "tensordot") for a in ([chosen] if isinstance(chosen, int) else chosen)]
        for chosen, shape in zip(axes, (shape1, shape2), strict=True)
    )
    summed = [shape1[a] for a in over1]
    if summed != [shape2[a] for a in over2]:
        raise ShapeError(f"tensordot expects equal sizes, got axes {over1} of {shape1} and {over2} of {shape2}.")
    free1 = [a for a in range(len(shape1)) if a not in over1]
    free2 = [a for a in range(len(shape2)) if a not in over2]
    kept1, kept2 = [shape1[a] for a in free1], [shape2[a] for a in free2]
    left = reshape(transpose(x1, [*free1, *over1]), (prod(kept1), prod(summed)))
    right = reshape(transpose(x2, [*over2, *free2]), (prod(summed), prod(kept2)))
    return reshape(matmul(left, right), (*kept1, *kept2))


@covers(np.outer)
@public
def outer(x1: Any, x2: Any) -> Any:
    """Return the products of every entry of ``x1`` with every entry of ``x2``, both taken flat.

    Example:
        >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0])).tolist()
        [[3.0, 4.0], [6.0, 8.0]]
    """
    return multiply(reshape(x1, (prod(np.shape(x1)), 1)), reshape(x2, (1, prod(np.shape(x2)))))
