"""Which way a metric is better, told by its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

__all__ = ["metric_direction"]

Direction = Literal["up", "down"]

# A name counts, whatever its case, when it is one of these or ends in "_" and one of these: "out_accuracy", "AUC".
_BETTER: dict[Direction, tuple[str, ...]] = {
    "up": (
        "acc",
        "accuracy",
        "auc",
        "correlation",
        "cosine_similarity",
        "f1_score",
        "f_beta_score",
        "fbeta_score",
        "io_u",
        "iou",
        "precision",
        "r2_score",
        "recall",
        "sensitivity",
        "specificity",
        "true_negatives",
        "true_positives",
    ),
    "down": (
        "bce",
        "crossentropy",
        "error",
        "false_negatives",
        "false_positives",
        "hinge",
        "kl_divergence",
        "log_cosh",
        "logcosh",
        "loss",
        "mae",
        "mape",
        "mse",
        "msle",
        "poisson",
        "rmse",
    ),
}


def metric_direction(name: str, model: Any) -> Direction | None:
    """Return whether larger (``"up"``) or smaller (``"down"``) is better, or ``None`` if unknown.

    The model's own metric of that name is asked first (its ``_direction``), then the table of known
    names, which also knows them behind an output's name and before a number.

    Args:
        name: a name as it is logged, with or without ``val_``.
        model: an object whose ``metrics`` are looked through; anything else has none.

    Example:
        >>> metric_direction("val_loss", None), metric_direction("out_auc_1", None)
        ('down', 'up')
        >>> metric_direction("score", None) is None
        True
    """
    name = name.removeprefix("val_")
    if name == "loss":
        return "down"
    for metric in _metrics(model):
        if metric.name == name and getattr(metric, "_direction", None) in _BETTER:
            found: Direction = metric._direction
            return found
    stem, _, number = name.lower().rpartition("_")
    stem = stem if number.isdigit() else name.lower()
    for direction, endings in _BETTER.items():
        if any(stem == ending or stem.endswith(f"_{ending}") for ending in endings):
            return direction
    return None


def _metrics(holder: Any) -> Iterator[Any]:
    """Every metric of the model, those in containers too."""
    for metric in getattr(holder, "metrics", ()):
        yield metric
        yield from _metrics(metric)
