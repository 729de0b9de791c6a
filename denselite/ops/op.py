"""What an operation is, and how a call of one is computed, recorded or declared.

An op is written once, in one place: a kernel that writes into ``out``, a rule for the shape and
dtype of ``out``, the vector-Jacobian product and what that reads. From these follow the eager
call on arrays, the recorded call in a trace, the planned instructions and the gradient.

A kernel does not compute. It says which NumPy calls compute, through ``run``:

    def kernel(run, out, x):
        run(np.negative, x, out)
        run(np.exp, out, out)

Eagerly ``run`` makes the call; in a plan it binds the call to its arrays once, and the step
replays it. So the same lines serve both, and a step costs no Python beyond the NumPy calls.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from denselite.errors import DTypeError
from denselite.tensor.context import constant, current_scope, current_trace
from denselite.tensor.dtypes import is_float, joint_dtype, standardize_dtype
from denselite.tensor.origin import users_line
from denselite.tensor.symbols import KerasTensor, Tensor
from denselite.tensor.variable import Variable

__all__ = ["OPS", "Array", "Op", "Run", "Spec", "as_float", "as_operands", "declare_with", "public", "scalar"]

Array = np.ndarray[Any, Any]
Run = Callable[..., None]
Spec = tuple[tuple[int, ...], np.dtype[Any]]

OPS: dict[str, Op] = {}


@dataclass(frozen=True, eq=False, slots=True)
class Op:
    """One differentiable operation.

    Args:
        name: the public name.
        infer: ``(*operands, **attrs) -> (shape, dtype)``; operands have ``shape`` and ``dtype``.
        kernel: ``(run, out, *arrays, *scratch, **attrs)``; see the module. None if ``view`` always serves.
        view: ``(array, **attrs) -> array`` that shares memory; such an op costs nothing a step.
            It raises ValueError where only the kernel, a copy, can do it.
        vjp: ``(g, out, *inputs, **attrs) -> one gradient or None for each input``, written in ops.
            A gradient may have the broadcast shape and a wider dtype: both are undone for it.
        reads: which of ``"out"`` and ``"0"``, ``"1"``, ... (operand positions) the VJP uses the
            values of. The others are free once the forward pass is done with them.
        inplace: operand positions whose memory ``out`` may take over.
        contiguous: operand positions that the kernel needs in C order.
        scratch: ``(*operands, **attrs) -> specs`` of arrays that the kernel needs while it runs.
        flops: ``(out, *operands, **attrs) -> count``; one an element unless given.
        python: the kernel binds a Python function: an instruction with a frame of ours.
        apart: ``(rows, out, *operands, **attrs) -> bool``, whether rows are treated apart; see ``ops/apart.py``.
            None where that is never known.
        effect: it does something besides its value: it runs wherever it was recorded, also if nobody reads it.
        sample: ``(rng) -> (arrays, attrs)`` for the contract tests.
    """

    name: str
    infer: Callable[..., Spec]
    kernel: Callable[..., None] | None = None
    view: Callable[..., Array] | None = None
    vjp: Callable[..., Sequence[Any]] | None = None
    reads: tuple[str, ...] = ()
    inplace: tuple[int, ...] = ()
    contiguous: tuple[int, ...] = ()
    scratch: Callable[..., list[Spec]] | None = None
    flops: Callable[..., int] | None = None
    python: bool = False
    apart: Callable[..., bool] | None = None
    effect: bool = False
    sample: Callable[[np.random.Generator], Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        OPS[self.name] = self

    def __call__(self, *operands: Any, **attrs: Any) -> Any:
        """Compute on arrays, record on tensors."""
        trace = current_trace()
        symbolic = any(isinstance(o, Tensor) or (trace is not None and isinstance(o, Variable)) for o in operands)
        inputs = as_operands(self.name, operands)
        if not symbolic:
            return self.compute(inputs, attrs)
        tensors = tuple(o if isinstance(o, Tensor) else constant(o) for o in inputs)
        shape, dtype = self.infer(*tensors, **attrs)
        phase = trace.phase if trace else "forward"
        made = Tensor(self, tensors, attrs, shape, dtype, current_scope(), phase)
        if trace is not None and trace.eager:
            made.value = np.asarray(self.compute([tensor._held("an operand") for tensor in tensors], attrs))
        if self.vjp is None:  # no gradient comes through: a message may have to say where
            made.line = users_line()
        if trace is not None and self.effect:
            trace.effects.append(made)
        return made

    def compute(self, arrays: Sequence[Array], attrs: dict[str, Any]) -> Any:
        """Run the kernel now and return a new array (a NumPy scalar when it has no axes)."""
        shape, dtype = self.infer(*arrays, **attrs)
        if self.view is not None:
            try:
                seen = self.view(arrays[0], **attrs)
                return seen if shape else seen[()]
            except ValueError:  # no view shows it so
                if self.kernel is None:
                    raise
        out = np.empty(shape, dtype)
        scratch = [np.empty(*spec) for spec in self.scratch(*arrays, **attrs)] if self.scratch else []
        arrays = [np.ascontiguousarray(a) if i in self.contiguous else a for i, a in enumerate(arrays)]
        assert self.kernel is not None
        with np.errstate(all="ignore"):
            self.kernel(_now, out, *arrays, *scratch, **attrs)
        return out if shape else out[()]

    def __repr__(self) -> str:
        return f"<op {self.name}>"


F = TypeVar("F", bound=Callable[..., Any])

_declare: Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]


def declare_with(declare: Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]) -> None:
    """Let ``declare(function, args, kwargs)`` make the node of a call on Keras tensors; the layers' floor knows how."""
    global _declare
    _declare = declare


