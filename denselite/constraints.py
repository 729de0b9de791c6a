"""Constraints: what a weight is set back to after every update."""

from __future__ import annotations

from typing import Annotated, Any

from denselite import config, ops
from denselite.declared import Declared, Fraction, NonNegative, Resolves, serialize
from denselite.registry import Registry

__all__ = [
    "Constrained", "Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm", "deserialize", "get", "max_norm",
    "min_max_norm", "non_neg", "serialize", "unit_norm",
]  # fmt: skip

constraints: Registry[Any] = Registry("constraint")

Axis = int | list[int] | tuple[int, ...]


@constraints.register()
class Constraint(Declared):
    """Base of all constraints: a callable ``(weight) -> weight`` in plain NumPy or ``denselite.ops``.

    It is traced once for each weight; a training step runs the NumPy calls that it made. The base
    itself leaves a weight as it is.

    Example:
        >>> class Symmetric(Constraint):
        ...     def __call__(self, w):
        ...         return (w + w.T) / 2
        >>> import numpy as np
        >>> Symmetric()(np.array([[1.0, 2.0], [4.0, 3.0]])).tolist()
        [[1.0, 3.0], [3.0, 3.0]]
    """

    _keras_module = "keras.constraints"

    def __call__(self, w: Any) -> Any:
        """Return what ``w`` is set to, in its shape."""
        return w


@constraints.register()
class MaxNorm(Constraint):
    """Weights are scaled down to the norm ``max_value`` where theirs is larger.

    ``w · min(‖w‖, max_value) / (epsilon + ‖w‖)``

    Args:
        max_value: the largest norm, 0 or more.
        axis: the axis or axes that a norm is taken along: 0 for the weights into each unit of a ``Dense``.

    Shapes:
        ``w``: any -> the same.

    Source: Srebro and Shraibman, 2005, "Rank, Trace-Norm and Max-Norm".

    Example:
        >>> import numpy as np
        >>> MaxNorm(1.0)(np.array([[3.0, 0.3], [4.0, 0.4]])).round(3).tolist()
        [[0.6, 0.3], [0.8, 0.4]]
    """

    max_value: NonNegative = 2
    axis: Axis = 0

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        return w * (ops.clip(norms, 0, self.max_value) / (norms + config.epsilon()))


@constraints.register()
class NonNeg(Constraint):
    """Weights below 0 are set to 0.

    Shapes:
        ``w``: any -> the same.

    Example:
        >>> import numpy as np
        >>> NonNeg()(np.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]
    """

    def __call__(self, w: Any) -> Any:
        return ops.maximum(w, 0)


@constraints.register()
class UnitNorm(Constraint):
    """Weights are scaled to the norm 1: ``w / (epsilon + ‖w‖)``.

    Args:
        axis: the axis or axes that a norm is taken along: 0 for the weights into each unit of a ``Dense``.

    Shapes:
        ``w``: any -> the same.

    Example:
        >>> import numpy as np
        >>> UnitNorm()(np.array([[3.0, 0.3], [4.0, 0.4]])).round(3).tolist()
        [[0.6, 0.6], [0.8, 0.8]]
    """

    axis: Axis = 0

    def __call__(self, w: Any) -> Any:
        return w / (_norms(w, self.axis) + config.epsilon())


@constraints.register()
class MinMaxNorm(Constraint):
    """Weights are scaled so that their norm comes to lie between two bounds.

    ``w · (rate · clip(‖w‖, min_value, max_value) + (1 - rate) · ‖w‖) / (epsilon + ‖w‖)``

    Args:
        min_value: the smallest norm, 0 or more.
        max_value: the largest norm, 0 or more.
        rate: how much of the way is gone at each update, 0 to 1.
        axis: the axis or axes that a norm is taken along: 0 for the weights into each unit of a ``Dense``.

    Shapes:
        ``w``: any -> the same.

    Example:
        >>> import numpy as np
        >>> MinMaxNorm(1.0, 4.0, rate=0.5)(np.array([[3.0, 0.3], [4.0, 0.4]])).round(3).tolist()
        [[2.7, 0.45], [3.6, 0.6]]
    """

    min_value: NonNegative = 0.0
    max_value: NonNegative = 1.0
    rate: Fraction = 1.0
    axis: Axis = 0

    def __call__(self, w: Any) -> Any:
        norms = _norms(w, self.axis)
        wanted = ops.clip(norms, self.min_value, self.max_value) * self.rate + norms * (1 - self.rate)
        return w * (wanted / (norms + config.epsilon()))


def _norms(w: Any, axis: Axis) -> Any:
    return ops.sqrt(ops.sum(ops.square(w), axis=axis, keepdims=True))


# Keras' lower-case names are the classes too.
max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm


def get(identifier: Any) -> Any:
    """Return a constraint for a name, a config, a class or a callable; None stays None.

    Raises:
        UnknownNameError: no constraint goes by that name.
        ArgumentError: ``identifier`` is none of these.

    Example:
        >>> get("max_norm")
        MaxNorm()
    """
    return constraints.get(identifier)


def deserialize(config: dict[str, Any]) -> Any:
    """Return the constraint that ``serialize`` described in ``config``."""
    return get(config)


Constrained = Annotated[Any, Resolves(get)]  # the type of a declared field
