"""Activation functions: what a layer does to each of its sums.

They are plain functions on arrays and tensors, written in operations, so their gradients follow;
where a function has a kink the gradient there is the one Keras has (on JAX).
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from denselite import ops
from denselite.declared import Resolves, serialize
from denselite.errors import ShapeError
from denselite.ops.activation import (
    hard_sigmoid,
    hard_silu,
    leaky_relu,
    log_sigmoid,
    relu6,
    selu,
    silu,
    softsign,
    sparse_plus,
    sparse_sigmoid,
)
from denselite.ops.nn import elu, log_softmax, sigmoid, softmax, softplus
from denselite.ops.sparsemax import sparsemax
from denselite.registry import Registry

__all__ = [
    "Activation", "celu", "deserialize", "elu", "exponential", "gelu", "get", "glu", "hard_shrink", "hard_sigmoid",
    "hard_silu", "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu",
    "relu6", "selu", "serialize", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus",
    "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh", "tanh_shrink", "threshold",
]  # fmt: skip

activations: Registry[Any] = Registry("activation")


for _function in (
    elu, hard_sigmoid, leaky_relu, log_sigmoid, log_softmax, relu6, selu, sigmoid, softmax, softplus, softsign,
    sparse_plus, sparse_sigmoid, sparsemax,
):  # fmt: skip
    activations.add(_function)
swish = activations.add(silu, "swish")
hard_swish = activations.add(hard_silu, "hard_swish")


@activations.add
def linear(x: Any) -> Any:
    """Return ``x``."""
    return x


@activations.add
def relu(x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """Return ``max(x, 0)``, or with options: ``x`` above the threshold, a slope below it, a ceiling.

    Args:
        x: a tensor.
        negative_slope: slope below the threshold.
        max_value: largest value returned; None for no limit.
        threshold: value below which ``x`` counts as negative.

    Example:
        >>> relu(np.array([-2.0, 1.0, 9.0]), max_value=6.0).tolist()
        [0.0, 1.0, 6.0]
    """
    if negative_slope and max_value is None and not threshold:
        return leaky_relu(x, negative_slope)
    if threshold:
        positive = ops.where(ops.greater(x, threshold), x, 0.0)
    elif max_value == 6:
        positive, max_value = relu6(x), None
    else:
        positive = ops.relu(x)
    if max_value is not None:
        positive = ops.clip(positive, 0.0, max_value)
    return positive - negative_slope * ops.relu(threshold - x) if negative_slope else positive


@activations.add
def celu(x: Any, alpha: float = 1.0) -> Any:
    """Return ``max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)``, smooth at 0 for every ``alpha``.

    Source:
        Barron, 2017, "Continuously Differentiable Exponential Linear Units".
    """
    return ops.maximum(x, 0.0) + alpha * ops.expm1(ops.minimum(x, 0.0) / alpha)


@activations.add
def tanh(x: Any) -> Any:
    """Return ``(exp(x) - exp(-x)) / (exp(x) + exp(-x))``, the hyperbolic tangent."""
    return ops.tanh(x)


@activations.add
def exponential(x: Any) -> Any:
    """Return ``exp(x)``."""
    return ops.exp(x)


@activations.add
def gelu(x: Any, approximate: bool = False) -> Any:
    """Return ``x * Φ(x)``, with Φ the distribution function of the standard normal.

    Args:
        x: a tensor.
        approximate: use Φ's approximation by ``tanh``.

    Source:
        Hendrycks and Gimpel, 2016, "Gaussian Error Linear Units". Keras' default differs from ``ops.gelu``'s.
    """
    return ops.gelu(x, approximate)


@activations.add
def mish(x: Any) -> Any:
    """Return ``x * tanh(softplus(x))``.

    Source:
        Misra, 2019, "Mish: A Self Regularized Non-Monotonic Activation Function".
    """
    return x * ops.tanh(softplus(x))


@activations.add
def hard_tanh(x: Any) -> Any:
    """Return ``min(max(x, -1), 1)``; the gradient at both ends is 1."""
    return ops.where(ops.greater(x, 1.0), 1.0, ops.where(ops.less(x, -1.0), -1.0, x))


@activations.add
def tanh_shrink(x: Any) -> Any:
    """Return ``x - tanh(x)``."""
    return x - ops.tanh(x)


@activations.add
def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """Return ``x`` where it exceeds ``threshold`` and ``default_value`` elsewhere."""
    return ops.where(ops.greater(x, threshold), x, default_value)


@activations.add
def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Return ``x`` where ``|x|`` exceeds ``threshold`` and 0 elsewhere."""
    return ops.where(ops.greater(ops.absolute(x), threshold), x, 0.0)


@activations.add
def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """Return ``x`` moved towards 0 by ``threshold``, 0 where ``|x|`` does not exceed it."""
    beyond = ops.where(ops.less(x, -threshold), x + threshold, 0.0)
    return ops.where(ops.greater(x, threshold), x - threshold, beyond)


@activations.add
def squareplus(x: Any, b: float = 4.0) -> Any:
    """Return ``(x + sqrt(x² + b)) / 2``.

    Source:
        Barron, 2021, "Squareplus: A Softplus-Like Algebraic Rectifier".
    """
    return 0.5 * (x + ops.sqrt(ops.square(x) + b))


@activations.add
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
    values, gate = ops.split(x, 2, axis)
    return values * sigmoid(gate)


def get(identifier: Any) -> Any:
    """Return an activation for a name, a config or a callable; None means linear.

    Raises:
        UnknownNameError: no activation goes by that name.
        UncoveredError: Keras has it, denselite does not.
        ArgumentError: ``identifier`` is none of these.

    Example:
        >>> get("relu")(np.array([-1.0, 1.0])).tolist()
        [0.0, 1.0]
    """
    return linear if identifier is None else activations.get(identifier)


def deserialize(config: Any) -> Any:
    """Return the activation that ``serialize`` described in ``config``."""
    return get(config)


Activation = Annotated[Any, Resolves(get)]  # the type of a declared field
