"""Losses from distributions: between two of them, and for counts."""

from __future__ import annotations

from typing import Any

from denselite import ops
from denselite.config import epsilon
from denselite.losses.loss import Loss, losses
from denselite.losses.ranks import comparable

__all__ = ["KLDivergence", "Poisson", "kl_divergence", "poisson"]


def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """Return ``sum(y_true·log(y_true / y_pred))`` over the last axis, both clipped to ``[epsilon, 1]``.

    Args:
        y_true: probabilities.
        y_pred: predicted probabilities.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Source:
        Kullback and Leibler, 1951, "On Information and Sufficiency".

    Example:
        >>> round(float(kl_divergence([[0.5, 0.5]], [[0.25, 0.75]])[0]), 4)
        0.1438
    """
    y_true, y_pred = comparable("kl_divergence", y_true, y_pred)
    t, p = ops.clip(y_true, epsilon(), 1.0), ops.clip(y_pred, epsilon(), 1.0)
    return ops.sum(t * ops.log(t / p), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Any:
    """Return ``mean(y_pred - y_true·log(y_pred + epsilon))`` over the last axis.

    Args:
        y_true: counts.
        y_pred: predicted means, not negative.

    Shapes:
        both ``(batch, ..., d)`` -> ``(batch, ...)``.

    Raises:
        ShapeError: the shapes differ by more than a last axis of size 1.

    Example:
        >>> round(float(poisson([[2.0, 0.0]], [[1.0, 3.0]])[0]), 4)
        2.0
    """
    y_true, y_pred = comparable("poisson", y_true, y_pred)
    return ops.mean(y_pred - y_true * ops.log(y_pred + epsilon()), axis=-1)


losses.add(kl_divergence, "kld", "KLD")
losses.add(poisson)


@losses.add
class KLDivergence(Loss):
    """``sum(y_true·log(y_true / y_pred))``: what it costs to take one distribution for another.

    Example:
        >>> round(float(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
        0.1438
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return kl_divergence(y_true, y_pred)


@losses.add
class Poisson(Loss):
    """``mean(y_pred - y_true·log(y_pred))``: for counts, of which the mean is predicted.

    Example:
        >>> round(float(Poisson()([[2.0, 0.0]], [[1.0, 3.0]])), 4)
        2.0
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return poisson(y_true, y_pred)
