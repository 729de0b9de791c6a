"""Layers that return their input: ``Identity``, and ``ActivityRegularization``, which puts a price on it."""

from __future__ import annotations

from typing import Any

from denselite.declared import NonNegative
from denselite.errors import ArgumentError
from denselite.layers.single import Single
from denselite.regularizers import L1L2

__all__ = ["ActivityRegularization", "Identity"]


class Identity(Single):
    """Return the input, for a place where some models have a layer and others have none.

    Shapes:
        any -> the same.

    Example:
        >>> import numpy as np
        >>> Identity()(np.array([[1.0, 2.0]], "float32")).tolist()
        [[1.0, 2.0]]
    """

    _built_at_init = True
    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs


class ActivityRegularization(Identity):
    """Return the input and add ``(l1 * sum(|x|) + l2 * sum(x²)) / batch size`` to the loss.

    Args:
        l1: factor of the first term, 0 or more.
        l2: factor of the second term, 0 or more.

    Shapes:
        any -> the same.

    Raises:
        ArgumentError: a factor is negative, or an ``activity_regularizer`` is given besides.

    Example:
        >>> import numpy as np
        >>> ActivityRegularization(l2=0.1)(np.array([[1.0, 2.0]], "float32")).tolist()
        [[1.0, 2.0]]
    """

    l1: NonNegative = 0.0
    l2: NonNegative = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.activity_regularizer is not None:
            raise ArgumentError(
                f"ActivityRegularization {self.name!r} has a penalty of its own, got "
                f"activity_regularizer={self.activity_regularizer!r} too. Give that one to the layer before it."
            )
        self.activity_regularizer = L1L2(self.l1, self.l2)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["activity_regularizer"]  # it follows from the two factors
        return config
