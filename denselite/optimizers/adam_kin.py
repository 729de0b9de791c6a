"""Kin of Adam: Adamax, Nadam and ScheduleFreeAdamW."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from denselite.declared import Fraction, NonNegativeInt, Positive
from denselite.optimizers.adam import Decay, moments
from denselite.optimizers.momentum import Share
from denselite.optimizers.optimizer import Optimizer, Rate, Slot
from denselite.tensor.variable import Variable

__all__ = ["Adamax", "Nadam", "ScheduleFreeAdamW"]


class Adamax(Optimizer):
    """Adam with the largest of the past gradients, fading, instead of their root mean square.

    ``m ← beta_1·m + (1-beta_1)·g``, ``u ← max(beta_2·u, |g|)``,
    ``w ← w - lr / (1-beta_1ᵗ) · m / (u + epsilon)``.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        beta_1: decay of the mean, from 0 to below 1.
        beta_2: decay of the maximum, 0 to 1.
        epsilon: added to ``u``, positive.

    Source: Kingma & Ba, 2015, section 7.1.

    Example:
        >>> Adamax().get_config()["beta_2"]
        0.999
    """

    interleaved = ("momentum", "norm")
    learning_rate: Rate = 0.001
    beta_1: Decay = 0.9
    beta_2: Fraction = 0.999
    epsilon: Positive = 1e-7

    def slots(self) -> Mapping[str, Slot]:
        """``momentum`` and ``norm``."""
        return {"momentum": 0.0, "norm": 0.0}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        m = slots["momentum"] * self.beta_1 + g * (1 - self.beta_1)
        u = np.maximum(slots["norm"] * self.beta_2, np.abs(g))
        alpha = lr / (1 - np.power(self.beta_1, step))
        return {"w": w - m * alpha / (u + self.epsilon), "momentum": m, "norm": u}


class Nadam(Optimizer):
    """Adam with Nesterov's momentum, which looks one step ahead.

    With ``uₜ = beta_1·(1 - 0.96ᵗ/2)`` and the product ``U`` of all ``u`` so far:
    ``w ← w - lr·(uₜ₊₁·m / (1 - U·uₜ₊₁) + (1-uₜ)·g / (1-U)) / (sqrt(v / (1-beta_2ᵗ)) + epsilon)``.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        beta_1: decay of the mean ``m``, from 0 to below 1.
        beta_2: decay of the mean square ``v``, from 0 to below 1.
        epsilon: added to the root, positive.

    Source: Dozat, 2015, "Incorporating Nesterov Momentum into Adam".

    Example:
        >>> Nadam().get_config()["epsilon"]
        1e-07
    """

    learning_rate: Rate = 0.001
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Positive = 1e-7

    def slots(self) -> Mapping[str, Slot]:
        """``momentum`` and ``velocity``."""
        return {"momentum": 0.0, "velocity": 0.0}

    def counters(self) -> Mapping[str, float]:
        """``u_product``, of all the ``u`` so far."""
        return {"u_product": 1.0}

    def count(self, step: Any, **counters: Any) -> Mapping[str, Any]:
        """Return the product with this step's ``u`` in it."""
        return {"u_product": counters["u_product"] * self._u(step)}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        m, v = moments(g, slots["momentum"], slots["velocity"], self.beta_1, self.beta_2)
        product, ahead = slots["u_product"], self._u(step + 1)
        mean = m * (ahead / (1 - product * ahead)) + g * ((1 - self._u(step)) / (1 - product))
        root = np.sqrt(v / (1 - np.power(self.beta_2, step)))
        return {"w": w - mean * lr / (root + self.epsilon), "momentum": m, "velocity": v}

    def _u(self, step: Any) -> Any:
        return self.beta_1 * (1 - 0.5 * np.power(0.96, step))


class ScheduleFreeAdamW(Optimizer):
    """AdamW that needs no schedule: the weights are drawn to the average of all points passed.

    ``v ← beta_2·v + (1-beta_2)·g²``, ``z ← z - lr·g / (sqrt(v / (1-beta_2ᵗ)) + epsilon)``,
    ``x ← (1 - 1/t)·x + z/t`` and ``w ← (1-beta_1)·z + beta_1·x``. ``z`` starts from the weights and is kept
    as ``momentum``; ``x`` is not kept, it follows from ``w`` and ``z``.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        beta_1: share of the average ``x`` in the weights, above 0 to 1.
        beta_2: decay of the mean square ``v``, from 0 to below 1.
        epsilon: added to the root, positive.
        warmup_steps: updates over which the learning rate rises from 0 on a straight line, 0 or more.

    Source: Defazio et al., 2024, "The Road Less Scheduled"; the points have equal shares in the average, and
        the weights stay at ``w`` outside training, too, as in Keras.

    Example:
        >>> ScheduleFreeAdamW().get_config()["warmup_steps"]
        0
    """

    learning_rate: Rate = 0.0025
    beta_1: Share = 0.9
    beta_2: Decay = 0.999
    epsilon: Positive = 1e-8
    warmup_steps: NonNegativeInt = 0

    def slots(self) -> Mapping[str, Slot]:
        """``momentum``, which starts as the weights, and ``velocity``."""
        return {"momentum": Variable.numpy, "velocity": 0.0}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        if self.warmup_steps:
            lr = lr * np.minimum(step / self.warmup_steps, 1.0)
        z = slots["momentum"]
        x = (w - z * (1 - self.beta_1)) / self.beta_1
        v = slots["velocity"] * self.beta_2 + np.square(g) * (1 - self.beta_2)
        z = z - g * lr / (np.sqrt(v / (1 - np.power(self.beta_2, step))) + self.epsilon)
        x = x * (1 - 1 / step) + z / step
        return {"w": z * (1 - self.beta_1) + x * self.beta_1, "momentum": z, "velocity": v}
