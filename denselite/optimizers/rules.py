"""The update rules: SGD, RMSprop, Adam, AdamW. Each is its formula; the base has the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from annotated_types import Interval

from denselite.declared import Fraction, NonNegative, Positive
from denselite.optimizers.optimizer import Optimizer, Rate

__all__ = ["SGD", "Adam", "AdamW", "RMSprop"]

Decay = Annotated[float, Interval(ge=0, lt=1)]  # at 1 the bias correction divides by 0


class SGD(Optimizer):
    """Gradient descent, plain or with momentum.

    ``w ← w - lr·g``; with momentum ``m ← momentum·m - lr·g`` and ``w ← w + m``, with Nesterov's
    ``w ← w + momentum·m - lr·g``.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        momentum: how much of the last step goes into the next, 0 to 1.
        nesterov: look ahead along the momentum.

    Source: Sutskever et al., 2013; the learning rate is inside ``m``, as in Keras.

    Example:
        >>> SGD(0.1, momentum=0.9).get_config()["momentum"]
        0.9
    """

    learning_rate: Rate = 0.01
    momentum: Fraction = 0.0
    nesterov: bool = False

    def slots(self) -> dict[str, float]:
        """``momentum``, if it is used."""
        return {"momentum": 0.0} if self.momentum else {}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and momentum."""
        if not slots:
            return {"w": w - g * lr}
        g = g * lr
        m = slots["momentum"] * self.momentum - g
        return {"w": w + (m * self.momentum - g if self.nesterov else m), "momentum": m}


class RMSprop(Optimizer):
    """Steps divided by a running root mean square of the gradients.

    ``v ← rho·v + (1-rho)·g²``, ``w ← w - lr·g / sqrt(v + epsilon)``; centered subtracts the square
    of a running mean of ``g`` from ``v``; momentum accumulates the steps.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        rho: decay of the running mean, 0 to 1.
        momentum: how much of the last step goes into the next, 0 to 1.
        epsilon: added to ``v`` inside the root, positive.
        centered: divide by the running standard deviation instead.

    Source: Hinton's lecture 6e, 2012; ``epsilon`` is inside the root, as in Keras.

    Example:
        >>> RMSprop().name
        'rm_sprop'
    """

    interleaved = ()
    learning_rate: Rate = 0.001
    rho: Fraction = 0.9
    momentum: Fraction = 0.0
    epsilon: Positive = 1e-7
    centered: bool = False

    def slots(self) -> dict[str, float]:
        """``velocity``, and ``momentum`` and ``average_gradient`` where used."""
        return (
            {"velocity": 0.0}
            | ({"momentum": 0.0} if self.momentum else {})
            | ({"average_gradient": 0.0} if self.centered else {})
        )

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        velocity = slots["velocity"] * self.rho + np.square(g) * (1 - self.rho)
        new = {"velocity": velocity}
        scale = velocity
        if self.centered:
            average = slots["average_gradient"] * self.rho + g * (1 - self.rho)
            new["average_gradient"] = average
            scale = velocity - np.square(average)
        change = g * lr / np.sqrt(scale + self.epsilon)
        if self.momentum:
            change = new["momentum"] = slots["momentum"] * self.momentum + change
        return new | {"w": w - change}


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

    def slots(self) -> dict[str, float]:
        """``momentum`` and ``velocity``, and ``velocity_hat`` for amsgrad."""
        return {"momentum": 0.0, "velocity": 0.0} | ({"velocity_hat": 0.0} if self.amsgrad else {})

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        alpha = lr * np.sqrt(1 - np.power(self.beta_2, step)) / (1 - np.power(self.beta_1, step))
        m = slots["momentum"] * self.beta_1 + g * (1 - self.beta_1)
        v = slots["velocity"] * self.beta_2 + np.square(g) * (1 - self.beta_2)
        new = {"momentum": m, "velocity": v}
        if self.amsgrad:
            v = new["velocity_hat"] = np.maximum(slots["velocity_hat"], v)
        return new | {"w": w - m * alpha / (np.sqrt(v) + self.epsilon)}


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
