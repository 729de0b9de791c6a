"""Counting what is right and wrong above thresholds, for all of them in one pass over a batch.

A prediction says yes at every threshold it exceeds. So it is enough to know how many it exceeds: the
batch is sorted into bins by that number, and a running sum over the bins counts every threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast

import numpy as np

from denselite import ops
from denselite.config import epsilon
from denselite.declared import Resolves
from denselite.errors import ArgumentError, ShapeError
from denselite.losses.ranks import as_values, described, expect_same_shape, same_rank
from denselite.metrics.metric import Metric
from denselite.ops.bins import bin_sums
from denselite.tensor.room import claim

__all__ = ["NEVER", "AnyThresholds", "ConfusionCounts", "Thresholds", "even_thresholds"]

NEVER = -1e10  # a score below every threshold; also the threshold where being among the top k is enough


def _as_thresholds(value: Any) -> Any:
    """Return one threshold or a list of them, as given.

    Raises:
        ArgumentError: they are no numbers in [0, 1].
    """
    if value is None:
        return None
    plain = np.asarray(value).tolist()
    entries = plain if isinstance(plain, list) else [plain]
    if not entries or not all(isinstance(entry, int | float) and 0 <= entry <= 1 for entry in entries):
        raise ArgumentError(f"Thresholds are numbers in [0, 1], one or a list, got {value!r}.")
    return plain


AnyThresholds = Annotated[Any, Resolves(_as_thresholds)]


def even_thresholds(count: int) -> list[float]:
    """Return ``count`` thresholds from 0 to 1 at equal distances."""
    claim("Thresholds", (count,), 40)
    return [i / (count - 1) for i in range(count)]


class Thresholds:
    """Thresholds in any order, and how many of them each score exceeds.

    Thresholds at equal distances need no search: the number follows from the score, by Keras' formula,
    which rounds like Keras for a score that lies on a threshold.

    Args:
        values: the thresholds.
        open_ends: the outer two lie just outside [0, 1], so that the first is always exceeded.
    """

    def __init__(self, values: Sequence[float], open_ends: bool = False) -> None:
        self.values = np.asarray(values, np.float64)
        self.open_ends = open_ends
        within = np.clip(self.values, 0.0, 1.0) if open_ends else self.values
        last = len(values) - 1
        self._even = last > 1 and np.allclose(within, np.arange(last + 1) / last, atol=epsilon())
        order = np.argsort(self.values, kind="stable")
        self._sorted = self.values[order]
        self._places = None if np.array_equal(order, np.arange(last + 1)) else np.argsort(order)

    def exceeded_by(self, scores: Any) -> Any:
        """Return how many thresholds each score exceeds."""
        last = len(self.values) - 1
        if self._even:
            steps = ops.cast(ops.minimum(ops.ceil(scores * float(last)), float(last)), np.intp)
            return ops.maximum(steps, int(self.open_ends))  # also where a score is negative or NaN
        if not last:
            return ops.cast(ops.greater(scores, float(self.values[0])), np.intp)
        return ops.searchsorted(self._sorted.astype(scores.dtype), scores)

    def count(self, positive: Any, scores: Any, weight: Any) -> dict[str, Any]:
        """Return what is right and wrong at each threshold.

        Args:
            positive: whether a sample is of the class.
            scores: how sure the model is that it is.
            weight: what each sample counts.

        Shapes:
            all ``(samples, labels)`` -> ``(thresholds, labels)``.
        """
        labels = scores.shape[1]
        size = len(self.values) + 1
        row = ops.cast(positive, np.intp) * labels
        if labels > 1:
            row = row + np.arange(labels)
        places = row * size + self.exceeded_by(scores)
        sums = bin_sums(ops.reshape(weight, (-1,)), ops.reshape(places, (-1,)), 2 * labels * size)
        upwards = ops.flip(ops.transpose(ops.reshape(sums, (2, labels, size)), (0, 2, 1)), 1)
        at_least = ops.flip(ops.cumsum(upwards, 1), 1)  # those that exceed so many thresholds or more
        above = at_least[:, 1:] if self._places is None else ops.take(at_least[:, 1:], self._places, 1)
        false, true = above[0], above[1]
        return {
            "true_positives": true,
            "false_positives": false,
            "true_negatives": at_least[0, :1] - false,
            "false_negatives": at_least[1, :1] - true,
        }


class ConfusionCounts(Metric):
    """Base of the metrics that count true and false positives and negatives at thresholds.

    A subclass has ``_thresholds`` and makes one variable, an attribute, for each kind that it counts.
    """

    _kinds = cast("tuple[str, ...]", ("true_positives", "false_positives", "true_negatives", "false_negatives"))
    _thresholds = cast(Thresholds, None)
    top_k = cast("int | None", None)  # not annotated: arguments of some subclasses only
    class_id = cast("int | None", None)

    def _add_counts(self, *labels: int) -> None:
        for kind in self._kinds:
            setattr(self, kind, self.add_variable((len(self._thresholds.values), *labels), name=kind))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred, y_true = same_rank(as_values(y_pred, self.dtype), as_values(y_true, self.dtype))
        expect_same_shape(type(self).__name__, y_true, y_pred)
        weight = _fitted(sample_weight, y_true, self.dtype)
        if self.top_k is not None:
            y_pred = _only_top(y_pred, self.top_k)
        if self.class_id is not None:
            y_true, y_pred = (self._of_class(values, self.class_id) for values in (y_true, y_pred))
        self._count(ops.not_equal(y_true, 0), y_pred, _repeated(weight, y_pred))

    def _of_each_threshold(self, values: Any) -> Any:
        """Return a number for each threshold, just the number if there is one threshold."""
        return values[0] if len(self._thresholds.values) == 1 else values

    def _of_class(self, values: Any, class_id: int) -> Any:
        if values.ndim < 2 or not 0 <= class_id < values.shape[-1]:
            raise ShapeError(
                f"{type(self).__name__} with class_id={class_id} needs targets and predictions of shape "
                f"(batch, {class_id + 1} classes or more), got {described(values.shape)[0]}."
            )
        return values[..., class_id : class_id + 1]

    def _count(self, positive: Any, scores: Any, weight: Any) -> None:
        """Add a batch to the variables; all values count alike, whatever axes they have."""
        column = [ops.reshape(values, (-1, 1)) for values in (positive, scores, weight)]
        for kind, counts in self._thresholds.count(*column).items():
            if kind in self._kinds:
                getattr(self, kind).assign_add(counts[:, 0])


def _fitted(sample_weight: Any, y_true: Any, dtype: str) -> Any:
    """Weights with an axis for the classes; None for none."""
    if sample_weight is None:
        return None
    weight = ops.expand_dims(as_values(sample_weight, dtype), -1)
    return same_rank(y_true, weight, expand_rank_1=False)[1]


def _repeated(weight: Any, scores: Any) -> Any:
    if weight is None:
        return ops.ones_like(scores, np.intp)  # integers count exactly, however many there are
    try:
        return ops.broadcast_to(weight, scores.shape)
    except ShapeError:
        given, expected = described(weight.shape, scores.shape)
        raise ShapeError(f"sample_weight of shape {given} does not fit predictions of shape {expected}.") from None


def _only_top(scores: Any, k: int) -> Any:
    """Scores where they are among the ``k`` largest of their row, ``NEVER`` elsewhere."""
    _, best = ops.top_k(scores, k)
    among = ops.any(ops.one_hot(best, scores.shape[-1], "bool"), axis=-2)
    return ops.where(among, scores, NEVER)
