"""Steps along a running mean, divided by a running root mean square: Adam and AdamW."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from denselite.declared import Interval, NonNegative, Positive
from denselite.optimizers.optimizer import Optimizer, Rate, Slot

__all__ = ["Adam", "AdamW", "Decay", "descend", "moments"]

Decay = Annotated[float, Interval(ge=0, lt=1)]  # at 1 the bias correction divides by 0


def moments(g: Any, m: Any, v: Any, beta_1: float, beta_2: float) -> tuple[Any, Any]:
    """Return the running means of the gradient and of its square with one more gradient in them."""
    return m * beta_1 + g * (1 - beta_1), v * beta_2 + np.square(g) * (1 - beta_2)


def descend(w: Any, m: Any, v: Any, lr: Any, step: Any, beta_1: float, beta_2: float, epsilon: float) -> Any:
    """Return the weights after a step along ``m / sqrt(v)``, both corrected for their start at 0."""
    alpha = lr * np.sqrt(1 - np.power(beta_2, step)) / (1 - np.power(beta_1, step))
    return w - m * alpha / (np.sqrt(v) + epsilon)


class Adam(Optimizer):
    """Running means of the gradient and its square, corrected for their start at 0.

    ``m ← m + (1-beta_1)·(g-m)``, ``v ← v + (1-beta_2)·(g²-v)``,
    ``w ← w - lr·sqrt(1-beta_2^t)/(1-beta_1^t) · m / (sqrt(v) + epsilon)``.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        beta_1: decay of the mean, from 0 to below 1.
        beta_2: decay of the mean square, from 0 to below 1.
        epsilon: added to the root of the uncorrected ``v`` ("epsilon hat" of the paper), positive.
        amsgrad: divide by the largest ``v`` so far.

    Source: Kingma & Ba, 2015, just before section 2.1; Reddi et al., 2018 for amsgrad.

    Example:
        >>> Adam(1e-3).get_config()["beta_2"]
        0.999
    """

    learning_rate: Rate = 0.001
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Positive = 1e-7
    amsgrad: bool = False

    def slots(self) -> Mapping[str, Slot]:
        """``momentum`` and ``velocity``, and ``velocity_hat`` for amsgrad."""
        return {"momentum": 0.0, "velocity": 0.0} | ({"velocity_hat": 0.0} if self.amsgrad else {})

    def units(self, dtype: np.dtype[Any]) -> Mapping[str, float]:
        """Means are held as sums, but in float16, which has no room for them."""
        mean, square = 1 - self.beta_1, 1 - self.beta_2
        return {} if dtype == np.float16 else {"momentum": mean, "velocity": square, "velocity_hat": square}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        epsilon, units = self.epsilon, self.units(w.dtype)
        if units:
            root = units["velocity"] ** 0.5
            lr, epsilon = lr * (units["momentum"] / root), epsilon / root
            m, v = slots["momentum"] * self.beta_1 + g, slots["velocity"] * self.beta_2 + np.square(g)
        else:
            m, v = moments(g, slots["momentum"], slots["velocity"], self.beta_1, self.beta_2)
        new = {"momentum": m, "velocity": v}
        if self.amsgrad:
            v = new["velocity_hat"] = np.maximum(slots["velocity_hat"], v)
        return new | {"w": descend(w, m, v, lr, step, self.beta_1, self.beta_2, epsilon)}


class AdamW(Adam):
    """Adam with weight decay that does not go through the moments.

    ``w ← w - lr·weight_decay·w``, then Adam's step.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        weight_decay: share of each weight taken away per unit of learning rate, 0 or more.
        beta_1: decay of the mean, from 0 to below 1.
        beta_2: decay of the mean square, from 0 to below 1.
        epsilon: added to the root of the uncorrected ``v``, positive.
        amsgrad: divide by the largest ``v`` so far.

    Source: Loshchilov & Hutter, 2019.

    Example:
        >>> AdamW().weight_decay
        0.004
    """

    learning_rate: Rate = 0.001
    weight_decay: NonNegative | None = 0.004
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Positive = 1e-7
    amsgrad: bool = False
