"""``Ftrl``: weights that follow anew from all gradients so far, many of them exactly 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from denselite.declared import Interval, NonNegative
from denselite.optimizers.optimizer import Optimizer, Rate, Slot

__all__ = ["Ftrl"]


class Ftrl(Optimizer):
    """Follow the regularized leader: the weights are 0 until the gradients say otherwise.

    With ``p = -learning_rate_power`` and ``a' = a + g²``:
    ``z ← z + g + 2·l2_shrinkage·w - (a'ᵖ - aᵖ)/lr · w``, ``a ← a'``,
    ``w ← (clip(z, -l1, l1) - z) / ((aᵖ + beta)/lr + 2·l2)``.

    The first update replaces what the weights were before.

    Args:
        learning_rate: a number > 0, a schedule, or a callable without arguments.
        learning_rate_power: how the step shrinks as ``a`` grows, 0 or less; at 0 it does not.
        initial_accumulator_value: what ``a`` starts from, 0 or more.
        l1_regularization_strength: weights with less than this in ``z`` are 0; 0 or more.
        l2_regularization_strength: draws weights towards 0; 0 or more.
        l2_shrinkage_regularization_strength: the same by way of the gradient; 0 or more.
        beta: added to ``aᵖ``, 0 or more.

    Source: McMahan et al., 2013, "Ad Click Prediction: a View from the Trenches", algorithm 1.

    Example:
        >>> Ftrl().get_config()["learning_rate_power"]
        -0.5
    """

    interleaved = ("accumulator", "linear")
    learning_rate: Rate = 0.001
    learning_rate_power: Annotated[float, Interval(le=0)] = -0.5
    initial_accumulator_value: NonNegative = 0.1
    l1_regularization_strength: NonNegative = 0.0
    l2_regularization_strength: NonNegative = 0.0
    l2_shrinkage_regularization_strength: NonNegative = 0.0
    beta: NonNegative = 0.0

    def slots(self) -> Mapping[str, Slot]:
        """``accumulator`` and ``linear``."""
        return {"accumulator": self.initial_accumulator_value, "linear": 0.0}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        former = self._power(slots["accumulator"])
        a = slots["accumulator"] + np.square(g)
        scale = self._power(a)
        pull = g + w * (2 * self.l2_shrinkage_regularization_strength)
        z = slots["linear"] + pull - (scale - former) / lr * w
        l1, l2 = self.l1_regularization_strength, self.l2_regularization_strength
        held = np.maximum(np.minimum(z, l1), -l1)
        return {"w": (held - z) / (scale / lr + (self.beta / lr + 2 * l2)), "accumulator": a, "linear": z}

    def _power(self, a: Any) -> Any:
        half = self.learning_rate_power == -0.5
        return np.sqrt(a) if half else np.power(a, -self.learning_rate_power)
