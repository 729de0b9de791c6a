"""Activation functions: what a layer does to each of its sums.

They are plain functions on arrays and tensors, written in operations, so their gradients follow;
where a function has a kink the gradient there is the one Keras has (on JAX).
"""

from __future__ import annotations

from typing import Annotated, Any

from denselite import ops
from denselite.declared import Resolves, serialize
from denselite.ops.activation import (
    celu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    relu6,
    selu,
    silu,
    soft_shrink,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
    tanh_shrink,
    threshold,
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
    celu, elu, glu, hard_shrink, hard_sigmoid, hard_tanh, leaky_relu, log_sigmoid, log_softmax, relu6, selu, sigmoid,
    soft_shrink, softmax, softplus, softsign, sparse_plus, sparse_sigmoid, sparsemax, squareplus, tanh_shrink,
    threshold,
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
        >>> import numpy as np
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


def get(identifier: Any) -> Any:
    """Return an activation for a name, a config or a callable; None means linear.

    Raises:
        UnknownNameError: no activation goes by that name.
        UncoveredError: Keras has it, denselite does not.
        ArgumentError: ``identifier`` is none of these.

    Example:
        >>> import numpy as np
        >>> get("relu")(np.array([-1.0, 1.0])).tolist()
        [0.0, 1.0]
    """
    return linear if identifier is None else activations.get(identifier)


def deserialize(config: Any) -> Any:
    """Return the activation that ``serialize`` described in ``config``."""
    return get(config)


Activation = Annotated[Any, Resolves(get)]  # the type of a declared field
