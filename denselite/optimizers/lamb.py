"""``Lamb``: Adam's steps, as long as the weights they change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from denselite.declared import Positive
from denselite.optimizers.adam import Decay, moments
from denselite.optimizers.optimizer import Optimizer, Rate, Slot

__all__ = ["Lamb"]


class Lamb(Optimizer):
    """Adam for large batches: each weight moves by a share of its own norm.

    With Adam's corrected step ``u = (m / (1-beta_1ᵗ)) / (sqrt(v / (1-beta_2ᵗ)) + epsilon)``:
    ``w ← w - lr · |w|/|u| · u``, the norms over the whole weight; where one of them is 0, ``w ← w - lr·u``.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        beta_1: decay of the mean ``m``, from 0 to below 1.
        beta_2: decay of the mean square ``v``, from 0 to below 1.
        epsilon: added to the root, positive.

    Source: You et al., 2020, "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes";
        weight decay comes before the step, as in Keras, not into ``u``.

    Example:
        >>> Lamb().get_config()["beta_1"]
        0.9
    """

    elementwise = False
    learning_rate: Rate = 0.001
    beta_1: Decay = 0.9
    beta_2: Decay = 0.999
    epsilon: Positive = 1e-7

    def slots(self) -> Mapping[str, Slot]:
        """``momentum`` and ``velocity``."""
        return {"momentum": 0.0, "velocity": 0.0}

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        m, v = moments(g, slots["momentum"], slots["velocity"], self.beta_1, self.beta_2)
        root = np.sqrt(v / (1 - np.power(self.beta_2, step)))
        u = m / (1 - np.power(self.beta_1, step)) / (root + self.epsilon)
        w_norm, u_norm = _norm(w), _norm(u)
        trust = np.where((w_norm > 0) & (u_norm > 0), w_norm / u_norm, 1.0)
        return {"w": w - u * (trust * lr), "momentum": m, "velocity": v}


def _norm(x: Any) -> Any:
    return np.sqrt(np.sum(np.square(x)))