def public(function: F) -> F:
    """Decorator of the functions of ``denselite.ops``: a call on Keras tensors declares one node."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(map(_declares, args)) or any(map(_declares, kwargs.values())):
            return _declare(call, args, kwargs)
        return function(*args, **kwargs)

    return call  # type: ignore[return-value]


def _declares(value: Any) -> bool:
    return isinstance(value, KerasTensor) or (isinstance(value, list | tuple) and any(map(_declares, value)))


def _now(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    function(*args, **kwargs)


def as_operands(name: str, operands: Sequence[Any]) -> list[Any]:
    """Return operands as tensors and arrays; a Python number takes the dtype of its company.

    A Python float among integers or alone is of dtype ``floatx()``, as in Keras.

    Raises:
        DTypeError: an operand is no number (object, string, complex).
    """
    found = [o.value if isinstance(o, Variable) else o for o in operands]
    found = [o if isinstance(o, Tensor) or type(o) in (bool, int, float) else np.asarray(o) for o in found]
    for o in found:
        if isinstance(o, np.ndarray) and o.dtype.kind not in "biuf":
            raise DTypeError(f"{name} computes with numbers, got dtype {o.dtype} (shape {o.shape}).")
    dtypes = [o.dtype for o in found if isinstance(o, Tensor | np.ndarray)]
    if len(dtypes) == len(found):
        return found
    company = joint_dtype(*dtypes) if dtypes else np.dtype(bool)
    return [o if isinstance(o, Tensor | np.ndarray) else np.asarray(o, _joining(company, o)) for o in found]


def _joining(company: np.dtype[Any], number: float) -> np.dtype[Any]:
    """The dtype a Python number gets among operands of dtype ``company``."""
    joined = np.result_type(company, number)
    return joined if is_float(company) or not is_float(joined) else standardize_dtype()


def as_float(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype that a float function gives on operands of ``dtype``: ``floatx()`` on integers."""
    return dtype if is_float(dtype) else standardize_dtype()


def scalar(value: float, like: Array) -> Array:
    """Return ``value`` as a 0-d array of ``like``'s dtype: the cheapest operand a ufunc can take."""
    return np.asarray(value, like.dtype)
