"""Crossentropies without a mean, and what they are made of: the binary one from logits, the class of each row."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.config import epsilon
from denselite.errors import ShapeError
from denselite.ops.apart import broadcast
from denselite.ops.elementwise import clip, log
from denselite.ops.indexing import one_hot, take
from denselite.ops.nn import log_softmax, sigmoid
from denselite.ops.op import Array, Op, Run, Spec, public, scalar
from denselite.ops.reduction import sum as sum_over
from denselite.ops.shaping import reshape, squeeze
from denselite.tensor.dtypes import joint_dtype

__all__ = [
    "binary_crossentropy", "binary_terms", "categorical_crossentropy", "clipped", "pick_class", "shares",
    "sigmoid_crossentropy", "sparse_categorical_crossentropy",
]  # fmt: skip


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
    apart=broadcast,
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


def clipped(p: Any) -> Any:
    """Return probabilities that are neither 0 nor 1, so that logarithms are finite."""
    return clip(p, epsilon(), 1.0 - epsilon())


def binary_terms(t: Any, p: Any) -> Any:
    """Return ``-t·log(p) - (1 - t)·log(1 - p)``, elementwise, of clipped probabilities."""
    p = clipped(p)
    return (t - 1.0) * log(1.0 - p) - t * log(p)


def shares(p: Any, axis: int) -> Any:
    """Return ``p`` divided by its sum over ``axis``, and clipped."""
    return clipped(p / sum_over(p, axis, keepdims=True))


def _log_shares(output: Any, from_logits: bool, axis: int) -> Any:
    return log_softmax(output, axis) if from_logits else log(shares(output, axis))


def _expect_shape(who: str, target: Any, wanted: tuple[int, ...]) -> None:
    if tuple(np.shape(target)) != tuple(wanted):
        raise ShapeError(f"{who} expects a target of shape {tuple(wanted)}, got {tuple(np.shape(target))}.")


@public
def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Return ``-t·log(p) - (1 - t)·log(1 - p)``, elementwise; ``losses.binary_crossentropy`` averages it.

    Args:
        target: probabilities ``t`` in [0, 1].
        output: probabilities ``p``, which are clipped, or logits.
        from_logits: whether ``output`` are logits, of which ``p`` is the sigmoid.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> binary_crossentropy(np.array([1.0]), np.array([0.0]), from_logits=True).round(4).tolist()
        [0.6931]
    """
    _expect_shape("binary_crossentropy", target, np.shape(output))
    return sigmoid_crossentropy(target, output) if from_logits else binary_terms(target, output)


@public
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Return ``-sum(t·log(p))`` over ``axis``.

    Args:
        target: probabilities ``t`` of the classes.
        output: numbers whose shares of their sum are ``p``, or logits.
        from_logits: whether ``output`` are logits, of which ``p`` is the softmax.
        axis: the axis of the classes.

    Raises:
        ShapeError: the shapes differ.
    """
    _expect_shape("categorical_crossentropy", target, np.shape(output))
    return -sum_over(target * _log_shares(output, from_logits, axis), axis)


@public
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Return ``-log(p[class])``, and 0 for a class that does not exist.

    Args:
        target: classes, integers from 0.
        output: numbers whose shares of their sum are ``p``, or logits.
        from_logits: whether ``output`` are logits, of which ``p`` is the softmax.
        axis: the axis of the classes; the last one.

    Raises:
        ShapeError: the shapes do not fit.
    """
    if np.ndim(target) == np.ndim(output) and np.shape(target)[-1] == 1:
        target = squeeze(target, -1)
    _expect_shape("sparse_categorical_crossentropy", target, np.shape(output)[:-1])
    logs = _log_shares(output, from_logits, axis)
    return -sum_over(one_hot(target, np.shape(output)[axis], logs.dtype) * logs, axis)
