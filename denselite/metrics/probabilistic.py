"""Divergence and likelihood as metrics."""

from __future__ import annotations

from typing import Any

from denselite.losses.probabilistic import kl_divergence, poisson
from denselite.metrics.mean import MeanOfSamples
from denselite.metrics.metric import metrics

__all__ = ["KLDivergence", "Poisson"]


@metrics.register()
class KLDivergence(MeanOfSamples):
    """The mean of ``sum(t·log(t / p))`` over the classes.

    Example:
        >>> round(float(KLDivergence()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    name = "kl_divergence"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return kl_divergence(y_true, y_pred)


@metrics.register()
class Poisson(MeanOfSamples):
    """The mean of ``p - t·log(p)``: targets are counts, predictions their expected values.

    Example:
        >>> round(float(Poisson()([[1.0, 2.0]], [[1.0, 1.0]])), 4)
        1.0
    """

    name = "poisson"
    _direction = "down"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return poisson(y_true, y_pred)
