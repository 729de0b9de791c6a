"""Steps divided by a root of past squared gradients, weight by weight: Adagrad, RMSprop and Adadelta."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from denselite.declared import Fraction, NonNegative, Positive
from denselite.optimizers.optimizer import Optimizer, Rate, Slot

__all__ = ["Adadelta", "Adagrad", "RMSprop"]


class Adagrad(Optimizer):
    """Steps that get shorter the more a weight has been updated.

    ``a ← a + g²``, ``w ← w - lr·g / sqrt(a + epsilon)``.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments; 1.0 in the paper.
        initial_accumulator_value: what ``a`` starts from, 0 or more.
        epsilon: added to ``a`` inside the root, positive.

    Source: Duchi et al., 2011; ``epsilon`` is inside the root, as in Keras.

    Example:
        >>> Adagrad().get_config()["initial_accumulator_value"]
        0.1
    """

    learning_rate: Rate = 0.001
    initial_accumulator_value: NonNegative = 0.1
    epsilon: Positive = 1e-7

    def slots(self) -> Mapping[str, Slot]:
        """``accumulator``."""
        return {"accumulator": self.initial_accumulator_value}

    def keeps_still(self) -> bool:
        """Nothing is forgotten."""
        return True

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and accumulator."""
        a = slots["accumulator"] + np.square(g)
        return {"w": w - g * lr / np.sqrt(a + self.epsilon), "accumulator": a}


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

    def slots(self) -> Mapping[str, Slot]:
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


class Adadelta(Optimizer):
    """Steps as long as the past steps were, for the size of the present gradient among the past ones.

    ``a ← rho·a + (1-rho)·g²``, ``s = g·sqrt(d + epsilon) / sqrt(a + epsilon)``,
    ``d ← rho·d + (1-rho)·s²``, ``w ← w - lr·s``.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments; 1.0 in the paper.
        rho: decay of the running means, 0 to 1.
        epsilon: added inside the roots, positive; the first steps are as long as its root.

    Source: Zeiler, 2012, "ADADELTA: An Adaptive Learning Rate Method".

    Example:
        >>> Adadelta().get_config()["rho"]
        0.95
    """

    interleaved = ("accumulated_grad", "accumulated_delta_var")
    learning_rate: Rate = 0.001
    rho: Fraction = 0.95
    epsilon: Positive = 1e-7

    def slots(self) -> Mapping[str, Slot]:
        """``accumulated_grad`` and ``accumulated_delta_var``."""
        return {"accumulated_grad": 0.0, "accumulated_delta_var": 0.0}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        a = slots["accumulated_grad"] * self.rho + np.square(g) * (1 - self.rho)
        d = slots["accumulated_delta_var"]
        s = g * np.sqrt(d + self.epsilon) / np.sqrt(a + self.epsilon)
        d = d * self.rho + np.square(s) * (1 - self.rho)
        return {"w": w - s * lr, "accumulated_grad": a, "accumulated_delta_var": d}
