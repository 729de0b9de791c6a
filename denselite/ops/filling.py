"""Tensors made of a shape and numbers, and what a tensor is asked about itself.

In a trace they are made of operations: a size that follows the batch (``zeros((shape(x)[0], 3))``) does so in the
program, too. What does not follow it is computed while binding and costs nothing in a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from denselite import tree
from denselite.errors import ShapeError
from denselite.ops.creation import full_like
from denselite.ops.elementwise import power
from denselite.ops.identity import cast
from denselite.ops.joining import stack
from denselite.ops.logic import equal, greater_equal, logical_not, where
from denselite.ops.op import public
from denselite.ops.reduction import cumsum
from denselite.ops.shaping import broadcast_to, expand_dims, moveaxis, reshape
from denselite.tensor.context import constant, current_trace
from denselite.tensor.dtypes import is_float, standardize_dtype
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = [
    "arange", "array", "convert_to_numpy", "convert_to_tensor", "copy", "dtype", "empty", "empty_like", "eye", "full",
    "identity", "is_tensor", "linspace", "logspace", "meshgrid", "ndim", "ones", "shape", "size", "tri", "tril",
    "triu", "zeros",
]  # fmt: skip


def shape(x: Any) -> tuple[Any, ...]:
    """Return the sizes of the axes of ``x``: ints; of a Keras tensor also None.

    Example:
        >>> shape(np.zeros((2, 3)))
        (2, 3)
    """
    return tuple(x.shape if hasattr(x, "shape") else np.shape(x))


def ndim(x: Any) -> int:
    """Return the number of axes of ``x``."""
    return len(shape(x))


def size(x: Any) -> int:
    """Return the number of elements of ``x``."""
    return prod(shape(x))


def dtype(x: Any) -> str:
    """Return the name of the dtype of ``x``.

    Example:
        >>> dtype(np.zeros(2, np.float32))
        'float32'
    """
    return np.dtype(getattr(x, "dtype", None) or np.asarray(x).dtype).name


def is_tensor(x: Any) -> bool:
    """Say whether ``x`` is a value that operations return: an array, a NumPy number or a tensor of a trace."""
    return isinstance(x, Tensor | np.ndarray | np.generic)


def convert_to_tensor(x: Any, dtype: Any = None, sparse: bool | None = None, ragged: bool | None = None) -> Any:
    """Return ``x`` as an array or tensor.

    Args:
        x: a tensor, a variable, an array, a number, or nested lists of these.
        dtype: the dtype it gets; by default its own, of Python's floats ``floatx()`` and of its integers int32.
        sparse: taken for Keras' sake; everything here is dense.
        ragged: likewise.

    Example:
        >>> convert_to_tensor([1.0, 2.0]).dtype.name
        'float32'
    """
    x = x.value if isinstance(x, Variable) else x
    if isinstance(x, list | tuple) and any(isinstance(leaf, Tensor | Variable | list | tuple) for leaf in x):
        x = stack([convert_to_tensor(entry) for entry in x])
    if not is_tensor(x):
        numbers = all(isinstance(leaf, int | float) for leaf in tree.flatten(x)[0])
        x = np.asarray(x)
        if dtype is None and numbers and x.dtype != np.bool_:
            dtype = standardize_dtype(None if is_float(x.dtype) else "int32")
    return x if dtype is None else cast(x, dtype)


def array(x: Any, dtype: Any = None) -> Any:
    """Return ``convert_to_tensor(x, dtype)``."""
    return convert_to_tensor(x, dtype)


def convert_to_numpy(x: Any) -> Any:
    """Return ``x`` as a NumPy array.

    Raises:
        NoValueError: it is a tensor of a trace, which has a value with ``run_eagerly=True`` only.
    """
    return np.asarray(x.numpy() if isinstance(x, Variable) else x)


@public
def copy(x: Any) -> Any:
    """Return an array with the values of ``x``; of a tensor, which nobody can write into, itself."""
    return x.value if isinstance(x, Variable) else x if isinstance(x, Tensor) else np.array(x)


def full(shape: Sequence[int] | int, fill_value: Any, dtype: Any = None) -> Any:
    """Return a tensor of ``shape`` full of ``fill_value``, of dtype ``floatx()`` unless ``dtype`` is given.

    Raises:
        ShapeError: a size is not known, as a Keras tensor's batch size.

    Example:
        >>> full((1, 2), 7).tolist()
        [[7.0, 7.0]]
    """
    sizes = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    if None in sizes:
        raise ShapeError(f"full expects sizes, got shape {sizes}. Make it in a layer's call, where sizes are known.")
    found = standardize_dtype(dtype)
    if isinstance(fill_value, Tensor):
        return broadcast_to(cast(fill_value, found), sizes)
    if current_trace() is None:
        return np.full(sizes, fill_value, found)
    return broadcast_to(constant(np.asarray(fill_value, found)), sizes)


def zeros(shape: Sequence[int] | int, dtype: Any = None) -> Any:
    """Return zeros of ``shape``, of dtype ``floatx()`` unless ``dtype`` is given."""
    return full(shape, 0, dtype)


def ones(shape: Sequence[int] | int, dtype: Any = None) -> Any:
    """Return ones of ``shape``, of dtype ``floatx()`` unless ``dtype`` is given."""
    return full(shape, 1, dtype)


def empty(shape: Sequence[int] | int, dtype: Any = None) -> Any:
    """Return ``zeros(shape, dtype)``: what is not set yet is 0."""
    return full(shape, 0, dtype)


@public
def empty_like(x: Any, dtype: Any = None) -> Any:
    """Return ``zeros_like(x, dtype)``: what is not set yet is 0."""
    return full_like(x, 0, dtype)


def _counting(count: int) -> Any:
    """0, 1, 2, ...: ``count`` integers."""
    if current_trace() is None:
        return np.arange(count)
    return cumsum(full((count,), 1, "int64"), 0) - 1


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Any:
    """Return the numbers from ``start`` in steps of ``step`` (1) that lie before ``stop``; one number is the ``stop``.

    Integers are int32 and others of dtype ``floatx()`` unless ``dtype`` is given.

    Example:
        >>> arange(1, 7, 2).tolist()
        [1, 3, 5]
    """
    first, end = (0, start) if stop is None else (start, stop)
    step = 1 if step is None else step
    if dtype is None and all(isinstance(number, int | np.integer) for number in (first, end, step)):
        dtype = "int32"
    count = int(np.maximum(np.ceil((end - first) / step), 0))
    return cast(_counting(count) * step + first, standardize_dtype(dtype))


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """Return ``num`` numbers at equal distances from ``start`` to ``stop``.

    Args:
        start: the first, a number or a tensor.
        stop: the last; or the one behind it, without ``endpoint``.
        num: how many.
        endpoint: whether ``stop`` is one of them.
        retstep: return their distance as well, ``(numbers, distance)``.
        dtype: their dtype, ``floatx()`` by default.
        axis: where the new axis stands, when the ends are tensors.

    Example:
        >>> linspace(0.0, 1.0, 5).tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    count = max(num - 1 if endpoint else num, 1)
    if all(isinstance(end, int | float | np.number) for end in (start, stop)):
        numbers = np.linspace(start, stop, num, endpoint, axis=axis)
        distance = cast((np.asarray(stop, np.float64) - start) / count, standardize_dtype())
        found = cast(
            numbers if dtype is None or is_float(np.dtype(dtype)) else np.floor(numbers), standardize_dtype(dtype)
        )
    else:
        start, stop = convert_to_tensor(start), convert_to_tensor(stop)
        distance = (stop - start) / count
        places = np.arange(num).reshape(num, *(1,) * max(len(shape(start)), len(shape(stop))))
        found = convert_to_tensor(moveaxis(start + distance * places, 0, axis), dtype)
    return (found, distance) if retstep else found


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10, dtype: Any = None, axis: int = 0
) -> Any:
    """Return ``base ** linspace(start, stop, num, endpoint, axis=axis)`` in ``dtype``, by default ``floatx()``."""
    return cast(
        power(float(base), linspace(start, stop, num, endpoint, dtype="float64", axis=axis)), standardize_dtype(dtype)
    )


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:  # noqa: N803
    """Return ``N`` rows and ``M`` (``N``) columns of zeros, with ones ``k`` places right of the diagonal.

    The dtype is ``dtype``, by default ``floatx()``.

    Example:
        >>> eye(2, 3, k=1).tolist()
        [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    columns = _counting(N if M is None else M)
    return cast(equal(expand_dims(_counting(N), 1) + k, columns), standardize_dtype(dtype))


def identity(n: int, dtype: Any = None) -> Any:
    """Return ``eye(n, dtype=dtype)``."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Any:  # noqa: N803
    """Return ``N`` rows and ``M`` (``N``) columns: ones up to ``k`` places right of the diagonal, then zeros.

    The dtype is ``dtype``, by default ``floatx()``.

    Example:
        >>> tri(2, 3).tolist()
        [[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]
    """
    return cast(_lower(N, N if M is None else M, k), standardize_dtype(dtype))


