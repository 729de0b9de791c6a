"""NumPy calls on our tensors: ``np.tanh(x)``, ``x @ w``, ``np.mean(x, axis=-1)`` reach an op.

NumPy hands a call on a foreign object to ``__array_ufunc__`` (NEP 13) or ``__array_function__``
(NEP 18). The table below says which function of ours answers; the files of ``denselite.ops`` fill
it with ``@covers``. This is how a user's plain NumPy layer is recorded and differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from denselite.errors import UncoveredError, suggestion

__all__ = ["Operators", "covered", "covers"]

F = TypeVar("F", bound=Callable[..., Any])

_COVERED: dict[Callable[..., Any], Callable[..., Any]] = {}


def covers(*functions: Callable[..., Any]) -> Callable[[F], F]:
    """Decorator: calls of these NumPy functions on a tensor go to the decorated function."""

    def fill(ours: F) -> F:
        _COVERED.update(dict.fromkeys(functions, ours))
        return ours

    return fill


def covered(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what answers for a NumPy function.

    Raises:
        UncoveredError: nothing does; the nearest covered name is given.
    """
    if function in _COVERED:
        return _COVERED[function]
    name = getattr(function, "__name__", str(function))
    near = suggestion(name, {f.__name__ for f in _COVERED})
    raise UncoveredError(f"numpy.{name} cannot be recorded on a tensor: denselite has no such operation.{near}")


def _operator(ufunc: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    return (lambda self, other: ufunc(self, other)), (lambda self, other: ufunc(other, self))


class Operators:
    """Arithmetic, comparison, indexing and array methods, all by way of NumPy's own functions.

    There is no in-place form: ``x += y`` rebinds ``x``, it never writes into a tensor.
    """

    __slots__ = ()
    __hash__ = object.__hash__

    __add__, __radd__ = _operator(np.add)
    __sub__, __rsub__ = _operator(np.subtract)
    __mul__, __rmul__ = _operator(np.multiply)
    __truediv__, __rtruediv__ = _operator(np.true_divide)
    __floordiv__, __rfloordiv__ = _operator(np.floor_divide)
    __mod__, __rmod__ = _operator(np.remainder)
    __pow__, __rpow__ = _operator(np.power)
    __matmul__, __rmatmul__ = _operator(np.matmul)
    __and__, __rand__ = _operator(np.logical_and)
    __or__, __ror__ = _operator(np.logical_or)
    __xor__, __rxor__ = _operator(np.logical_xor)

    def __lt__(self, other: Any) -> Any:
        return np.less(self, other)  # type: ignore[call-overload]

    def __le__(self, other: Any) -> Any:
        return np.less_equal(self, other)  # type: ignore[call-overload]

    def __gt__(self, other: Any) -> Any:
        return np.greater(self, other)  # type: ignore[call-overload]

    def __ge__(self, other: Any) -> Any:
        return np.greater_equal(self, other)  # type: ignore[call-overload]

    def __eq__(self, other: Any) -> Any:
        return np.equal(self, other)

    def __ne__(self, other: Any) -> Any:
        return np.not_equal(self, other)

    def __neg__(self) -> Any:
        return np.negative(self)  # type: ignore[call-overload]

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return np.absolute(self)  # type: ignore[call-overload]

    def __invert__(self) -> Any:
        return np.logical_not(self)  # type: ignore[call-overload]

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise UncoveredError(
                f"numpy.{ufunc.__name__}.{method} cannot be recorded on a tensor. Use the function (np.sum, np.max) instead."
            )
        if kwargs.pop("out", None) is not None:
            raise UncoveredError(
                f"numpy.{ufunc.__name__}(out=...) would write into a tensor. Use the value it returns."
            )
        return covered(ufunc)(*inputs, **kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return covered(function)(*args, **kwargs)

    # Methods of ndarray that scripts use; each is the NumPy function of that name.

    def reshape(self, *shape: Any) -> Any:
        """Return the tensor with another shape; one axis may be -1."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)  # type: ignore[call-overload]

    def transpose(self, *axes: Any) -> Any:
        """Return the tensor with its axes permuted (reversed by default)."""
        return np.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)  # type: ignore[call-overload]

    @property
    def T(self) -> Any:  # noqa: N802 (NumPy's name)
        """The tensor with its axes reversed."""
        return self.transpose()

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the sum over ``axis``."""
        return np.sum(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the mean over ``axis``."""
        return np.mean(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the largest value over ``axis``."""
        return np.max(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        """Return the smallest value over ``axis``."""
        return np.min(self, axis=axis, keepdims=keepdims)  # type: ignore[call-overload]

    def astype(self, dtype: Any) -> Any:
        """Return the tensor cast to ``dtype``."""
        return np.astype(self, dtype)  # type: ignore[call-overload]
