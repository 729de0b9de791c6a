"""Binary crossentropy from logits, as one operation: exact where its parts would cancel or overflow."""

from __future__ import annotations

from typing import Any

import numpy as np

from denselite.ops.nn import sigmoid
from denselite.ops.op import Array, Op, Run, Spec, public, scalar

__all__ = ["sigmoid_crossentropy"]


def _infer(target: Any, logits: Any) -> Spec:
    return np.broadcast_shapes(target.shape, logits.shape), np.result_type(target.dtype, logits.dtype)


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


@public
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
