"""F-scores: precision and recall in one number."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from denselite import ops
from denselite.config import epsilon
from denselite.declared import Interval, Positive
from denselite.errors import ShapeError, StateError
from denselite.losses.ranks import as_values, described
from denselite.metrics.metric import Metric, metrics

__all__ = ["F1Score", "FBetaScore"]

Average = Literal["micro", "macro", "weighted"] | None
Threshold = Annotated[float, Interval(gt=0, le=1)] | None

_FAINT = 1e-9  # the largest of a row says yes only if it is larger than this


class _FScore(Metric):
    """Base: subclasses declare the arguments in Keras' order."""

    _direction = "up"
    average = cast(Average, None)  # not annotated: no arguments of this class
    beta = 1.0
    threshold = cast("float | None", None)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_true, y_pred = as_values(y_true, self.dtype), as_values(y_pred, self.dtype)
        if y_pred.ndim != 2 or tuple(y_true.shape) != tuple(y_pred.shape):
            given, predicted = described(y_true.shape, y_pred.shape)
            raise ShapeError(
                f"{type(self).__name__} expects targets and predictions of one shape (batch, classes), got targets "
                f"{given} and predictions {predicted}. One-hot encode integer classes (utils.to_categorical)."
            )
        if not self.variables:
            self._add_counts(() if self.average == "micro" else (y_pred.shape[1],))
        said, true = ops.cast(self._says_yes(y_pred), self.dtype), y_true
        if sample_weight is not None:
            weight = as_values(sample_weight, self.dtype)
            weight = ops.expand_dims(weight, 1) if weight.ndim == 1 else weight
            said, true = said * weight, true * weight
        over = None if self.average == "micro" else 0
        right, predicted, actual = ops.sum(said * y_true, over), ops.sum(said, over), ops.sum(true, over)
        self.true_positives.assign_add(right)
        self.false_positives.assign_add(predicted - right)
        self.false_negatives.assign_add(actual - right)
        self.intermediate_weights.assign_add(actual)

    def _add_counts(self, shape: tuple[int, ...]) -> None:
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.false_positives = self.add_variable(shape, name="false_positives")
        self.false_negatives = self.add_variable(shape, name="false_negatives")
        self.intermediate_weights = self.add_variable(shape, name="intermediate_weights")

    def _says_yes(self, y_pred: Any) -> Any:
        if self.threshold is not None:
            return ops.greater(y_pred, self.threshold)
        largest = ops.greater_equal(y_pred, ops.max(y_pred, -1, keepdims=True))
        return ops.logical_and(largest, ops.greater(ops.absolute(y_pred), _FAINT))

    def result(self) -> Any:
        if not self.variables:
            raise StateError(f"{type(self).__name__} has seen no batch yet. Call update_state() first.")
        right = self.true_positives.value
        precision = right / (right + self.false_positives + epsilon())
        recall = right / (right + self.false_negatives + epsilon())
        square = self.beta**2
        score = (1.0 + square) * precision * recall / (square * precision + recall + epsilon())
        if self.average == "weighted":
            actual = self.intermediate_weights.value
            return ops.sum(score * (actual / (ops.sum(actual) + epsilon())))
        return score if self.average is None else ops.mean(score)


@metrics.register()
class FBetaScore(_FScore):
    """``(1 + β²)·precision·recall / (β²·precision + recall)`` of each class, or of all.

    Args:
        average: None: a number for each class; ``"micro"``: of the counts over all classes;
            ``"macro"``: the mean of the classes; ``"weighted"``: their mean by how often each occurs.
        beta: how many times as much recall counts as precision, > 0.
        threshold: what a prediction must exceed to be a yes, in (0, 1]; None: the largest of each row
            is one.

    Shapes:
        both ``(batch, classes)`` -> ``()``, or ``(classes,)`` without an average.

    Raises:
        ShapeError: other shapes.

    Source: van Rijsbergen, 1979, "Information Retrieval", chapter 7.

    Example:
        >>> metric = FBetaScore(average="micro", beta=2.0, threshold=0.5)
        >>> round(float(metric([[1, 1, 1], [1, 0, 0]], [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6]])), 4)
        0.5
    """

    average: Average = None
    beta: Positive = 1.0
    threshold: Threshold = None
    name = "fbeta_score"


@metrics.register()
class F1Score(_FScore):
    """``2·precision·recall / (precision + recall)`` of each class, or of all.

    Args:
        average: None: a number for each class; ``"micro"``: of the counts over all classes;
            ``"macro"``: the mean of the classes; ``"weighted"``: their mean by how often each occurs.
        threshold: what a prediction must exceed to be a yes, in (0, 1]; None: the largest of each row
            is one.

    Shapes:
        both ``(batch, classes)`` -> ``()``, or ``(classes,)`` without an average.

    Raises:
        ShapeError: other shapes.

    Example:
        >>> F1Score(threshold=0.5)([[1, 0], [1, 1]], [[0.9, 0.1], [0.9, 0.2]]).round(4).tolist()
        [1.0, 0.0]
    """

    average: Average = None
    threshold: Threshold = None
    name = "f1_score"
