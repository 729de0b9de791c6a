"""Activation functions made of other operations: what a plan runs is written out here."""

from __future__ import annotations

from math import pi
from math import sqrt as root
from typing import Any

import numpy as np

from denselite.errors import ShapeError
from denselite.ops.elementwise import absolute, clip, expm1, maximum, minimum, sqrt, square, tanh
from denselite.ops.erf import erf
from denselite.ops.joining import split
from denselite.ops.logic import greater, greater_equal, less, less_equal, where
from denselite.ops.nn import elu, relu, sigmoid, softplus
from denselite.ops.op import as_float, public
from denselite.tensor.variable import Variable

__all__ = [
    "celu", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu",
    "log_sigmoid", "relu6", "selu", "silu", "soft_shrink", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus",
    "swish", "tanh_shrink", "threshold",
]  # fmt: skip

# Klambauer et al., 2017, "Self-Normalizing Neural Networks": the fixed point of mean 0 and variance 1.
_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def _read(x: Any) -> Any:
    """Return ``x`` with a dtype: a ``Variable`` by its value, Python numbers as an array."""
    x = x.value if isinstance(x, Variable) else x
    return x if hasattr(x, "dtype") else np.asarray(x)


@public
def relu6(x: Any) -> Any:
    """Return ``min(max(x, 0), 6)``.

    Example:
        >>> relu6(np.array([-1.0, 3.0, 9.0])).tolist()
        [0.0, 3.0, 6.0]
    """
    return where(less(x, 6.0), relu(x), 6.0)  # a clip would give half a gradient on both edges, Keras gives none


@public
def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """Return ``x`` where it is not negative and ``negative_slope * x`` where it is.

    Example:
        >>> leaky_relu(np.array([-1.0, 2.0])).tolist()
        [-0.2, 2.0]
    """
    x = _read(x)
    one = np.asarray(1.0, as_float(x.dtype))
    return x * where(greater_equal(x, 0), one, negative_slope)  # the slope is its own gradient


@public
def selu(x: Any) -> Any:
    """Return ``1.0507 * elu(x, 1.6733)``, which keeps mean 0 and variance 1 through a deep net.

    Source:
        Klambauer et al., 2017, "Self-Normalizing Neural Networks".
    """
    return elu(x, _SELU_ALPHA) * _SELU_SCALE


@public
def silu(x: Any) -> Any:
    """Return ``x * sigmoid(x)``, also called swish.

    Source:
        Elfwing et al., 2018, "Sigmoid-Weighted Linear Units for Neural Network Function Approximation in
        Reinforcement Learning".

    Example:
        >>> silu(np.array([0.0])).tolist()
        [0.0]
    """
    x = _read(x)
    return x * sigmoid(x)


@public
def softsign(x: Any) -> Any:
    """Return ``x / (1 + |x|)``.

    Example:
        >>> softsign(np.array([-1.0, 3.0])).tolist()
        [-0.5, 0.75]
    """
    x = _read(x)
    return x / (absolute(x) + 1.0)


@public
def log_sigmoid(x: Any) -> Any:
    """Return ``log(sigmoid(x))``, finite for every finite ``x``.

    Example:
        >>> log_sigmoid(np.array([-1000.0])).tolist()
        [-1000.0]
    """
    return -softplus(-_read(x))


@public
def hard_sigmoid(x: Any) -> Any:
    """Return ``relu6(x + 3) / 6``, a sigmoid of three straight lines.

    Example:
        >>> hard_sigmoid(np.array([-3.0, 0.0, 3.0])).tolist()
        [0.0, 0.5, 1.0]
    """
    return relu6(_read(x) + 3.0) / 6.0


@public
def hard_silu(x: Any) -> Any:
    """Return ``x * hard_sigmoid(x)``, also called hard swish."""
    x = _read(x)
    return x * hard_sigmoid(x)


