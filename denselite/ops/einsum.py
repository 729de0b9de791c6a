"""``einsum``: every product of tensors, lowered to transposes, reshapes and one matrix product a pair."""

from __future__ import annotations

from collections import Counter
from math import prod
from typing import Any

import numpy as np

from denselite.errors import ArgumentError, ShapeError
from denselite.ops.elementwise import multiply
from denselite.ops.linalg import matmul
from denselite.ops.op import public
from denselite.ops.reduction import sum as sum_over
from denselite.ops.shaping import reshape, transpose
from denselite.tensor.dispatch import covers

__all__ = ["einsum"]


@covers(np.einsum)
@public
def einsum(subscripts: str, *operands: Any) -> Any:
    """Return the sum of products that Einstein's notation names.

    Args:
        subscripts: letters for the axes of each operand, and of the result behind ``->``; without it
            the letters that appear once, in alphabetical order.
        operands: one tensor for each comma-separated term, contracted from left to right.

    Raises:
        ArgumentError: the notation is malformed, or needs what is not here: a repeated letter in one
            term (a diagonal) or an ellipsis.
        ShapeError: an operand has another number of axes, or a letter two sizes.

    Example:
        >>> einsum("ij,jk->ik", np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])).tolist()
        [[11.0]]
        >>> einsum("ij->j", np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [4.0, 6.0]
    """
    terms, result = _parse(subscripts, len(operands))
    sizes = _sizes(subscripts, terms, operands)
    term, value = terms[0], operands[0]
    for k in range(1, len(terms)):
        needed = set(result).union(*terms[k + 1 :])
        term, value = _pair(term, value, terms[k], operands[k], needed, sizes)
    value, term = _keep(value, term, set(result))
    return transpose(value, [term.index(letter) for letter in result])


def _parse(subscripts: str, count: int) -> tuple[list[str], str]:
    left, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    letters = Counter("".join(terms))
    if not arrow:
        result = "".join(sorted(letter for letter, times in letters.items() if times == 1))
    problem = None
    if not all(letter.isalpha() for letter in [*letters, *result]):
        problem = "takes letters, ',' and '->' only; write an ellipsis out"
    elif len(terms) != count:
        problem = f"names {len(terms)} operands, got {count}"
    elif any(len(set(term)) < len(term) for term in terms):
        problem = "repeats a letter in one term; diagonals are not here"
    elif len(set(result)) < len(result) or not set(result) <= set(letters):
        problem = "has a result whose letters are not each once and from the operands"
    if problem:
        raise ArgumentError(f"einsum({subscripts!r}) {problem}.")
    return terms, result


def _sizes(subscripts: str, terms: list[str], operands: tuple[Any, ...]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for term, operand in zip(terms, operands, strict=True):
        shape = tuple(np.shape(operand))
        if len(shape) != len(term):
            raise ShapeError(f"einsum({subscripts!r}) expects {len(term)} axes for {term!r}, got shape {shape}.")
        for letter, size in zip(term, shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                raise ShapeError(f"einsum({subscripts!r}) got two sizes for {letter!r}: {sizes[letter]} and {size}.")
    return sizes


def _keep(value: Any, term: str, needed: set[str]) -> tuple[Any, str]:
    """Sum over the axes that nobody needs."""
    gone = [i for i, letter in enumerate(term) if letter not in needed]
    kept = "".join(letter for letter in term if letter in needed)
    return (sum_over(value, gone) if gone else value), kept


def _pair(a: str, x: Any, b: str, y: Any, needed: set[str], sizes: dict[str, int]) -> tuple[str, Any]:
    """Contract two operands: axes in both and in the result are a batch, in both only are summed over."""
    x, a = _keep(x, a, needed | set(b))
    y, b = _keep(y, b, needed | set(a))
    batch = [letter for letter in a if letter in b and letter in needed]
    summed = [letter for letter in a if letter in b and letter not in needed]
    rows = [letter for letter in a if letter not in b]
    columns = [letter for letter in b if letter not in a]
    x = transpose(x, [a.index(letter) for letter in [*batch, *rows, *summed]])
    y = transpose(y, [b.index(letter) for letter in [*batch, *summed, *columns]])

    def size(letters: list[str]) -> tuple[int, ...]:
        return tuple(sizes[letter] for letter in letters)

    if summed:
        x = reshape(x, (*size(batch), prod(size(rows)), prod(size(summed))))
        y = reshape(y, (*size(batch), prod(size(summed)), prod(size(columns))))
        value = reshape(matmul(x, y), size([*batch, *rows, *columns]))
    else:
        x = reshape(x, (*size([*batch, *rows]), *(1,) * len(columns)))
        y = reshape(y, (*size(batch), *(1,) * len(rows), *size(columns)))
        value = multiply(x, y)
    return "".join([*batch, *rows, *columns]), value
