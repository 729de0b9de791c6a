"""What each output of a model is trained and judged by, and what that is called in logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from denselite.losses import Loss
from denselite.metrics import Mean, Metric

__all__ = ["Goal", "OutputGoal", "log_names"]


@dataclass(eq=False)
class Goal:
    """One loss of an output.

    Args:
        loss: the loss.
        weight: its factor in the total.
        tracker: its mean over an epoch, kept when the model has several losses.
    """

    loss: Loss
    weight: float = 1.0
    tracker: Mean | None = None


@dataclass(eq=False)
class OutputGoal:
    """What one output is trained and judged by.

    Args:
        losses: its losses.
        metrics: its metrics, unweighted.
        weighted: its metrics that use sample weights.
    """

    losses: list[Goal] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    weighted: list[Metric] = field(default_factory=list)


def log_names(goals: Sequence[OutputGoal], prefixes: Sequence[str]) -> dict[str, Metric]:
    """Return every metric by its log name; what has one name is numbered, in the order of Keras.

    Args:
        goals: one an output.
        prefixes: what stands before the names of each output.
    """
    counts: dict[str, int] = {}

    def unique(name: str) -> str:
        counts[name] = counts.get(name, 0) + 1
        return name if counts[name] == 1 else f"{name}_{counts[name] - 1}"

    found = {
        unique(f"{prefix}{metric.name}"): metric
        for prefix, goal in zip(prefixes, goals, strict=True)
        for metric in goal.metrics
    }
    for prefix, goal in zip(prefixes, goals, strict=True):
        for metric in goal.weighted:
            name = f"{prefix}{metric.name}"
            found[unique(f"{prefix}weighted_{metric.name}" if name in counts else name)] = metric
    return found
