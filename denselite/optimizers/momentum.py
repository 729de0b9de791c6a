"""Steps along a momentum: SGD and Lion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from denselite.declared import Fraction, Interval
from denselite.optimizers.optimizer import Optimizer, Rate, Slot

__all__ = ["SGD", "Lion", "Share"]

Share = Annotated[float, Interval(gt=0, le=1)]


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

    def slots(self) -> Mapping[str, Slot]:
        """``momentum``, if it is used."""
        return {"momentum": 0.0} if self.momentum else {}

    def keeps_still(self) -> bool:
        """A momentum goes on."""
        return not self.momentum

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and momentum."""
        if not slots:
            return {"w": w - g * lr}
        g = g * lr
        m = slots["momentum"] * self.momentum - g
        return {"w": w + (m * self.momentum - g if self.nesterov else m), "momentum": m}


class Lion(Optimizer):
    """Steps of one size, in the direction of a momentum's sign.

    ``w ← w - lr·sign(beta_1·m + (1-beta_1)·g)``, then ``m ← beta_2·m + (1-beta_2)·g``. Its learning rate is
    usually a third to a tenth of Adam's.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        beta_1: share of the momentum in the direction, above 0 (there it would be the gradient's sign) to 1.
        beta_2: decay of the momentum, 0 to 1.

    Source: Chen et al., 2023, "Symbolic Discovery of Optimization Algorithms".

    Example:
        >>> Lion().get_config()["beta_2"]
        0.99
    """

    learning_rate: Rate = 0.001
    beta_1: Share = 0.9
    beta_2: Fraction = 0.99

    def slots(self) -> Mapping[str, Slot]:
        """``momentum``."""
        return {"momentum": 0.0}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and momentum."""
        m = slots["momentum"]
        return {
            "w": w - np.sign(m * self.beta_1 + g * (1 - self.beta_1)) * lr,
            "momentum": m * self.beta_2 + g * (1 - self.beta_2),
        }