def _lower(rows: int, columns: int, k: int) -> Any:
    return greater_equal(expand_dims(_counting(rows), 1) + k, _counting(columns))


@public
def tril(x: Any, k: int = 0) -> Any:
    """Return ``x`` with zeros beyond ``k`` places right of the diagonal of its last two axes.

    Example:
        >>> tril(np.ones((2, 2))).tolist()
        [[1.0, 0.0], [1.0, 1.0]]
    """
    rows, columns = shape(x)[-2:]
    return where(_lower(rows, columns, k), x, 0)


@public
def triu(x: Any, k: int = 0) -> Any:
    """Return ``x`` with zeros before ``k`` places right of the diagonal of its last two axes."""
    rows, columns = shape(x)[-2:]
    return where(logical_not(_lower(rows, columns, k - 1)), x, 0)


@public
def meshgrid(*x: Any, indexing: str = "xy") -> list[Any]:
    """Return the coordinates of a grid: a tensor for each axis ``x`` gives numbers for, all of the grid's shape.

    Args:
        x: the numbers along each axis.
        indexing: ``"ij"`` for axes in their order, ``"xy"`` for the first two exchanged.

    Example:
        >>> [part.tolist() for part in meshgrid(np.array([1, 2]), np.array([3, 4, 5]), indexing="ij")]
        [[[1, 1, 1], [2, 2, 2]], [[3, 4, 5], [3, 4, 5]]]
    """
    places = list(range(len(x)))
    if indexing == "xy" and len(x) > 1:
        places[:2] = [1, 0]
    flat = [reshape(part, (-1,)) for part in x]
    if current_trace() is not None:  # an array made larger here would be a constant that follows the batch
        flat = [part if isinstance(part, Tensor) else constant(np.asarray(part)) for part in flat]
    sizes = [0] * len(x)
    for place, part in zip(places, flat, strict=True):
        sizes[place] = shape(part)[0]
    apart = [
        reshape(part, tuple(-1 if axis == place else 1 for axis in range(len(x))))
        for place, part in zip(places, flat, strict=True)
    ]
    return [broadcast_to(part, tuple(sizes)) for part in apart]
