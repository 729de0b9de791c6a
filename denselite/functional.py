"""``grad`` and ``value_and_grad``: derivatives of a function of arrays, written in plain NumPy or ``denselite.ops``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from denselite import tree
from denselite.errors import ArgumentError, DTypeError, ShapeError
from denselite.graph.autodiff import gradients
from denselite.ops.identity import alias
from denselite.ops.op import Array
from denselite.program.bind import copies
from denselite.tensor.context import Trace, constant, current_trace
from denselite.tensor.dtypes import is_float, standardize_dtype
from denselite.tensor.symbols import Tensor
from denselite.tensor.variable import Variable

__all__ = ["grad", "value_and_grad"]

Function = Callable[..., Any]


def value_and_grad(fn: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """Return a function that computes ``fn`` and its gradient.

    Every call runs ``fn`` anew, on values: ``if`` and ``print`` work, and what it looks at besides its arguments may
    change between calls.

    Args:
        fn: a function of arrays that returns one number, in plain NumPy or ``denselite.ops``.
        argnums: the position of the argument to differentiate by, or several. Such an argument is a float
            array, a float, or a list, tuple or dict of them; others are handed on as they are.
        has_aux: whether ``fn`` returns ``(number, aux)``; ``aux`` is handed on and not differentiated.

    Returns:
        A function of the same arguments that returns ``(value, gradient)``, ``((value, aux), gradient)`` with
        ``has_aux``. A gradient is nested as its argument is; for several ``argnums`` it is a tuple of them.

    Raises:
        ArgumentError: (when called) there is no argument at a position, or ``fn`` returned no pair with ``has_aux``.
        DTypeError: (when called) an argument to differentiate by holds no floats.
        ShapeError: (when called) ``fn`` returned something else than one number.
        GradientError: (when called) an operation on the way has no gradient.

    Source: Baydin et al., 2018 (reverse mode).

    Example:
        >>> value, gradient = value_and_grad(lambda w, x: np.sum(w * x**2))(np.array([1.0, 2.0]), np.array([3.0, 1.0]))
        >>> value.item(), gradient.tolist()
        (11.0, [9.0, 1.0])
    """
    positions = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    who = f"value_and_grad({getattr(fn, '__name__', type(fn).__name__)})"

    @functools.wraps(fn)
    def differentiated(*args: Any, **kwargs: Any) -> Any:
        missing = [position for position in positions if not -len(args) <= position < len(args)]
        if missing:
            raise ArgumentError(f"{who} was called with {len(args)} arguments and has none at argnums {missing[0]}.")
        leaves, structure = tree.flatten([args[position] for position in positions])

        def record(tensors: Sequence[Tensor]) -> tuple[Any, Any, list[Any]]:
            filled = list(args)
            for position, argument in zip(positions, tree.unflatten(structure, tensors), strict=True):
                filled[position] = argument
            value, aux = _split(fn(*filled, **kwargs), has_aux, who)
            return value, aux, _gradients(value, tensors, who)

        if current_trace() is not None:  # inside another derivative, a layer or a model: more of the same graph
            value, aux, found = record([alias(_leaf(leaf, who)) for leaf in leaves])
        else:
            value, aux, found = _run(record, [_numbers(leaf, who) for leaf in leaves])
        by_argument = tree.unflatten(structure, found)
        return (value, aux) if has_aux else value, by_argument[0] if isinstance(argnums, int) else tuple(by_argument)

    return differentiated


def grad(fn: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """Return a function that computes the gradient of ``fn``; see ``value_and_grad``.

    Args:
        fn: a function of arrays that returns one number, in plain NumPy or ``denselite.ops``.
        argnums: the position of the argument to differentiate by, or several.
        has_aux: whether ``fn`` returns ``(number, aux)``; then the result is ``(gradient, aux)``.

    Raises:
        ShapeError: (when called) ``fn`` returned something else than one number; more as ``value_and_grad``.

    Example:
        >>> grad(lambda x: x**3)(2.0).item()
        12.0
        >>> grad(grad(lambda x: x**3))(2.0).item()
        12.0
    """
    both = value_and_grad(fn, argnums, has_aux)

    @functools.wraps(fn)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def _split(result: Any, has_aux: bool, who: str) -> tuple[Any, Any]:
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise ArgumentError(
            f"{who} with has_aux=True expects a function that returns (number, aux), got {result!r:.80}."
        )
    return result


def _gradients(value: Any, tensors: Sequence[Tensor], who: str) -> list[Tensor]:
    value = value.value if isinstance(value, Variable) else value
    if np.shape(value) != ():
        raise ShapeError(
            f"{who} expects a function that returns one number, got an array of shape {np.shape(value)}. "
            "Sum it, or take the mean."
        )
    found = gradients(value, tensors) if isinstance(value, Tensor) and is_float(value.dtype) else [None] * len(tensors)
    return [constant(np.zeros(t.shape, t.dtype)) if g is None else g for g, t in zip(found, tensors, strict=True)]


def _leaf(value: Any, who: str) -> Tensor:
    value = value.value if isinstance(value, Variable) else value
    return value if isinstance(value, Tensor) else constant(_numbers(value, who))


def _numbers(value: Any, who: str) -> Array:
    found = np.asarray(value.numpy() if isinstance(value, Variable) else value)
    if not is_float(found.dtype):
        raise DTypeError(
            f"{who} differentiates by floats, got {value!r:.60} of dtype {found.dtype}. Write 2.0, or use "
            "astype('float32')."
        )
    return found.astype(standardize_dtype()) if type(value) is float else found


def _run(record: Callable[[Sequence[Tensor]], Any], arrays: Sequence[Array]) -> Any:
    """Compute while it is recorded; what the function assigns to variables is assigned in the end."""
    trace = Trace(eager=True)
    with trace.active():
        found = record([trace.add_input(f"argument_{k}", a.shape, a.dtype, a) for k, a in enumerate(arrays)])
    leaves, structure = tree.flatten(found)
    results = [np.array(leaf)[()] if isinstance(leaf, Tensor) else leaf for leaf in leaves]
    for copy in copies([(variable.storage, np.asarray(value)) for variable, value in trace.writes]):
        copy()
    return tree.unflatten(structure, results)
