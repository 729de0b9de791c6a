"""The area under a curve over all thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np

from denselite import ops
from denselite.config import epsilon
from denselite.declared import Resolves, keyword
from denselite.errors import ArgumentError, ShapeError, StateError
from denselite.losses.reduction import divide_no_nan
from denselite.metrics.metric import metrics
from denselite.metrics.thresholds import AnyThresholds, ConfusionCounts, Thresholds, even_thresholds

__all__ = ["AUC"]

Curve = Literal["ROC", "PR", "PRGAIN", "roc", "pr", "prgain"]
Summation = Literal["interpolation", "minoring", "majoring", "Interpolation", "Minoring", "Majoring"]


def _numbers(value: Any) -> Any:
    try:
        return None if value is None else np.asarray(value, np.float64).tolist()
    except (TypeError, ValueError):
        raise ArgumentError(f"it takes numbers, got {value!r:.80}.") from None


Numbers = Annotated[Any, Resolves(_numbers)]


@metrics.register()
class AUC(ConfusionCounts):
    """The area under the ROC or the precision-recall curve, from counts at many thresholds.

    ``sum((x[i] - x[i+1])·(y[i] + y[i+1]) / 2)`` over the thresholds, or another ``summation_method``.

    Args:
        num_thresholds: how many, 2 or more; the outer ones lie just outside [0, 1].
        curve: ``"ROC"``: recall over the rate of false positives; ``"PR"``: precision over recall;
            ``"PRGAIN"``: the gains of both (of what is better than always saying yes).
        summation_method: what counts between two thresholds: ``"interpolation"`` (for ``"PR"`` the one
            of Davis and Goadrich), or the lower (``"minoring"``) or higher (``"majoring"``) end.
        thresholds: in [0, 1], instead of those at equal distances.
        multi_label: each column is a curve of its own, and the result the mean of their areas.
        num_labels: how many columns ``multi_label`` has; the first batch tells otherwise.
        label_weights: what each column counts: its area with ``multi_label``, else its values.
        from_logits: predictions are logits, of which the sigmoid is the probability.

    Shapes:
        ``y_true`` and ``y_pred`` of one shape, ``(batch, labels)`` with ``multi_label`` -> ``()``.

    Raises:
        ArgumentError: fewer than two thresholds, or ``num_labels`` without ``multi_label``.
        ShapeError: the shapes differ, or are not ``(batch, labels)`` with ``multi_label``.

    Source:
        Davis and Goadrich (2006), The relationship between precision-recall and ROC curves.
        Flach and Kull (2015), Precision-recall-gain curves.

    Example:
        >>> float(AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
        0.75
    """

    _direction = "up"
    num_thresholds: int = 200
    curve: Curve = "ROC"
    summation_method: Summation = "interpolation"
    thresholds: AnyThresholds = keyword(default=None, kw_only=True)  # after name and dtype, as in Keras
    multi_label: bool = keyword(default=False, kw_only=True)
    num_labels: int | None = keyword(default=None, kw_only=True)
    label_weights: Numbers = keyword(default=None, kw_only=True)
    from_logits: bool = keyword(default=False, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.num_labels and not self.multi_label:
            raise ArgumentError("AUC() takes num_labels with multi_label=True only. Leave it out.")
        self._given = self.thresholds is not None
        inner = sorted(np.ravel(self.thresholds).tolist()) if self._given else []
        if self._given:
            self.num_thresholds = len(inner) + 2
        elif self.num_thresholds < 2:
            raise ArgumentError(f"AUC() argument 'num_thresholds' should be 2 or more, got {self.num_thresholds}.")
        else:
            inner = even_thresholds(self.num_thresholds)[1:-1]
        self.thresholds = [-epsilon(), *inner, 1.0 + epsilon()]
        self._thresholds = Thresholds(self.thresholds, open_ends=True)
        if self.num_labels or not self.multi_label:
            self._add_counts(*filter(None, [self.num_labels]))

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config["curve"], config["summation_method"] = self.curve.upper(), self.summation_method.lower()
        thresholds = config.pop("thresholds")
        return {**config, "thresholds": thresholds[1:-1]} if self._given else config

    def _count(self, positive: Any, scores: Any, weight: Any) -> None:
        if self.label_weights is not None and np.shape(self.label_weights) not in ((), (1,), scores.shape[-1:]):
            raise ShapeError(
                f"AUC expects label_weights of shape {scores.shape[-1:]}, got {np.shape(self.label_weights)}."
            )
        scores = ops.sigmoid(scores) if self.from_logits else scores
        if not self.multi_label:
            if self.label_weights is not None:
                weight = ops.cast(weight, scores.dtype) * np.asarray(self.label_weights, scores.dtype)
            super()._count(positive, scores, weight)
            return
        if scores.ndim != 2:
            raise ShapeError(f"AUC with multi_label=True expects shapes (batch, labels), got {scores.ndim} axes.")
        if not self.variables:
            self._add_counts(scores.shape[1])
        for kind, counts in self._thresholds.count(positive, scores, weight).items():
            getattr(self, kind).assign_add(counts)

    def result(self) -> Any:
        if not self.variables:
            raise StateError("AUC with multi_label=True has seen no batch yet. Call update_state() first.")
        area = self._area(*(getattr(self, kind).value for kind in self._kinds))
        if not self.multi_label:
            return area
        if self.label_weights is None:
            return ops.mean(area)
        weights = np.asarray(self.label_weights)
        return divide_no_nan(ops.sum(area * weights), weights.sum())

    def _area(self, tp: Any, fp: Any, tn: Any, fn: Any) -> Any:
        curve, method = self.curve.upper(), self.summation_method.lower()
        if (curve, method) == ("PR", "interpolation"):
            return _interpolated_precision_recall(tp, fp, fn)
        x, y = _points(curve, tp, fp, tn, fn)
        if method == "interpolation":
            heights = (y[:-1] + y[1:]) / 2.0
        else:
            heights = (ops.minimum if method == "minoring" else ops.maximum)(y[:-1], y[1:])
        return ops.sum((x[:-1] - x[1:]) * heights, 0)


def _points(curve: str, tp: Any, fp: Any, tn: Any, fn: Any) -> Sequence[Any]:
    """The curve's coordinates at each threshold."""
    recall = divide_no_nan(tp, tp + fn)
    if curve == "ROC":
        return divide_no_nan(fp, fp + tn), recall
    if curve == "PR":
        return recall, divide_no_nan(tp, tp + fp)
    odds = divide_no_nan(tp + fn, tn + fp)
    none = ops.equal(tp, 0.0)
    recall_gain, precision_gain = (1.0 - odds * divide_no_nan(wrong, tp) for wrong in (fn, fp))
    return ops.maximum(ops.where(none, 0.0, recall_gain), 0.0), ops.where(none, 1.0, precision_gain)


def _interpolated_precision_recall(tp: Any, fp: Any, fn: Any) -> Any:
    """Between two thresholds true positives grow linearly with all positives; precision follows from that."""
    predicted = tp + fp
    slope = divide_no_nan(tp[:-1] - tp[1:], predicted[:-1] - predicted[1:])
    intercept = tp[1:] - slope * predicted[1:]
    both = ops.logical_and(ops.greater(predicted[:-1], 0.0), ops.greater(predicted[1:], 0.0))
    ratio = ops.where(both, divide_no_nan(predicted[:-1], predicted[1:]), 1.0)
    gained = slope * (tp[:-1] - tp[1:] + intercept * ops.log(ratio))
    return ops.sum(divide_no_nan(gained, tp[1:] + fn[1:]), 0)
