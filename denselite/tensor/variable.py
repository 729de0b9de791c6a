"""``Variable``: a value that stays, in storage of its own that an arena may pack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from denselite.changes import changed
from denselite.errors import ArgumentError, ShapeError
from denselite.tensor.context import current_trace
from denselite.tensor.dispatch import Operators, covered
from denselite.tensor.dtypes import is_float, standardize_dtype
from denselite.tensor.room import claim
from denselite.tensor.symbols import Tensor, _getitem

__all__ = ["Variable", "storage_epoch"]

_moves = 0  # how often any variable's storage moved: a program bound to old storage asks


def storage_epoch() -> int:
    """Return a number that changes whenever the storage of any variable moves."""
    return _moves


class Variable(Operators):
    """A weight, an optimizer slot, a metric's total: an array that is read and assigned by name.

    Args:
        initializer: an array, a number, or a callable ``(shape, dtype) -> array``.
        shape: needed with a callable.
        dtype: ``floatx()`` when None and ``initializer`` is a callable; else the array's own.
        trainable: whether ``fit`` may change it by gradient.
        name: what messages and files call it; no ``/`` in it.
        regularizer: callable ``(tensor) -> scalar`` added to the loss.
        constraint: callable ``(tensor) -> tensor`` that says what an updated value is set to.

    Raises:
        ArgumentError: a callable without a shape.
        ShapeError: the initial value has another shape.

    Example:
        >>> v = Variable(np.zeros(2, "float32"), name="v")
        >>> v.assign([1.0, 2.0]); (v * 2).tolist()
        [2.0, 4.0]
    """

    def __init__(
        self,
        initializer: Any,
        shape: tuple[int, ...] | None = None,
        dtype: Any = None,
        trainable: bool = True,
        name: str = "variable",
        regularizer: Callable[[Any], Any] | None = None,
        constraint: Callable[[Any], Any] | None = None,
    ) -> None:
        if callable(initializer):
            if shape is None:
                raise ArgumentError(f"Variable {name!r} needs a shape, since its initializer is a callable.")
            found = standardize_dtype(dtype)
            claim(f"Variable {name!r}", shape, found.itemsize)
            value = np.asarray(initializer(tuple(shape), dtype=found.name))
        else:
            value = np.asarray(initializer)
            claim(f"Variable {name!r}", value.shape, value.itemsize)
            if dtype is None and isinstance(initializer, float | int | list | tuple) and value.dtype == np.float64:
                dtype = standardize_dtype()
            found = standardize_dtype(value.dtype if dtype is None else dtype)
        if shape is not None and value.shape != tuple(shape):
            raise ShapeError(f"Variable {name!r} has shape {tuple(shape)}, its initial value has {value.shape}.")
        self._array = np.array(value, dtype=found, order="C")
        self.packed = False  # True once an arena owns the storage
        self.name = name
        self.path = name
        self._trainable = trainable
        self.regularizer = regularizer
        self.constraint = constraint

    @property
    def trainable(self) -> bool:
        """Whether ``fit`` may change the variable by gradient (only float variables can be)."""
        return self._trainable and is_float(self.dtype)

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape, a tuple of ints."""
        return self._array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype."""
        return self._array.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._array.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._array.size

    @property
    def storage(self) -> np.ndarray[Any, Any]:
        """The array that holds the value, for those who write it in place."""
        return self._array

    @property
    def value(self) -> Any:
        """The value at this point: a tensor inside a trace, else a read-only view of the array."""
        trace = current_trace()
        if trace is not None:
            return trace.read(self)
        view = self._array.view()
        view.flags.writeable = False
        return view

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return a copy of the value as an array."""
        return self._array.copy()

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
        return np.array(self._array, dtype=dtype)

    def assign(self, value: Any) -> None:
        """Set the value, in place.

        Args:
            value: an array or tensor of the variable's shape; it is cast to the variable's dtype.

        Raises:
            ShapeError: another shape; the variable keeps its value.
        """
        value = value.value if isinstance(value, Variable) else value
        found = value if isinstance(value, Tensor) else np.asarray(value)
        if tuple(found.shape) != self.shape:
            raise ShapeError(
                f"Variable {self.path!r} has shape {self.shape}, the value assigned to it has {tuple(found.shape)}."
            )
        trace = current_trace()
        if trace is None:
            np.copyto(self._array, found, casting="unsafe")
        else:
            trace.write(
                self, covered(np.astype)(found if isinstance(found, Tensor) else self.value * 0 + found, self.dtype)
            )

    def assign_add(self, value: Any) -> None:
        """Add ``value``, in place."""
        self.assign(self.value + value)

    def assign_sub(self, value: Any) -> None:
        """Subtract ``value``, in place."""
        self.assign(self.value - value)

    def move(self, storage: np.ndarray[Any, Any]) -> None:
        """Let the value live in ``storage`` (same shape and dtype) from now on."""
        global _moves
        np.copyto(storage, self._array)
        self._array = storage
        self.packed = True
        _moves += 1
        changed()

    def __getitem__(self, key: Any) -> Any:
        return covered(_getitem)(self.value, key)

    def __len__(self) -> int:
        return len(self._array)

    def __float__(self) -> float:
        return float(self._array)

    def __int__(self) -> int:
        return int(self._array)

    def __repr__(self) -> str:
        value = f", value={self._array.tolist()}" if self.size == 1 else ""
        return f"<Variable path={self.path}, shape={self.shape}, dtype={self.dtype.name}{value}>"
