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


def _check_arguments(function: Any, ours: Any, args: Any, kwargs: Any) -> None:
    """Say in one line which of NumPy's arguments a recorded call does not take."""
    import inspect

    signature = inspect.signature(ours)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise UncoveredError(f"numpy.{function.__name__} on a tensor takes {signature}: {error}.") from None


_numpy: Any = np  # its type hints know arrays only; the calls below are on tensors


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """The method of ndarray that does what a function does."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    call.__name__ = call.__qualname__ = function.__name__
    call.__doc__ = f"Return ``numpy.{function.__name__}`` of the tensor."
    return call


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
        return _numpy.less(self, other)

    def __le__(self, other: Any) -> Any:
        return _numpy.less_equal(self, other)

    def __gt__(self, other: Any) -> Any:
        return _numpy.greater(self, other)

    def __ge__(self, other: Any) -> Any:
        return _numpy.greater_equal(self, other)

    def __eq__(self, other: Any) -> Any:
        return _numpy.equal(self, other)

    def __ne__(self, other: Any) -> Any:
        return _numpy.not_equal(self, other)

    def __neg__(self) -> Any:
        return _numpy.negative(self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return _numpy.absolute(self)

    def __invert__(self) -> Any:
        return _numpy.logical_not(self)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        name = f"numpy.{ufunc.__name__}"
        if method != "__call__":
            raise UncoveredError(f"{name}.{method} cannot be recorded on a tensor. Use a function: np.sum, np.max.")
        if kwargs.get("out") is not None:
            raise UncoveredError(f"{name}(out=...) would write into a tensor. Use the value it returns.")
        if kwargs:
            raise UncoveredError(
                f"{name} on a tensor takes operands only, got {', '.join(kwargs)}. Use np.where, np.astype."
            )
        return covered(ufunc)(*inputs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        ours = covered(function)
        try:
            return ours(*args, **kwargs)
        except TypeError:
            _check_arguments(function, ours, args, kwargs)
            raise

    # Methods of ndarray that scripts use; each is the NumPy function of that name.

    def reshape(self, *shape: Any) -> Any:
        """Return the tensor with another shape; one axis may be -1."""
        return _numpy.reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Any:
        """Return the tensor with its axes permuted (reversed by default)."""
        return _numpy.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    @property
    def T(self) -> Any:  # noqa: N802 (NumPy's name)
        """The tensor with its axes reversed."""
        return self.transpose()

    all, any, argmax, argmin = _method(np.all), _method(np.any), _method(np.argmax), _method(np.argmin)
    argsort, clip, cumsum, dot = _method(np.argsort), _method(np.clip), _method(np.cumsum), _method(np.dot)
    flatten = ravel = _method(np.ravel)
    max, mean, min, prod = _method(np.max), _method(np.mean), _method(np.min), _method(np.prod)
    repeat, squeeze, std, sum = _method(np.repeat), _method(np.squeeze), _method(np.std), _method(np.sum)
    swapaxes, take, var = _method(np.swapaxes), _method(np.take), _method(np.var)

    def astype(self, dtype: Any) -> Any:
        """Return the tensor cast to ``dtype``."""
        return _numpy.astype(self, dtype)