@public
def sparse_plus(x: Any) -> Any:
    """Return 0 up to -1, ``x`` from 1 on, and the parabola ``(x + 1)² / 4`` between: a softplus that ends.

    Example:
        >>> sparse_plus(np.array([-2.0, 0.0, 3.0])).tolist()
        [0.0, 0.25, 3.0]
    """
    x = _read(x)
    return where(less_equal(x, -1.0), 0.0, where(greater_equal(x, 1.0), x, square(x + 1.0) * 0.25))


@public
def sparse_sigmoid(x: Any) -> Any:
    """Return ``(x + 1) / 2`` limited to [0, 1].

    Example:
        >>> sparse_sigmoid(np.array([-2.0, 0.0, 0.5])).tolist()
        [0.0, 0.5, 0.75]
    """
    return clip(_read(x) + 1.0, 0.0, 2.0) * 0.5


@public
def gelu(x: Any, approximate: bool = True) -> Any:
    """Return ``x`` times the normal distribution's cumulative function at ``x``.

    Args:
        x: a tensor.
        approximate: by way of a hyperbolic tangent (off by at most 5e-4); by ``erf`` when False.

    Source:
        Hendrycks and Gimpel, 2016, "Gaussian Error Linear Units".

    Example:
        >>> gelu(np.array([0.0])).tolist()
        [0.0]
    """
    x = _read(x)
    if approximate:
        return x * 0.5 * (tanh((x + x * x * x * 0.044715) * root(2.0 / pi)) + 1.0)
    return x * 0.5 * (erf(x * root(0.5)) + 1.0)


@public
def celu(x: Any, alpha: float = 1.0) -> Any:
    """Return ``max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)``, smooth at 0 for every ``alpha``.

    Source:
        Barron, 2017, "Continuously Differentiable Exponential Linear Units".
    """
    return maximum(x, 0.0) + alpha * expm1(minimum(x, 0.0) / alpha)


@public
def hard_tanh(x: Any) -> Any:
    """Return ``min(max(x, -1), 1)``; the gradient at both ends is 1."""
    return where(greater(x, 1.0), 1.0, where(less(x, -1.0), -1.0, x))


@public
def tanh_shrink(x: Any) -> Any:
    """Return ``x - tanh(x)``."""
    return x - tanh(x)


@public
def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """Return ``x`` where it exceeds ``threshold`` and ``default_value`` elsewhere."""
    return where(greater(x, threshold), x, default_value)


@public
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Return ``x`` where ``|x|`` exceeds ``threshold`` and 0 elsewhere."""
    return where(greater(absolute(x), threshold), x, 0.0)


@public
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Return ``x`` moved towards 0 by ``threshold``, 0 where ``|x|`` does not exceed it."""
    beyond = where(less(x, -threshold), x + threshold, 0.0)
    return where(greater(x, threshold), x - threshold, beyond)


@public
def squareplus(x: Any, b: float = 4.0) -> Any:
    """Return ``(x + sqrt(x² + b)) / 2``.

    Source:
        Barron, 2021, "Squareplus: A Softplus-Like Algebraic Rectifier".
    """
    return 0.5 * (x + sqrt(square(x) + b))


@public
def glu(x: Any, axis: int = -1) -> Any:
    """Return ``a * sigmoid(b)``, where ``a`` is the first half of ``x`` along ``axis`` and ``b`` the second.

    Raises:
        ShapeError: the axis has odd size.

    Source:
        Dauphin et al., 2017, "Language Modeling with Gated Convolutional Networks".

    Example:
        >>> glu(np.array([3.0, 0.0])).tolist()
        [1.5]
    """
    if np.shape(x)[axis] % 2:
        raise ShapeError(f"glu halves axis {axis}, so its size must be even, got shape {np.shape(x)}.")
    values, gate = split(x, 2, axis)
    return values * sigmoid(gate)


swish, hard_swish = silu, hard_silu
