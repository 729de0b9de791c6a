"""Choice and repetition: Python's own, written out into a program, since a program has neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from denselite import tree
from denselite.errors import ArgumentError, ShapeError, UncoveredError
from denselite.ops.filling import shape
from denselite.ops.joining import stack
from denselite.ops.logic import where
from denselite.tensor.context import current_trace
from denselite.tensor.symbols import KerasTensor, Tensor

__all__ = ["cond", "fori_loop", "map", "scan", "vectorized_map", "while_loop"]


def _inside(who: str, *values: Any) -> None:
    if any(isinstance(leaf, KerasTensor) for leaf in tree.flatten(values)[0]):
        raise UncoveredError(f"{who} takes arrays and the tensors of a layer's call. Put it into a layer of your own.")


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Return ``true_fn()`` if ``pred`` holds, else ``false_fn()``.

    Where ``pred`` is not known until a program runs both are computed and one is chosen.

    Args:
        pred: a truth value without axes.
        true_fn: takes nothing; returns a tensor or nested ones.
        false_fn: returns the same nesting and shapes.

    Raises:
        UncoveredError: both are computed, and one of them assigns a variable.
        ShapeError: both are computed, and return different nestings.

    Example:
        >>> cond(2 > 1, lambda: 3.0, lambda: 4.0)
        3.0
    """
    _inside("cond", pred)
    if not isinstance(pred, Tensor) or pred.value is not None:
        return true_fn() if pred else false_fn()
    if pred.shape:
        raise ShapeError(f"cond expects one truth value, got shape {pred.shape}. Use where for one an entry.")
    chosen, one = tree.flatten(_pure(true_fn))
    others, other = tree.flatten(_pure(false_fn))
    if one != other:
        raise ShapeError(f"cond expects one nesting of both functions, got {one} and {other}.")
    return tree.unflatten(one, [where(pred, a, b) for a, b in zip(chosen, others, strict=True)])


def _pure(function: Callable[[], Any]) -> Any:
    trace = current_trace()
    assert trace is not None, "a tensor without a value belongs to a trace"

    def state() -> tuple[list[int], int, int]:
        added = sum(len(losses) for losses in trace.losses.values())
        return [id(value) for _, value in trace.writes], len(trace.effects), added

    before = state()
    found = function()
    if state() != before:
        raise UncoveredError(
            "cond computes both functions where the condition is not known yet, so neither may assign a variable or "
            "add a loss. Choose the value with where, and assign it afterwards."
        )
    return found


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """Return ``loop_vars`` after ``body`` was applied to them for as long as ``cond`` holds.

    A program gets as many copies of ``body`` as there were rounds, so what ``cond`` looks at has to be known.

    Args:
        cond: takes the loop variables, returns a truth value.
        body: takes them, returns the next ones.
        loop_vars: a list or tuple of values, or one.
        maximum_iterations: how many rounds at most.

    Raises:
        NoValueError: the truth value is a tensor of a trace.

    Example:
        >>> while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, 2 * x), (0, 1))
        (3, 8)
    """
    _inside("while_loop", loop_vars)
    several = isinstance(loop_vars, list | tuple)
    values = tuple(loop_vars) if several else (loop_vars,)
    rounds = 0
    while (maximum_iterations is None or rounds < maximum_iterations) and bool(cond(*values)):
        found = body(*values)
        values = tuple(found) if isinstance(found, list | tuple) else (found,)
        rounds += 1
    return values if several else values[0]


def fori_loop(lower: int, upper: int, body_fun: Callable[[int, Any], Any], init_val: Any) -> Any:
    """Return what becomes of ``init_val`` by ``value = body_fun(i, value)`` for each ``i`` from ``lower`` to ``upper``.

    ``upper`` itself is left out. A program gets a copy of ``body_fun`` for each round.

    Example:
        >>> fori_loop(1, 5, lambda i, value: value * i, 1)
        24
    """
    _inside("fori_loop", init_val)
    for i in range(int(lower), int(upper)):
        init_val = body_fun(i, init_val)
    return init_val


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: Any = 1,
) -> tuple[Any, Any]:
    """Return what is carried through ``carry, y = f(carry, x)`` over the entries of ``xs``, and every ``y``, stacked.

    Args:
        f: takes what is carried and an entry.
        init: what is carried first.
        xs: a tensor or nested ones, whose entries along the first axis are taken one by one; None for none.
        length: how many rounds, when ``xs`` does not say.
        reverse: begin with the last entry; the results stand in the order of the entries all the same.
        unroll: taken for Keras' sake; a program has a copy of ``f`` for each round.

    Raises:
        ArgumentError: neither ``xs`` nor ``length`` says how many rounds, or they disagree, or there are none.

    Example:
        >>> import numpy as np
        >>> carried, sums = scan(lambda total, x: (total + x, total + x), 0.0, np.array([1.0, 2.0, 3.0]))
        >>> float(carried), sums.tolist()
        (6.0, [1.0, 3.0, 6.0])
    """
    _inside("scan", init, xs)
    leaves, nesting = tree.flatten(xs)
    counts = {shape(leaf)[0] for leaf in leaves} | (set() if length is None else {int(length)})
    if len(counts) != 1 or 0 in counts:
        raise ArgumentError(f"scan expects one length from 1, got {sorted(counts) or 'none'}.")
    (count,) = counts
    results: list[Any] = [None] * count
    for i in range(count)[:: -1 if reverse else 1]:
        init, results[i] = f(init, tree.unflatten(nesting, [leaf[i] for leaf in leaves]))
    return init, _stacked(results)


def _stacked(results: list[Any]) -> Any:
    flat = [tree.flatten(result) for result in results]
    return tree.unflatten(flat[0][1], [stack(entries) for entries in zip(*(leaves for leaves, _ in flat), strict=True)])


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """Return ``f`` of each entry of ``xs`` along the first axis, stacked.

    A program has a copy of ``f`` for each entry: write what can be written for all entries at once so.

    Example:
        >>> import numpy as np
        >>> map(lambda row: np.sum(row), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [3.0, 7.0]
    """
    return scan(lambda carry, x: (carry, f(x)), None, xs)[1]


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """Return ``map(function, elements)``."""
    return map(function, elements)
