"""Compiled sweeps: the NumPy calls of an elementwise rule as one loop, by Numba.

A sweep in blocks reads and writes each block once for every call; compiled, each element is read and written once.
The arithmetic is the same, operation by operation in the same types, so the results are too, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from denselite.ops.op import Array

__all__ = ["NotElementwiseError", "can_compile", "fuse"]

Call = Callable[[], Any]


def can_compile() -> bool:
    """Whether Numba is installed; it is not imported to find out."""
    return find_spec("numba") is not None


class NotElementwiseError(Exception):
    """The calls hold something that a loop over elements cannot say."""


def fuse(calls: Sequence[Any], block: Mapping[str, Array], whole: Mapping[str, Array]) -> list[Call]:
    """Return calls that do for whole arrays what ``calls`` do for a block of them.

    Args:
        calls: bound NumPy functions on the block's arrays, 0-d arrays and memory of their own.
        block: the arrays the calls read and write, by name.
        whole: the arrays to sweep instead, by the same names.

    Raises:
        NotElementwiseError: a call is not a ufunc of arrays as long as the block.
    """
    loop = _Loop(block)
    once = [call for call in calls if not loop.add(call)]
    kernel = _jit(loop.source())
    return [*once, partial(kernel, *(whole[name] for name in block), *loop.scalars)]


class _Loop:
    """The body of a loop over elements, written call by call."""

    def __init__(self, block: Mapping[str, Array]) -> None:
        self.scalars: list[Array] = []
        self._length = len(next(iter(block.values())))
        self._places = {_address(array): f"entry{k}" for k, array in enumerate(block.values())}
        self._swept = list(self._places.values())
        self._lines: list[str] = []
        self._stored: dict[str, None] = {}

    def add(self, call: Any) -> bool:
        """Write one call, unless it works on single numbers: those are computed before the loop."""
        function, arguments = call.func, [*call.args, *call.keywords.values()]
        known = isinstance(function, np.ufunc)
        if (known or function is np.copyto) and all(np.ndim(argument) == 0 for argument in arguments):
            return False
        if not known or len(arguments) != function.nargs or function.nout != 1:
            raise NotElementwiseError(f"{function!r} in a sweep")
        *operands, out = arguments
        told = ", ".join(self._operand(operand) for operand in operands)
        place = self._place(out)
        self._lines.append(f"{place} = np.{out.dtype.name}(np.{function.__name__}({told}))")
        if place in self._swept:
            self._stored[place] = None
        return True

    def _operand(self, value: Any) -> str:
        if np.ndim(value):
            return self._place(value)
        if not isinstance(value, np.ndarray):
            raise NotElementwiseError(f"the bare number {value!r}, whose type follows from what it meets")
        self.scalars.append(value)
        return f"scalar{len(self.scalars) - 1}"

    def _place(self, array: Array) -> str:
        """The variable that stands for an array of the block, or for an element of the calls' own memory."""
        if array.shape != (self._length,):
            raise NotElementwiseError(f"an array of shape {array.shape} in a sweep of {self._length}")
        return self._places.setdefault(_address(array), f"own{len(self._places)}")

    def source(self) -> str:
        """Return the function, as Python."""
        scalars = [f"scalar{k}" for k in range(len(self.scalars))]
        return "\n".join(
            [
                f"def sweep({', '.join(f'{name}_' for name in [*self._swept, *scalars])}):",
                *(f"    {scalar} = {scalar}_[()]" for scalar in scalars),
                f"    for i in range({self._swept[0]}_.size):",
                *(f"        {name} = {name}_[i]" for name in self._swept),
                *(f"        {line}" for line in self._lines),
                *(f"        {name}_[i] = {name}" for name in self._stored),
            ]
        )


def _address(array: Array) -> int:
    return array.ctypes.data


@lru_cache(maxsize=64)
def _jit(source: str) -> Callable[..., None]:
    from numba import njit

    names: dict[str, Any] = {"np": np}
    exec(source, names)  # noqa: S102 (made of names of ufuncs and of our own, above)
    kernel: Callable[..., None] = njit(names["sweep"], error_model="numpy", nogil=True)
    return kernel
