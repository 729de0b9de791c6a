"""What crossentropies are made of: the binary one from logits, and picking the class of each row."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.indexing import take
from denselite.ops.nn import sigmoid
from denselite.ops.op import Array, Op, Run, Spec, scalar
from denselite.ops.shaping import reshape
from denselite.tensor.dtypes import joint_dtype

__all__ = ["pick_class", "sigmoid_crossentropy"]


def _infer(target: Any, logits: Any) -> Spec:
    return np.broadcast_shapes(target.shape, logits.shape), joint_dtype(target.dtype, logits.dtype)


def _kernel(run: Run, out: Array, target: Array, logits: Array, tail: Array) -> None:
    """``max(x, 0) - t·x`` cancels exactly for a right answer; what remains is ``log(1 + exp(-|x|))``."""
    run(np.multiply, target, logits, tail)
    run(np.maximum, logits, scalar(0, out), out=out)
    run(np.subtract, out, tail, out)
    run(np.absolute, logits, tail)
    run(np.negative, tail, tail)
    run(np.exp, tail, tail)
    run(np.log1p, tail, tail)
    run(np.add, out, tail, out)


_sigmoid_crossentropy = Op(
    "sigmoid_crossentropy",
    _infer,
    _kernel,
    vjp=lambda g, out, t, x: (-(g * x), g * (sigmoid(x) - t)),
    reads=("0", "1"),
    scratch=lambda t, x: [_infer(t, x)],
    flops=lambda out, t, x: 8 * out.size,
    sample=lambda rng: ([rng.random((3, 4)), rng.normal(size=(3, 4))], {}),
)


def sigmoid_crossentropy(target: Any, logits: Any) -> Any:
    """Return ``-t·log(sigmoid(x)) - (1 - t)·log(1 - sigmoid(x))``, elementwise.

    Finite and exact to rounding for every finite logit.

    Args:
        target: probabilities ``t`` in [0, 1].
        logits: any numbers ``x``.

    Shapes:
        both broadcast to the shape of the result.

    Example:
        >>> sigmoid_crossentropy(np.array([1.0, 0.0]), np.array([1e4, 1e4])).tolist()
        [0.0, 10000.0]
    """
    return _sigmoid_crossentropy(target, logits)


def _places_kernel(run: Run, out: Array, labels: Array, *, classes: int) -> None:
    starts = np.arange(labels.size, dtype=np.intp).reshape(labels.shape) * classes
    run(np.add, labels, starts, out, dtype=np.intp, casting="unsafe")


_places = Op(
    "class_places",
    infer=lambda labels, *, classes: (labels.shape, np.dtype(np.intp)),
    kernel=_places_kernel,
    sample=lambda rng: ([rng.integers(0, 5, 3)], {"classes": 5}),
)


def pick_class(x: Any, labels: Any) -> Any:
    """Return the entry of each row of ``x`` that its label names; its place serves the gradient as well.

    Args:
        x: a row of numbers for each label.
        labels: whole numbers from 0 to ``classes - 1``, of any dtype. What is out of range is not noticed.

    Shapes:
        ``x: (..., classes)``, ``labels: (...)`` -> ``(...)``.

    Example:
        >>> pick_class(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 0])).tolist()
        [2.0, 3.0]
    """
    *rows, classes = np.shape(x)
    places = _places(reshape(labels, (-1,)), classes=classes)
    return reshape(take(reshape(x, (-1,)), places, axis=0), tuple(rows))
