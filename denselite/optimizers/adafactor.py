"""``Adafactor``: a mean square for each row and each column instead of each weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from denselite.declared import Interval, Positive
from denselite.optimizers.optimizer import Optimizer, Rate, Slot

__all__ = ["Adafactor"]


class Adafactor(Optimizer):
    """Adam without momentum, its mean square put together from rows and columns, its steps as large as the weights.

    With ``rho = min(lr, 1/sqrt(t))``, ``alpha = rho·max(epsilon_2, rms(w))``, ``b = 1 - t^beta_2_decay`` and
    ``s = g² + epsilon_1``: ``r ← b·r + (1-b)·mean(s, by row)``, ``c ← b·c + (1-b)·mean(s, by column)``,
    ``v = r·c / mean(r)`` (of fewer than 2 axes ``v ← b·v + (1-b)·s``), ``u = g / sqrt(v)``,
    ``w ← w - alpha·u / max(1, rms(u) / clip_threshold)``.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        beta_2_decay: how the decay ``b`` nears 1, 0 or less (at 0 it stays 0).
        epsilon_1: added to the squared gradient, positive.
        epsilon_2: the least root mean square that a weight counts as, positive.
        clip_threshold: the largest root mean square of ``u``, positive.
        relative_step: has no effect, as in Keras: a step is limited by ``1/sqrt(t)`` either way.

    Source: Shazeer & Stern, 2018, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost".

    Example:
        >>> Adafactor().get_config()["beta_2_decay"]
        -0.8
    """

    elementwise = False
    interleaved = ("r", "c", "velocity")
    learning_rate: Rate = 0.001
    beta_2_decay: Annotated[float, Interval(le=0)] = -0.8
    epsilon_1: Positive = 1e-30
    epsilon_2: Positive = 1e-3
    clip_threshold: Positive = 1.0
    relative_step: bool = True

    def slots(self) -> Mapping[str, Slot]:
        """``r`` for each row, ``c`` for each column (0-d and unused for fewer axes than 2), and ``velocity``."""
        return {
            "r": lambda w: np.zeros(w.shape[:-1] if w.ndim > 1 else ()),
            "c": lambda w: np.zeros((*w.shape[:-2], w.shape[-1]) if w.ndim > 1 else ()),
            "velocity": 0.0,
        }

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        alpha = np.minimum(lr, 1 / np.sqrt(step)) * np.maximum(_rms(w), self.epsilon_2)
        fresh = np.power(step, self.beta_2_decay)
        squared = np.square(g) + self.epsilon_1
        new = {}
        if w.ndim > 1:
            r = new["r"] = slots["r"] * (1 - fresh) + np.mean(squared, axis=-1) * fresh
            c = new["c"] = slots["c"] * (1 - fresh) + np.mean(squared, axis=-2) * fresh
            v = (r / np.mean(r, axis=-1, keepdims=True))[..., np.newaxis] * c[..., np.newaxis, :]
        else:
            v = slots["velocity"] * (1 - fresh) + squared * fresh
        u = g / np.sqrt(v)
        return new | {"w": w - u * (alpha / np.maximum(_rms(u) / self.clip_threshold, 1.0)), "velocity": v}


def _rms(x: Any) -> Any:
    return np.sqrt(np.mean(np.square(x)))
