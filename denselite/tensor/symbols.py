"""The two symbols: what a model is declared with, and what a program is traced with.

``KerasTensor`` stands for "the output of this layer": its batch size is ``None``, it is what
``Input`` and a layer's call return, and models are saved in terms of it. ``Tensor`` stands for one
value of one trace: its shape is concrete, it remembers the op that makes it, and it is never saved.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np

from denselite import tree
from denselite.errors import NoValueError, StateError
from denselite.tensor.dispatch import Operators, covered, covers

__all__ = ["KerasTensor", "Node", "Tensor", "symbols_of"]

_creation = itertools.count()


class _Symbol(Operators):
    """What the two have in common: a shape, a dtype, perhaps a mask, and no value."""

    __slots__ = ("dtype", "mask", "shape")
    shape: tuple[Any, ...]
    dtype: np.dtype[Any]
    mask: Any  # see tensor/masks.py

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __getitem__(self, key: Any) -> Any:
        return covered(_getitem)(self, key)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("A tensor without axes has no length.")
        return int(self.shape[0])

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def _held(self, wanted: str) -> np.ndarray[Any, Any]:
        """Return the value, which only a tensor of an eager trace has."""
        raise NoValueError(
            f"{self!r} has no value yet, so {wanted} cannot be had. It stands for data that comes later: use NumPy "
            "functions or denselite.ops on it (np.where instead of if, ops.take(array, it, axis=0) instead of "
            "array[it]). With compile(run_eagerly=True) it has one."
        )

    def __bool__(self) -> bool:
        return bool(self._held("a truth value"))

    def __float__(self) -> float:
        return float(self._held("a number"))

    def __int__(self) -> int:
        return int(self._held("a number"))

    def __index__(self) -> int:
        return int(self._held("an index").__index__())

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self._held("an array"), dtype=dtype)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise StateError(f"{self!r} cannot be written into. Build the new value with np.where or np.concatenate.")


def _getitem(tensor: Any, key: Any) -> Any:
    """The entry under which the dispatch table holds indexing, which NumPy has no function for."""
    raise NotImplementedError


class Tensor(_Symbol):
    """One value of a trace: the op that makes it, from which inputs, for which layer.

    Args:
        op: the operation, or the kind of leaf.
        inputs: the tensors the operation reads.
        attrs: its static arguments.
        shape: a tuple of ints.
        dtype: a NumPy dtype.
        scope: the path of the layer that asked for it.
        phase: ``"forward"`` or ``"backward"``.

    Attributes:
        value: an array in an eager trace, else None.
        line: the user's line that it comes from, where that may be asked for, else None.
    """

    __slots__ = ("attrs", "index", "inputs", "line", "op", "phase", "scope", "value")
    value: np.ndarray[Any, Any] | None
    line: str | None

    def __init__(
        self,
        op: Any,
        inputs: tuple[Tensor, ...],
        attrs: dict[str, Any],
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        scope: str,
        phase: str,
    ) -> None:
        self.op, self.inputs, self.attrs = op, inputs, attrs
        self.shape, self.dtype, self.mask, self.value, self.line = shape, dtype, None, None, None
        self.scope, self.phase = scope, phase
        self.index = next(_creation)  # inputs come before outputs: sorting by index is a topological order

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    def _held(self, wanted: str) -> np.ndarray[Any, Any]:
        return super()._held(wanted) if self.value is None else self.value

    def __repr__(self) -> str:
        where = f" in {self.scope}" if self.scope else ""
        value = "" if self.value is None else f", value={np.array2string(self.value, threshold=20)}"
        return f"Tensor({self.op.name}, shape={self.shape}, dtype={self.dtype.name}{where}{value})"


class KerasTensor(_Symbol):
    """A placeholder for the output of a layer; its batch size is ``None``.

    Args:
        shape: a tuple of ints and ``None``.
        dtype: a NumPy dtype.
        name: how messages call it.
        history: ``(operation, node_index, tensor_index)``, the call that makes it.
        sizes: the shape, with more than ``None`` to say of a size that follows from the batch; ``shape`` by default.

    Example:
        >>> from denselite.layers import Dense, Input
        >>> Dense(2)(Input((3,))).shape
        (None, 2)
    """

    __slots__ = ("history", "name", "sizes")

    def __init__(
        self,
        shape: tuple[int | None, ...],
        dtype: np.dtype[Any],
        name: str,
        history: tuple[Any, int, int] | None = None,
        sizes: tuple[Any, ...] | None = None,
    ) -> None:
        self.shape, self.dtype, self.name, self.history = tuple(shape), dtype, name, history
        self.sizes = self.shape if sizes is None else sizes
        self.mask = None

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype.name}, name={self.name}>"


class Node:
    """One call of a layer or op on Keras tensors: an edge bundle of the declared graph.

    Args:
        operation: what was called; it keeps its nodes in ``operation._nodes``.
        args: positional arguments of the call, Keras tensors among them.
        kwargs: keyword arguments of the call.
        outputs: the Keras tensors that came out, flat.
    """

    __slots__ = ("args", "kwargs", "operation", "outputs", "structure")

    def __init__(
        self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: list[KerasTensor], structure: Any
    ) -> None:
        self.operation, self.args, self.kwargs = operation, args, kwargs
        self.outputs, self.structure = outputs, structure


def symbols_of(node: Node) -> list[KerasTensor]:
    """Return the Keras tensors that a call reads."""
    return [leaf for leaf in tree.flatten((node.args, node.kwargs))[0] if isinstance(leaf, KerasTensor)]


covers(np.ndim)(lambda x: len(x.shape))
covers(np.shape)(lambda x: tuple(x.shape))
covers(np.size)(lambda x: x.size)
