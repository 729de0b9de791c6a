"""``Muon``: matrices move along an orthogonal matrix, everything else by AdamW."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np

from denselite.declared import Fraction, NonNegative, NonNegativeInt, Positive, Resolves, keyword
from denselite.errors import ArgumentError
from denselite.optimizers.adam import Decay, descend, moments
from denselite.optimizers.optimizer import Optimizer, Rate, Slot
from denselite.tensor.variable import Variable

__all__ = ["Muon"]


def _resolve_patterns(value: Any) -> Any:
    patterns = [] if value is None else value
    if not isinstance(patterns, list | tuple) or not all(isinstance(pattern, str) for pattern in patterns):
        raise ArgumentError(f"expected a list of regular expressions, such as ['logits'], got {value!r}.")
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ArgumentError(f"{pattern!r} is no regular expression: {error}.") from None
    return list(patterns)


Patterns = Annotated[Any, Resolves(_resolve_patterns)]


class Muon(Optimizer):
    """Momentum whose step is made orthogonal: no direction of a matrix is left behind.

    For a matrix: ``m ← momentum·m + g``, ``d = g + momentum·m`` (``m`` without ``nesterov``),
    ``w ← w - lr · rms_rate·sqrt(max(rows, columns)) · orthogonal(d)``, where ``orthogonal`` takes
    ``ns_steps`` of Newton and Schulz: from ``x = d/|d|``, ``x ← a·x + (b·xxᵀ + c·(xxᵀ)²)·x``.

    What has not two axes, embeddings and ``exclude_layers`` take AdamW's steps instead. A model's last layer
    is usually excluded.

    Args:
        learning_rate: a number >= 0, a schedule, or a callable without arguments.
        adam_beta_1: AdamW's decay of the mean, from 0 to below 1.
        adam_beta_2: AdamW's decay of the mean square, from 0 to below 1.
        adam_weight_decay: AdamW's weight decay, 0 or more, or None.
        epsilon: AdamW's, positive.
        weight_decay: weight decay of the matrices, 0 or more, or None.
        exclude_layers: regular expressions; weights in whose path one is found take AdamW's steps.
        exclude_embeddings: whether weights with ``embedding`` in their path do.
        muon_a: factor of ``x``.
        muon_b: factor of ``xxᵀ``.
        muon_c: factor of ``(xxᵀ)²``.
        adam_lr_ratio: AdamW's learning rate as a share of ``learning_rate``, 0 or more.
        momentum: how much of the momentum stays, 0 to 1.
        ns_steps: how often to iterate, 0 or more.
        nesterov: look ahead along the momentum.
        rms_rate: how large a matrix' step is in the mean, as a share of the learning rate; None for
            ``lr·orthogonal(d)``.

    Raises:
        ArgumentError: ``exclude_layers`` is not a list of regular expressions.

    Source: Jordan et al., 2024, "Muon: An optimizer for hidden layers in neural networks"; Liu et al., 2025,
        "Muon is Scalable for LLM Training" for ``rms_rate``.

    Example:
        >>> Muon(exclude_layers=["logits"]).get_config()["ns_steps"]
        5
    """

    elementwise = False
    learning_rate: Rate = 0.001
    adam_beta_1: Decay = 0.9
    adam_beta_2: Decay = 0.999
    adam_weight_decay: NonNegative | None = 0.004
    epsilon: Positive = 1e-7
    weight_decay: NonNegative | None = 0.004
    exclude_layers: Patterns = keyword(default=None, kw_only=True)
    exclude_embeddings: bool = keyword(default=True, kw_only=True)
    muon_a: float = keyword(default=3.4445, kw_only=True)
    muon_b: float = keyword(default=-4.775, kw_only=True)
    muon_c: float = keyword(default=2.0315, kw_only=True)
    adam_lr_ratio: NonNegative = keyword(default=1, kw_only=True)
    momentum: Fraction = keyword(default=0.95, kw_only=True)
    ns_steps: NonNegativeInt = keyword(default=5, kw_only=True)
    nesterov: bool = keyword(default=True, kw_only=True)
    rms_rate: NonNegative | None = keyword(default=0.2, kw_only=True)

    def slots(self) -> Mapping[str, Slot]:
        """``momentum``, and AdamW's ``velocity``."""
        return {"momentum": 0.0, "velocity": lambda v: np.zeros(v.shape) if self._takes_adam(v) else None}

    def decay_of(self, variable: Variable) -> float | None:
        """Return AdamW's weight decay or the matrices'."""
        return self.adam_weight_decay if self._takes_adam(variable) else self.weight_decay

    def update(self, w: Any, g: Any, lr: Any, step: Any, **slots: Any) -> Mapping[str, Any]:
        """Return the new weights and slots."""
        if "velocity" in slots:
            betas, rate = (self.adam_beta_1, self.adam_beta_2), lr * self.adam_lr_ratio
            m, v = moments(g, slots["momentum"], slots["velocity"], *betas)
            return {"w": descend(w, m, v, rate, step, *betas, self.epsilon), "momentum": m, "velocity": v}
        m = slots["momentum"] * self.momentum + g
        direction = self._orthogonal(g + m * self.momentum if self.nesterov else m)
        scale = 1.0 if self.rms_rate is None else self.rms_rate * max(w.shape) ** 0.5
        return {"w": w - direction * (lr * scale), "momentum": m}

    def _takes_adam(self, variable: Variable) -> bool:
        patterns = [*self.exclude_layers, *(["(?i)embedding"] if self.exclude_embeddings else [])]
        return variable.ndim != 2 or any(re.search(pattern, variable.path) for pattern in patterns)

    def _orthogonal(self, x: Any) -> Any:
        """Bring the singular values near 1 by the products of the shorter side."""
        tall = x.shape[0] > x.shape[1]
        x = x / (np.sqrt(np.sum(np.square(x))) + 1e-7)
        for _ in range(self.ns_steps):
            gram = x.T @ x if tall else x @ x.T
            series = gram * self.muon_b + gram @ gram * self.muon_c
            x = x * self.muon_a + (x @ series if tall else series @ x)
        return x
