"""How far targets and predictions go together."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.config import epsilon
from denselite.losses.ranks import comparable
from denselite.metrics.mean import MeanOfSamples, functions
from denselite.metrics.metric import metrics

__all__ = ["ConcordanceCorrelation", "PearsonCorrelation", "concordance_correlation", "pearson_correlation"]


@functions.add
def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Return ``cov(t, p) / (std(t)·std(p))`` over ``axis``, in [-1, 1]; NaN where one of them is constant.

    ``t`` is ``y_true`` and ``p`` is ``y_pred``.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> pearson_correlation([[-1.0, 1.0]], [[2.0, 6.0]]).tolist()
        [1.0]
    """
    t, p = comparable("pearson_correlation", y_true, y_pred)
    t, p = (x - ops.mean(x, axis, keepdims=True) for x in (t, p))
    t, p = (ops.divide(x, ops.std(x, axis, keepdims=True)) for x in (t, p))
    return ops.mean(t * p, axis)


@functions.add
def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Return ``2·cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))²)`` over ``axis``, in [-1, 1].

    ``t`` is ``y_true`` and ``p`` is ``y_pred``. Only what is equal has 1: a scale or an offset, which
    ``pearson_correlation`` does not see, counts here.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Source:
        Lin (1989), A concordance correlation coefficient to evaluate reproducibility.

    Example:
        >>> import numpy as np
        >>> concordance_correlation(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 3.0, 4.0]])).round(4).tolist()
        [0.5714]
    """
    t, p = comparable("concordance_correlation", y_true, y_pred)
    centre_t, centre_p = (ops.mean(x, axis, keepdims=True) for x in (t, p))
    spread = ops.var(t, axis, keepdims=True) + ops.var(p, axis, keepdims=True) + ops.square(centre_t - centre_p)
    return ops.mean(2.0 * (t - centre_t) * (p - centre_p) / (spread + epsilon()), axis)


@metrics.register()
class PearsonCorrelation(MeanOfSamples):
    """``mean(pearson_correlation(y_true, y_pred))``: a value for each row.

    Args:
        axis: the axis that is correlated.

    Example:
        >>> round(float(PearsonCorrelation()([[1.0, 2.0, 3.0]], [[2.0, 4.0, 6.0]])), 4)
        1.0
    """

    name = "pearson_correlation"
    _direction = "up"
    axis: int = -1

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return pearson_correlation(y_true, y_pred, self.axis)


@metrics.register()
class ConcordanceCorrelation(MeanOfSamples):
    """``mean(concordance_correlation(y_true, y_pred))``: a value for each row.

    Args:
        axis: the axis that is correlated.

    Example:
        >>> round(float(ConcordanceCorrelation()([[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0]])), 4)
        0.5714
    """

    name = "concordance_correlation"
    _direction = "up"
    axis: int = -1

    def values(self, y_true: Any, y_pred: Any) -> Any:
        return concordance_correlation(y_true, y_pred, self.axis)
