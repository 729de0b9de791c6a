"""Layers that bend at 0 as their arguments say: ``ReLU``, ``LeakyReLU`` and ``ELU``."""

from __future__ import annotations

from typing import Any, ClassVar

from denselite import activations
from denselite.declared import NonNegative
from denselite.layers.single import Single

__all__ = ["ELU", "LeakyReLU", "ReLU"]


class ReLU(Single):
    """``max(x, 0)``, or with arguments: a ceiling, a slope below the threshold, a threshold other than 0.

    ``max_value`` where ``x >= max_value``, ``x`` from ``threshold`` up to there, and
    ``negative_slope * (x - threshold)`` below.

    Args:
        max_value: largest output, 0 or more; None for no limit.
        negative_slope: slope below the threshold, 0 or more.
        threshold: where the function leaves its slope, 0 or more.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: an argument is negative.

    Example:
        >>> import numpy as np
        >>> ReLU(6.0, negative_slope=0.5)(np.array([[-1.0, 2.0, 8.0]], "float32")).tolist()
        [[-0.5, 2.0, 6.0]]
    """

    _built_at_init = True
    supports_masking = True

    max_value: NonNegative | None = None
    negative_slope: NonNegative = 0.0
    threshold: NonNegative = 0.0

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(Single):
    """``x`` where it is not negative and ``negative_slope * x`` where it is.

    Args:
        negative_slope: 0 or more. Its former name ``alpha`` is taken with a warning.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: ``negative_slope`` is negative.

    Source:
        Maas et al., 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models". The slope of the
        layer is 0.3 by default, that of the activation function 0.2.

    Example:
        >>> import numpy as np
        >>> LeakyReLU(0.5)(np.array([[-1.0, 2.0]], "float32")).tolist()
        [[-0.5, 2.0]]
    """

    _built_at_init = True
    _former: ClassVar[dict[str, str]] = {"alpha": "negative_slope"}
    supports_masking = True

    negative_slope: NonNegative = 0.3

    def call(self, inputs: Any) -> Any:
        return activations.leaky_relu(inputs, self.negative_slope)


class ELU(Single):
    """``x`` where it is positive and ``alpha * (exp(x) - 1)`` where it is not.

    Args:
        alpha: minus the limit at minus infinity.

    Shapes:
        any -> the same.

    Source: Clevert et al., 2016, "Fast and Accurate Deep Network Learning by Exponential Linear Units".

    Example:
        >>> import numpy as np
        >>> ELU(2.0)(np.array([[-np.inf, 2.0]], "float32")).tolist()
        [[-2.0, 2.0]]
    """

    _built_at_init = True
    supports_masking = True

    alpha: float = 1.0

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, self.alpha)
