"""Regularizers: a penalty on a weight, or on a layer's output, that is added to the loss."""

from __future__ import annotations

from math import inf
from typing import Annotated, Any, Literal

import numpy as np

from denselite import ops
from denselite.declared import Declared, Interval, Resolves, serialize
from denselite.errors import ShapeError, StateError
from denselite.registry import Registry

__all__ = [
    "L1", "L1L2", "L2", "OrthogonalRegularizer", "Regularized", "Regularizer", "deserialize", "get", "l1", "l1_l2",
    "l2", "orthogonal_regularizer", "serialize",
]  # fmt: skip

regularizers: Registry[Any] = Registry("regularizer")

Factor = Annotated[float, Interval(ge=0, lt=inf)]


class Regularizer(Declared):
    """Base of all regularizers: a callable ``(tensor) -> scalar``.

    Example:
        >>> class Largest(Regularizer):
        ...     def __call__(self, x):
        ...         return np.max(np.abs(x))
        >>> float(Largest()(np.array([1.0, -3.0])))
        3.0
    """

    _keras_module = "keras.regularizers"
    _trailing_positional = True

    def __call__(self, x: Any) -> Any:
        """Return the penalty on ``x``, a scalar."""
        raise StateError(f"{type(self).__name__} has no __call__(x): a regularizer says its penalty there.")


@regularizers.register()
class L1(Regularizer):
    """``l1 * sum(|x|)``, which draws weights to exactly 0.

    Args:
        l1: factor, 0 or more.

    Example:
        >>> float(L1(0.5)(np.array([1.0, -3.0])))
        2.0
    """

    l1: Factor = 0.01

    def __call__(self, x: Any) -> Any:
        return ops.sum(ops.absolute(x)) * self.l1


@regularizers.register()
class L2(Regularizer):
    """``l2 * sum(x²)``, without the ½ that some write.

    Args:
        l2: factor, 0 or more.

    Example:
        >>> float(L2(0.5)(np.array([1.0, -3.0])))
        5.0
    """

    l2: Factor = 0.01

    def __call__(self, x: Any) -> Any:
        return ops.sum(ops.square(x)) * self.l2


@regularizers.register()
class L1L2(Regularizer):
    """``l1 * sum(|x|) + l2 * sum(x²)``.

    Args:
        l1: factor of the first term, 0 or more.
        l2: factor of the second term, 0 or more.

    Example:
        >>> float(L1L2(0.5, 0.5)(np.array([1.0, -3.0])))
        7.0
    """

    l1: Factor = 0.0
    l2: Factor = 0.0

    def __call__(self, x: Any) -> Any:
        terms = [part(x) for part, factor in ((L1(self.l1), self.l1), (L2(self.l2), self.l2)) if factor]
        return sum(terms[1:], terms[0]) if terms else np.zeros((), x.dtype)


@regularizers.register()
class OrthogonalRegularizer(Regularizer):
    """``factor`` times the mean of the absolute cosines between different rows (or columns) of a matrix.

    Args:
        factor: 0 or more.
        mode: ``"rows"`` or ``"columns"``.

    Raises:
        ShapeError: (when called) the weight is not a matrix.

    Example:
        >>> float(OrthogonalRegularizer(1.0)(np.array([[2.0, 0.0], [3.0, 0.0]])))
        1.0
    """

    factor: Factor = 0.01
    mode: Literal["rows", "columns"] = "rows"

    def __call__(self, x: Any) -> Any:
        if np.ndim(x) != 2:
            raise ShapeError(f"OrthogonalRegularizer is for matrices, got shape {np.shape(x)}.")
        rows = x if self.mode == "rows" else ops.transpose(x)
        count = np.shape(rows)[0]
        units = ops.normalize(rows)
        cosines = ops.absolute(ops.matmul(units, ops.transpose(units)))
        others = np.asarray(1.0 - np.eye(count), x.dtype)
        return ops.sum(cosines * others) * (self.factor / max(1, count * (count - 1)))


# Keras' lower-case names are the classes too.
l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer


def get(identifier: Any) -> Any:
    """Return a regularizer for a name, a config, a class or a callable; None stays None.

    Raises:
        UnknownNameError: no regularizer goes by that name.
        ArgumentError: ``identifier`` is none of these.

    Example:
        >>> get("l2")
        L2()
    """
    return regularizers.get(identifier)


def deserialize(config: dict[str, Any]) -> Any:
    """Return the regularizer that ``serialize`` described in ``config``."""
    return get(config)


Regularized = Annotated[Any, Resolves(get)]  # the type of a declared field
